/**
 * A change, a fault that ends it badly, and what happens since, from a seed: what `npm run sim` puts a
 * transaction and its recovery through. Owns the kinds of such scenarios.
 */
import type { FaultAt } from '../../src/simulator/fault.ts';
import { type Random, seeded } from '../../src/simulator/random.ts';
import type { Scenario, Since } from './aftermath.ts';
import { drawFault } from './draw.ts';
import { CHANGES, NODES } from './fault-run.ts';

export const AFTERMATHS = ['by-hand', 'beside', 'return', 'journal-lost'] as const;
export type AftermathKind = (typeof AFTERMATHS)[number];

const CALLS_MAX = 45;
const DAY_MS = 24 * 3_600_000;
const MINUTE_MS = 60_000;
const [first = '', ...others] = NODES;
const anyNode = (random: Random): string => random.pick([first, ...others]);

const bricksOf = (volume: string, disk: string): readonly string[] =>
  NODES.map((n) => `${n}:/bricks/${disk}/${volume}`);

/** Commands of an administrator that knows nothing of the transaction. */
function drawByHand(random: Random): readonly string[] {
  const key = random.pick(['auth.allow', 'performance.io-thread-count', 'user.who']);
  const value = { 'auth.allow': '10.*', 'performance.io-thread-count': '24', 'user.who': 'eva' }[key] ?? '';
  const from = `${anyNode(random)}:/bricks/d1/old`;
  return random.pick<() => readonly string[]>([
    () => ['volume', 'set', random.pick(['old', 'old', 'idle', 'new']), key, value],
    () => ['volume', 'set', 'old', 'network.ping-timeout', '33'],
    () => ['volume', 'set', 'old', 'performance.cache-size', '128MB', key, value],
    () => ['volume', 'add-brick', 'old', ...bricksOf('old2', 'd2')],
    () => ['volume', 'remove-brick', 'old', ...bricksOf('old2', 'd2'), 'force'],
    () => ['volume', 'replace-brick', 'old', from, from.replace('/d1/old', '/d3/old3'), 'commit', 'force'],
    () => ['volume', 'stop', random.pick(['old', 'idle', 'new'])],
    () => ['volume', 'start', random.pick(['old', 'idle', 'new'])],
    () => ['volume', 'delete', random.pick(['idle', 'new'])],
  ])();
}

const waits = (random: Random): Since => ({
  kind: 'wait',
  ms: random.pick([10_000, 5 * MINUTE_MS, 30 * MINUTE_MS, 90 * MINUTE_MS, 3 * DAY_MS]),
});

const byHand = (random: Random, count: number): readonly Since[] =>
  Array.from({ length: count }, () => ({
    kind: 'by-hand',
    node: anyNode(random),
    argv: drawByHand(random),
  }));

const death = (random: Random): FaultAt => ({
  at: random.int(8, CALLS_MAX),
  fault: { kind: 'controller-death', silent: random.chance(0.5) },
});
const anyFault = (random: Random): FaultAt => ({ at: random.int(1, CALLS_MAX), fault: drawFault(random) });

/** The commit fails on one node. */
function refusing(random: Random, change: string): readonly FaultAt[] {
  const node = anyNode(random);
  const own = { create: '', start: '/idle', delete: '/idle' }[change] ?? '/old';
  // One that is not touched keeps no commit from its end, and its glusterd from a start.
  const path = `/var/lib/glusterd/vols${random.chance(0.2) ? '/idle' : own}`;
  const at = random.int(8, 20);
  return [{ at, fault: { kind: 'immutable', node, path } }];
}

const KINDS: {
  readonly [kind in AftermathKind]: (random: Random, change: string) => Omit<Scenario, 'change'>;
} = {
  'by-hand': (random) => ({
    faults: [death(random), ...(random.chance(0.3) ? [anyFault(random)] : [])],
    since: [waits(random), ...byHand(random, random.int(1, 3)), waits(random)],
  }),
  beside: (random, change) => ({
    faults: [
      ...Array.from({ length: random.int(1, 2) }, (): FaultAt => ({
        at: random.int(1, CALLS_MAX),
        fault: {
          kind: 'admin',
          node: anyNode(random),
          argv: drawByHand(random),
          ...(random.chance(0.5) && { afterMs: random.int(0, 400) }),
        },
      })),
      ...(random.chance(0.4) ? [anyFault(random)] : refusing(random, change)),
    ],
    since: random.chance(0.5) ? [] : [waits(random)],
  }),
  return: (random, change) => {
    const node = anyNode(random);
    const off: FaultAt = { at: random.int(8, CALLS_MAX), fault: { kind: 'power-off', node } };
    const early: readonly Since[] = random.chance(0.5) ? [{ kind: 'recover' }] : [];
    return {
      faults: [off, ...(random.chance(0.3) ? [death(random)] : refusing(random, change))],
      since: [
        waits(random),
        ...early,
        ...(random.chance(0.2) ? byHand(random, 1) : []),
        { kind: 'power-on', node },
        waits(random),
      ],
    };
  },
  'journal-lost': (random) => ({
    faults: [death(random), ...(random.chance(0.3) ? [anyFault(random)] : [])],
    since: [
      waits(random),
      { kind: 'lose-journal', node: anyNode(random) },
      ...(random.chance(0.2) ? byHand(random, 1) : []),
    ],
  }),
};

export function drawAftermath(seed: number, kind: AftermathKind): Scenario {
  const random = seeded(seed);
  const [one = '', ...more] = Object.keys(CHANGES);
  const change = random.pick([one, ...more]);
  return { change, ...KINDS[kind](random, change) };
}
