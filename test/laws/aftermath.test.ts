/** What others did since a transaction began stands after its recovery, and no glusterd stays down. */
import { expect, it } from 'vitest';
import type { FaultAt } from '../../src/simulator/fault.ts';
import { STORE } from '../../src/simulator/world.ts';
import { aftermathRun, type Since } from './aftermath.ts';
import { drawAftermath } from './draw-aftermath.ts';
import { CHANGES } from './fault-run.ts';

const LIMIT_MS = 120_000;
const HOUR_MS = 3_600_000;
const committing: FaultAt['at'] = ({ kind, op }) => kind === 'perform' && op?.kind === 'gluster';
const DEATH: FaultAt = { at: committing, fault: { kind: 'controller-death', silent: false, when: 'after' } };
const bricks = ['node01', 'node02', 'node03'].map((n) => `${n}:/bricks/d2/old2`);
const byHand = (...words: readonly string[]): Since => ({
  kind: 'by-hand',
  node: 'node02',
  argv: ['volume', ...words],
});

it.each([
  ['another option', 'options', byHand('set', 'old', 'auth.allow', '10.*')],
  ['the same option', 'options', byHand('set', 'old', 'network.ping-timeout', '33')],
  ['an option of a stopped volume', 'stop', byHand('set', 'old', 'auth.allow', '10.*')],
  ['a brick that was added', 'options', byHand('add-brick', 'old', ...bricks)],
  [
    'a brick that was replaced',
    'options',
    byHand('replace-brick', 'old', 'node01:/bricks/d1/old', 'node01:/bricks/d3/old', 'commit', 'force'),
  ],
  ['a volume that was stopped', 'options', byHand('stop', 'old')],
  ['a volume that was deleted', 'options', byHand('delete', 'idle')],
])('%s by hand, between a crash and its recovery, is not taken back', async (_, change, deed) => {
  const { broken, recoveries } = await aftermathRun({ change, faults: [DEATH], since: [deed] }, 1);
  expect(broken).toEqual([]);
  expect(recoveries.at(-1)).toBe(0);
});

it('a transaction that nobody touched is finished by "recover --yes" alone while it is fresh', async () => {
  for (const change of Object.keys(CHANGES)) {
    const fresh = await aftermathRun({ change, faults: [DEATH], since: [] }, 1);
    expect({ change, ...fresh }).toMatchObject({ change, broken: [], recoveries: [0] });
    const since: readonly Since[] = [{ kind: 'wait', ms: 2 * HOUR_MS }];
    const old = await aftermathRun({ change, faults: [DEATH], since }, 1);
    expect({ change, ...old }).toMatchObject({ change, broken: [], recoveries: [8, 0] });
  }
});

it.each([1, 2, 3])(
  'puts nothing back that node0%i, whose store takes no writes, would take away',
  async (n) => {
    const fault = { kind: 'immutable', node: `node0${String(n)}`, path: `${STORE}/vols/old` } as const;
    const scenario = { change: 'stop', faults: [{ at: committing, fault }], since: [] };
    const { broken, recoveries, trace, exit } = await aftermathRun(scenario, 1);
    expect({ broken, recoveries, exit }).toEqual({ broken: [], recoveries: [0], exit: 6 });
    expect(trace.filter((line) => line.includes('imports'))).toEqual([]);
    // Once to begin with, and again to undo the stop: clients are served until somebody repairs the store.
    expect(trace.filter((line) => / volume start old( force)?$/.test(line)).length).toBeGreaterThan(1);
  },
);

it(
  'no law is broken by what is done by hand',
  async () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { broken } = await aftermathRun(drawAftermath(seed, 'by-hand'), seed);
      expect({ seed, broken }).toEqual({ seed, broken: [] });
    }
  },
  LIMIT_MS,
);

it('a new volume whose changes are discarded goes from a node without journal too', async () => {
  const since: readonly Since[] = [
    { kind: 'lose-journal', node: 'node01' },
    byHand('set', 'new', 'user.who', 'eva'),
  ];
  const died: FaultAt = { at: 26, fault: { kind: 'controller-death', silent: true } };
  const { broken, recoveries } = await aftermathRun({ change: 'create', faults: [died], since }, 128759);
  expect({ broken, recoveries }).toEqual({ broken: [], recoveries: [8, 8, 0] });
});

it('peers that reject each other compare again, though one of them has no journal', async () => {
  const faults: readonly FaultAt[] = [
    { at: 25, fault: { kind: 'controller-death', silent: false } },
    { at: 24, fault: { kind: 'restart-glusterd', node: 'node03', when: 'before' } },
  ];
  const since: readonly Since[] = [{ kind: 'lose-journal', node: 'node03' }];
  const { broken, recoveries } = await aftermathRun({ change: 'stop', faults, since }, 1_037_564);
  expect({ broken, recoveries }).toEqual({ broken: [], recoveries: [8, 0] });
});

it('what others change while a lost node is waited for is not taken back', async () => {
  const admin = (at: number, afterMs: number, ...argv: readonly string[]): FaultAt => ({
    at,
    fault: { kind: 'admin', node: at === 21 ? 'node01' : 'node03', argv, afterMs },
  });
  const faults = [
    admin(21, 350, 'volume', 'set', 'old', 'network.ping-timeout', '33'),
    admin(12, 366, 'volume', 'remove-brick', 'old', ...bricks, 'force'),
    { at: 19, fault: { kind: 'drop-answer' } } satisfies FaultAt,
  ];
  const { broken } = await aftermathRun({ change: 'options', faults, since: [] }, 131327);
  expect(broken).toEqual([]);
});

it('asks before it takes bricks back that some nodes have, where others set options meanwhile', async () => {
  const set = 'volume set old performance.cache-size 128MB performance.io-thread-count 24'.split(' ');
  const faults: readonly FaultAt[] = [
    { at: 7, fault: { kind: 'admin', node: 'node02', argv: set, afterMs: 102 } },
    { at: 26, fault: { kind: 'immutable', node: 'node03', path: `${STORE}/vols/old` } },
  ];
  const { broken, recoveries } = await aftermathRun({ change: 'grow', faults, since: [] }, 880_049);
  expect({ broken, recoveries }).toEqual({ broken: [], recoveries: [8, 8, 0] });
});

it.each(['stop', 'grow', 'replace'])(
  'starts what a rollback of "%s" could not start, once another node is back and its store takes writes',
  async (change) => {
    const faults: readonly FaultAt[] = [
      { at: 20, fault: { kind: 'immutable', node: 'node02', path: `${STORE}/vols/idle` } },
      { at: 27, fault: { kind: 'power-off', node: 'node03' } },
    ];
    const since: readonly Since[] = [
      { kind: 'wait', ms: HOUR_MS },
      { kind: 'power-on', node: 'node03' },
      { kind: 'wait', ms: HOUR_MS },
    ];
    const { broken, recoveries } = await aftermathRun({ change, faults, since }, 26);
    expect({ broken, last: recoveries.at(-1) }).toEqual({ broken: [], last: 0 });
  },
);

it('a replacement that others have stays while the node of the brick is away', async () => {
  const faults: readonly FaultAt[] = [
    { at: committing, fault: { kind: 'power-off', node: 'node03', when: 'before' } },
  ];
  const { broken, exit, ending } = await aftermathRun({ change: 'replace', faults, since: [] }, 1);
  expect({ broken, exit, ending }).toEqual({ broken: [], exit: 6, ending: 'after' });
});

it.each([
  ['delete', 22, 'node02', 1, [0]],
  // It has the change, and takes over from the others that it was taken back.
  ['options', 25, 'node01', 15001244, [8, 0]],
])(
  'a glusterd that died beside it is started, though its node has lost the journal: %s',
  async (change, at, node, seed, exits) => {
    const faults: readonly FaultAt[] = [
      { at, fault: { kind: 'controller-death', silent: false } },
      { at, fault: { kind: 'kill-glusterd', node, when: 'before' } },
    ];
    const since: readonly Since[] = [{ kind: 'lose-journal', node }];
    const { broken, recoveries } = await aftermathRun({ change, faults, since }, seed);
    expect({ broken, recoveries }).toEqual({ broken: [], recoveries: exits });
  },
);
