/**
 * The table of docs/exit-codes.md: each row is a case here, played at the command line on a simulated
 * cluster, and no case is without its row.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyChange } from '../../../src/change/apply.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { runChange } from '../../../src/change/run-change.ts';
import type { Host } from '../../../src/change/change.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import { answer } from '../../../src/cli/program.ts';
import type { Session } from '../../../src/cli/session.ts';
import { loadDesired } from '../../../src/cluster-file/load.ts';
import type { Desired } from '../../../src/model/desired.ts';
import { JOURNAL_ROOT } from '../../../src/model/transaction.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { STORE } from '../../../src/simulator/world.ts';
import { owner } from '../../contract/harness.ts';
import { sessionOn } from './session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const REST_MS = 70_000;
/** The locks of a dead holder are free after this. */
const SILENCE_MS = 40_000;
const DOCS = join(import.meta.dirname, '../../../docs/exit-codes.md');
const UNIT = join(import.meta.dirname, '..');

const rep = (name: string, more = ''): string =>
  `  ${name}: { replica: 3, bricks: [${NODES.map((n) => `${n}:/bricks/d1/${name}`).join(', ')}]${more} }`;
const SETS = [1, 2].flatMap((disk) => NODES.map((n) => `${n}:/bricks/d${String(disk)}/a`));
const GROWN = `  a: { replica: 3, bricks: [${SETS.join(', ')}] }`;
const PING = ', options: { network.ping-timeout: 21 }';
const isSet = ({ op }: SimCall): boolean => op?.kind === 'gluster' && op.argv[1] === 'set';

interface Ended {
  readonly code: number;
  /** '' where the command has no result. */
  readonly outcome: string;
}

let dir: string;
let cluster: SimCluster;
let said: string;
let stop: AbortController;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-codes-'));
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  stop = new AbortController();
  await cluster.formPool();
  for (const words of [`volume create a replica 3 ${bricks('a')}`, 'volume start a'])
    await cluster.gluster('node01', words.split(' '));
  await cluster.clock.sleep(REST_MS);
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

const bricks = (name: string): string => NODES.map((n) => `${n}:/bricks/d1/${name}`).join(' ');

function textOf(volumes: string): string {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  return `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volumes}\n`;
}

function file(volumes: string): string {
  const path = join(dir, 'cluster.yaml');
  writeFileSync(path, textOf(volumes));
  return path;
}

function desiredOf(volumes: string): Desired {
  const loaded = loadDesired(textOf(volumes), 'cluster.yaml', { home: '/', directory: '/', flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

/** As a process of its own would: from another controller. */
const run = (...words: readonly string[]): Promise<Ended> => played(words);

async function played(words: readonly string[], more: Partial<Session> = {}): Promise<Ended> {
  const controller = cluster.controller(`run ${String(cluster.calls)}`);
  const say = (text: string): void => void (said += text);
  said = '';
  const on = { ...cluster, link: (node: string) => controller.link(node) };
  const session = { ...sessionOn(on, { out: say, err: say }), signal: stop.signal, ...more };
  process.exitCode = 0;
  await answer(['node', 'glusterctl', ...words], '0', session);
  const code = process.exitCode;
  process.exitCode = 0;
  await cluster.clock.sleep(REST_MS);
  const outcome = /^\{"type":"result","outcome":"([^"]+)".*$/m.exec(said)?.[1] ?? '';
  return { code, outcome };
}

const json = ['--yes', '--json'] as const;
const apply = (volumes: string, ...flags: readonly string[]): Promise<Ended> =>
  run('apply', file(volumes), ...json, ...flags);
const recover = (volumes: string): Promise<Ended> => run('recover', file(volumes), ...json);

/** An applied change of the options of `a`, by its transaction. */
async function changed(): Promise<string> {
  expect(await apply(rep('a', PING))).toEqual({ code: 0, outcome: 'applied' });
  return /"transaction":"([^"]+)"/.exec(said.trim().split('\n').at(-1) ?? '')?.[1] ?? '';
}

async function unfinished(when: 'before' | 'after' = 'before'): Promise<void> {
  const controller = cluster.controller('dead');
  const on = { ...cluster, link: (node: string) => controller.link(node) };
  cluster.inject([{ at: isSet, fault: { kind: 'controller-death', silent: false, when } }]);
  const session = sessionOn(on, { out: () => undefined, err: () => undefined });
  void answer(['node', 'glusterctl', 'apply', file(rep('a', PING)), ...json], '0', session);
  await new Promise<void>((resolve) => controller.onDeath.add(resolve));
  await cluster.clock.sleep(SILENCE_MS);
}

const atSet = (act: () => void): void => {
  cluster.inject([{ at: isSet, fault: { kind: 'act', act } }]);
};
const isolate = (node: string): Promise<void> => cluster.node(node).fault({ kind: 'isolate' });
const immutable = (node: string, path: string): Promise<void> =>
  cluster.node(node).fault({ kind: 'immutable', path });
const killBrick = (node: string): void => {
  cluster.node(node).killBrick('/bricks/d1/a');
};

async function held(): Promise<void> {
  const other = cluster.controller('other');
  for (const node of NODES) await other.link(node).lock(owner('20260101T000000Z-0ther000'));
}

/** With a host of its own, for what no process has here: a person, or few passes. */
async function change(volumes: string, confirms: boolean, passesMax?: number): Promise<Ended> {
  const desired = desiredOf(volumes);
  const link = (node: string): ReturnType<SimCluster['link']> => cluster.link(node);
  let count = 0;
  const host: Host = {
    open: async () => {
      const links = new Map(desired.nodes.map(({ name }) => [name, link(name)]));
      return {
        links,
        observed: await observeAll(desired, links),
        clock: cluster.clock,
        relink: (name) => Promise.resolve(link(name)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
    signal: stop.signal,
    timeOf: Date.parse,
    newOwner: () => owner(`20260101T00000${String((count += 1))}Z-00000000`),
    showPlan: () => undefined,
    showUnfinished: () => undefined,
    remark: () => undefined,
    notify: () => undefined,
    canAsk: () => true,
    hasPerson: () => true,
    confirm: () => Promise.resolve(confirms),
    progress: () => ({ onEvent: () => undefined, finish: () => Promise.resolve() }),
  };
  const options = { desired, file: 'cluster.yaml', allowDestroy: [], prefer: new Map<string, string>() };
  const made =
    passesMax === undefined
      ? applyChange({ ...options, saved: undefined, noRepair: false })
      : { ...recoverChange(options), passesMax };
  const result = await runChange(made, host);
  return { code: exitCodeOf(result), outcome: result.outcome };
}

/** Only its store says otherwise: nothing shows it before the next handshake. */
function skew(): void {
  const { disk } = cluster.node('node02');
  const path = `${STORE}/vols/a/info`;
  disk.write(path, (disk.read(path) ?? '').replace(/^version=(\d+)$/m, 'version=9'));
}

/** What no flag allows: another layout. */
const refusedPlan = (): string => file(rep('a', ', transport: rdma'));

/** One set made three: no command of glusterd does that. */
const impossible = `  a: { bricks: [${NODES.map((n) => `${n}:/bricks/d1/a`).join(', ')}] }`;
const impossiblePlan = (): string => file(impossible);

/** A mistake of the file beside what no flag allows, on two volumes. */
async function mixedPlan(): Promise<string> {
  await cluster.gluster('node01', `volume create b replica 3 ${bricks('b')}`.split(' '));
  await cluster.clock.sleep(REST_MS);
  return file(`${impossible}\n${rep('b', ', transport: rdma')}`);
}

type Case = () => Promise<Ended>;

/** A change that is complete, with journals that still say committing. */
async function notClosed(): Promise<Ended> {
  atSet(() => {
    for (const node of NODES) {
      const { disk } = cluster.node(node);
      for (const id of disk.list(JOURNAL_ROOT)) disk.immutable.add(`${JOURNAL_ROOT}/${id}`);
    }
  });
  const result = await apply(rep('a', PING));
  for (const node of NODES) cluster.node(node).disk.immutable.clear();
  return result;
}

const isPinged = (): boolean =>
  NODES.every((node) => cluster.node(node).info('a').includes('network.ping-timeout=21'));

/** Its own transaction, which is unfinished, as the argument of a flag of `recover`. */
async function closed(flag: string, isKept: boolean): Promise<Ended> {
  await notClosed();
  const id = /"transaction":"([^"]+)"/.exec(said.trim().split('\n').at(-1) ?? '')?.[1] ?? '';
  const result = await run('recover', file(rep('a')), ...json, flag, id);
  expect(isPinged()).toBe(isKept);
  expect(await run('history', file(rep('a')))).toMatchObject({ code: 0 });
  return result;
}

const APPLY: Readonly<Record<string, Case>> = {
  'the cluster is as the file says': () => apply(rep('a')),
  'files are moved to new sets, with --no-wait': () => apply(GROWN, '--no-wait'),
  'a set leaves without its flag': async () => {
    await apply(GROWN);
    return await apply(rep('a'));
  },
  'files are still moved when the time of --wait is over': () => apply(GROWN, '--wait', '1s'),
  'every step is in effect, and every node agrees': () => apply(rep('a', PING)),
  'an unfinished transaction is rolled back, and then there is nothing to do': async () => {
    await unfinished();
    return await apply(rep('a'));
  },
  'a step fails, and all is rolled back': async () => {
    await immutable('node02', `${STORE}/vols/a`);
    atSet(() => {
      void cluster.clock
        .pause(5000)
        .then(() => cluster.node('node02').fault({ kind: 'mutable', path: `${STORE}/vols/a` }));
    });
    return await apply(rep('a', PING));
  },
  'a new fault appears on any volume before the end': async () => {
    atSet(skew);
    return await apply(rep('b', PING));
  },
  'a mistake in the file': () => apply('  a: { replicas: 3 }'),
  'a flag that does not exist': () => apply(rep('a'), '--does-not-exist'),
  'a flag names a volume that is nowhere': () => apply(rep('a', PING), '--allow-destroy', 'volume/aa'),
  'a saved plan that no longer fits': async () => {
    const saved = join(dir, 'change.plan');
    await run('plan', file(rep('a', PING)), '--out', saved);
    await cluster.gluster('node01', 'volume set a performance.cache-size 64MB'.split(' '));
    return await run('apply', saved, ...json);
  },
  'a saved plan, and an unfinished transaction': async () => {
    const saved = join(dir, 'change.plan');
    await run('plan', file(rep('a', ', options: { network.ping-timeout: 22 }')), '--out', saved);
    await unfinished();
    const result = await run('apply', saved, ...json);
    expect(said).toContain('glusterctl recover');
    return result;
  },
  'a saved plan, and a transaction that only has to be closed': async () => {
    const saved = join(dir, 'change.plan');
    await run('plan', file(rep('b')), '--out', saved);
    await unfinished('after');
    const { disk } = cluster.node('node01');
    for (const id of disk.list(JOURNAL_ROOT)) disk.write(`${JOURNAL_ROOT}/${id}/state`, 'committed\n');
    const result = await run('apply', saved, ...json);
    expect(said).toMatch(/it was complete; only its journal is closed.*glusterctl recover \S*cluster.yaml/);
    return result;
  },
  'an option that does not exist': () => apply(rep('a', ', options: { network.ping-timeoutt: 21 }')),
  'the same, when an unfinished transaction was rolled back': async () => {
    await unfinished();
    const result = await apply(rep('a', ', options: { network.ping-timeoutt: 21 }'));
    expect(JSON.parse(said.trim().split('\n').at(-1) ?? '')).toMatchObject({
      changed: [{ what: 'an unfinished transaction was finished: it is rolled back' }],
    });
    return result;
  },
  'an error of the program': () => {
    const open = (): Promise<never> => Promise.reject(new TypeError('nobody foresaw it'));
    return played(['apply', file(rep('a')), ...json], { open });
  },
  'an unfinished transaction is old, or began by a clock that is ahead': async () => {
    await unfinished('after');
    const ended: Ended[] = [];
    for (const hours of [-2, 2]) {
      const since = new Date(cluster.clock.now() + hours * 3_600_000).toISOString();
      for (const node of NODES) {
        const { disk } = cluster.node(node);
        const [id = ''] = disk.list(JOURNAL_ROOT);
        const path = `${JOURNAL_ROOT}/${id}/owner.json`;
        disk.write(path, (disk.read(path) ?? '').replace(/"since":"[^"]*"/, `"since":"${since}"`));
      }
      ended.push(await apply(rep('a')));
      expect(said).toContain(hours < 0 ? 'began 2 hours ago' : 'began at a time that is not known');
    }
    expect(ended[0]).toEqual(ended[1]);
    return ended[0] ?? { code: 0, outcome: '' };
  },
  'a member of the pool that the file does not name': () => {
    const path = file(rep('a'));
    writeFileSync(
      path,
      readFileSync(path, 'utf8')
        .replace(/, node03: {[^}]*}/, '')
        .replace('replica: 3', 'replica: 2')
        .replace(/, node03:[^\]]*/, ''),
    );
    return run('apply', path, ...json);
  },
  'a protected volume is to go': async () => {
    await apply(rep('a', ', protect: true'));
    return await apply('  a: { state: absent }', '--allow-destroy', 'volume/a');
  },
  'a node that is left out by --without is alive': () => apply(rep('a', PING), '--without', 'node03'),
  'someone else holds the lock': async () => {
    await held();
    return await apply(rep('a', PING));
  },
  'a step fails, and a node is lost before it is rolled back': async () => {
    cluster.inject([{ at: isSet, fault: { kind: 'power-off', node: 'node03' } }]);
    return await apply(rep('a', PING));
  },
  'complete, and no node can mark its journal': () => notClosed(),
  'a node cannot be reached': async () => {
    await isolate('node02');
    return await apply(rep('a', PING));
  },
  'something is broken, and is repaired first': async () => {
    cluster.node('node03').stopGlusterd('process');
    await cluster.clock.sleep(REST_MS);
    return await apply(rep('a', PING));
  },
  'something is broken that recover can repair, with --no-repair': async () => {
    cluster.node('node03').stopGlusterd('process');
    await cluster.clock.sleep(REST_MS);
    return await apply(rep('a', PING), '--no-repair');
  },
  'copies of a volume have different versions, and are made equal first': () => {
    skew();
    return apply(rep('a', PING));
  },
  'the file asks for what cannot be changed': () => run('apply', refusedPlan(), ...json),
  'the file asks for what no cluster can become': () => run('apply', impossiblePlan(), ...json),
  'the same, beside what cannot be changed': async () => run('apply', await mixedPlan(), ...json),
  'the same, beside what has to be repaired first, with --no-repair': async () => {
    cluster.node('node03').stopGlusterd('process');
    await cluster.clock.sleep(REST_MS);
    return await run('apply', impossiblePlan(), ...json, '--no-repair');
  },
  'a node that is to be replaced is alive': () => {
    const path = file('');
    const text = readFileSync(path, 'utf8').replace(/, node03: {[^}]*}/, '');
    writeFileSync(path, text.replace('10.0.0.12', '10.0.0.12, replaces: node03'));
    return run('apply', path, ...json);
  },
  'a node that is to be absent has a brick of a volume that the file does not name': () => {
    const path = file('');
    writeFileSync(path, readFileSync(path, 'utf8').replace('10.0.0.13', '10.0.0.13, state: absent'));
    return run('apply', path, ...json);
  },
  'a deletion without its flag': async () => {
    await cluster.gluster('node01', 'volume stop a'.split(' '));
    return await apply('  a: { state: absent }');
  },
  'nobody can be asked': () => run('apply', file(rep('a', PING)), '--json'),
  'the question is not answered with yes': () => change(rep('a', PING), false),
  'interrupted in the middle of the commit': () => {
    atSet(() => {
      stop.abort();
    });
    return apply(rep('a', PING));
  },
  'interrupted while the nodes are read': async () => {
    stop.abort();
    return await apply(rep('a', PING));
  },
  'interrupted between two of its transactions': async () => {
    await cluster.gluster('node01', 'volume stop a'.split(' '));
    const at = ({ op }: SimCall): boolean => op?.kind === 'journal-prune';
    cluster.inject([
      {
        at,
        fault: {
          kind: 'act',
          act: () => {
            stop.abort();
          },
        },
      },
    ]);
    return await apply('  a: { state: absent }', '--allow-destroy', 'volume/a');
  },
};

const RECOVER: Readonly<Record<string, Case>> = {
  'nothing is wrong': () => recover(rep('a')),
  'what was wrong is repaired': () => {
    killBrick('node02');
    return recover(rep('a'));
  },
  'someone else holds the lock': async () => {
    await held();
    return await recover(rep('a'));
  },
  'a node cannot be reached': async () => {
    await isolate('node02');
    return await recover(rep('a'));
  },
  'a flag names a volume that is nowhere': () =>
    run('recover', file(rep('a')), ...json, '--discard-changes', 'volume/aa'),
  'a transaction that was complete and not closed is closed, by --abandon': () => closed('--abandon', true),
  'a transaction that was complete and not closed is rolled back': () => closed('--finish', false),
  'what is left needs a person': () => {
    killBrick('node02');
    cluster.node('node02').disk.removeXattr('/bricks/d1/a', 'trusted.glusterfs.volume-id');
    return recover(rep('a'));
  },
  'a repair fails, and all is rolled back': () => {
    killBrick('node02');
    const act = (): void => {
      cluster.node('node02').disk.removeXattr('/bricks/d1/a', 'trusted.glusterfs.volume-id');
    };
    cluster.inject([{ at: ({ op }) => op?.kind === 'launch-brick', fault: { kind: 'act', act } }]);
    return recover(rep('a'));
  },
  'a rollback still cannot be finished': async () => {
    await unfinished('after');
    await immutable('node02', `${STORE}/vols/a`);
    const [id = ''] = cluster.node('node01').disk.list(JOURNAL_ROOT);
    return await run('recover', file(rep('a')), ...json, '--finish', id);
  },
  'interrupted while the nodes are read': async () => {
    stop.abort();
    return await recover(rep('a'));
  },
  'still something to repair after all passes': async () => {
    killBrick('node02');
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'journal-prune',
        fault: {
          kind: 'act',
          act: () => {
            killBrick('node03');
          },
        },
      },
    ]);
    return await change(rep('a'), true, 1);
  },
};

const RESTORE: Readonly<Record<string, Case>> = {
  'the volumes are as before that transaction': async () =>
    run('restore', file(rep('a')), await changed(), ...json),
  'an ID that no node keeps': () => run('restore', file(rep('a')), '20200101T000000Z-00000000', ...json),
  'an ID that one node does not keep': async () => {
    const id = await changed();
    cluster.node('node02').disk.remove(`${JOURNAL_ROOT}/${id}`);
    return await run('restore', file(rep('a')), id, ...json);
  },
  'a transaction is unfinished': async () => {
    const id = await changed();
    await unfinishedAfter();
    return await run('restore', file(rep('a')), id, ...json);
  },
  'someone else holds the lock': async () => {
    const id = await changed();
    await held();
    return await run('restore', file(rep('a')), id, ...json);
  },
  'a step fails, and all is rolled back': async () => {
    const id = await changed();
    await immutable('node02', `${STORE}/vols/a`);
    cluster.inject([
      {
        at: ({ op }) => op?.kind === 'gluster' && op.argv[0] === 'volume',
        fault: {
          kind: 'act',
          act: () => {
            void cluster.clock
              .pause(5000)
              .then(() => cluster.node('node02').fault({ kind: 'mutable', path: `${STORE}/vols/a` }));
          },
        },
      },
    ]);
    return await run('restore', file(rep('a')), id, ...json);
  },
  'a node cannot be reached': async () => {
    const id = await changed();
    await isolate('node02');
    return await run('restore', file(rep('a')), id, ...json);
  },
  'interrupted while the nodes are read': async () => {
    const id = await changed();
    stop.abort();
    return await run('restore', file(rep('a')), id, ...json);
  },
  'a volume would go, without its flag': async () => {
    await apply(`${rep('a')}\n${rep('b')}`);
    const id = /"transaction":"([^"]+)"/.exec(said.trim().split('\n').at(-1) ?? '')?.[1] ?? '';
    return await run('restore', file(rep('a')), id, ...json);
  },
};

async function unfinishedAfter(): Promise<void> {
  const { disk } = cluster.node('node01');
  for (const id of disk.list(JOURNAL_ROOT)) disk.write(`${JOURNAL_ROOT}/${id}/state`, 'committing\n');
  await Promise.resolve();
}

const drain = (node = 'node02'): Promise<Ended> => run('drain', file(rep('a')), node, ...json);
const undrain = (): Promise<Ended> => run('undrain', file(rep('a')), 'node02', ...json);

const SERVICE: Readonly<Record<string, Case>> = {
  'drain: the node is out of service': () => drain(),
  'drain: it is so already': async () => {
    await drain();
    return await drain();
  },
  'drain: a node that the file does not name': () => drain('node04'),
  'drain: someone else holds the lock': async () => {
    await held();
    return await drain();
  },
  'drain: a node cannot be reached': async () => {
    await isolate('node03');
    return await drain();
  },
  'drain: heals are pending on another node': () => {
    cluster.node('node03').setPendingHeals('/bricks/d1/a', 7);
    return drain();
  },
  'drain: another node is drained, and clients could not go on': async () => {
    await drain('node01');
    return await drain();
  },
  'undrain: the node is back in service': async () => {
    await drain();
    return await undrain();
  },
  'undrain: it is not drained': () => undrain(),
  'undrain: a node cannot be reached': async () => {
    await drain();
    await isolate('node03');
    return await undrain();
  },
};

const isolated =
  (...words: readonly string[]): Case =>
  async () => {
    await isolate('node02');
    const [first = '', ...rest] = words;
    const nested = first === 'lock';
    return nested
      ? await run('lock', rest[0] ?? '', file(rep('a')))
      : await run(first, file(rep('a')), ...rest);
  };

const READING: Readonly<Record<string, Case>> = {
  'plan: nothing to do': () => run('plan', file(rep('a'))),
  'plan: changes are pending': () => run('plan', file(rep('a', PING))),
  'plan: changes are pending, with --detailed-exitcode': () =>
    run('plan', file(rep('a', PING)), '--detailed-exitcode'),
  'plan: files are moved and nothing else is owed, with --detailed-exitcode': async () => {
    await apply(GROWN, '--no-wait');
    return await run('plan', file(GROWN), '--detailed-exitcode', '--no-wait');
  },
  'plan: a mistake in the file': () => run('plan', file('  a: { replicas: 3 }')),
  'plan: a flag names a node that is nowhere': () =>
    run('plan', file(rep('a')), '--prefer', 'volume/a=node04'),
  'plan: a node cannot be reached': isolated('plan'),
  'plan: the same, beside what cannot be changed': async () => run('plan', await mixedPlan()),
  'plan: apply would refuse it': () => run('plan', refusedPlan()),
  'plan: the file asks for what no cluster can become': () => run('plan', impossiblePlan()),
  'plan: apply would refuse it, with --detailed-exitcode': () =>
    run('plan', refusedPlan(), '--detailed-exitcode'),
  'plan: an unfinished transaction comes first, with --detailed-exitcode': async () => {
    await unfinished();
    return await run('plan', file(rep('a')), '--detailed-exitcode');
  },
  'doctor: nothing is wrong': () => run('doctor', file(rep('a'))),
  'doctor: something is wrong': () => {
    killBrick('node02');
    return run('doctor', file(rep('a')));
  },
  'doctor: a node cannot be reached': isolated('doctor'),
  'status: something is wrong': () => {
    killBrick('node02');
    return run('status', file(rep('a')));
  },
  'status: a node cannot be reached': isolated('status'),
  'lock show: somebody holds it': async () => {
    await held();
    return await run('lock', 'show', file(rep('a')));
  },
  'lock show: a node cannot be reached': isolated('lock', 'show'),
  'lock release: nobody holds it': () => run('lock', 'release', file(rep('a'))),
  'lock release: a transaction that holds nothing is named': () =>
    run('lock', 'release', file(rep('a')), '--force', '20260101T000000Z-00000000'),
  'lock release: its holder lives': async () => {
    await held();
    return await run('lock', 'release', file(rep('a')));
  },
  'history: the transactions that are kept': async () => {
    await changed();
    return await run('history', file(rep('a')));
  },
  'history: an ID that no node keeps': () => run('history', file(rep('a')), '20200101T000000Z-00000000'),
  'history: a node cannot be reached': isolated('history'),
};

const FILES: Readonly<Record<string, Case>> = {
  'validate: the file is right': () => run('validate', file(rep('a'))),
  'validate: a mistake in the file': () => run('validate', file('  a: { replicas: 3 }')),
  'export: the live cluster': () => run('export', file(rep('a'))),
  'export: a node cannot be reached': isolated('export'),
  'init: a template': () => run('init', 'node01', '--out', join(dir, 'new.yaml')),
  'init: the file is there already': () => run('init', 'node01', '--out', file(rep('a'))),
};

const named = (command: string, cases: Readonly<Record<string, Case>>): Record<string, Case> =>
  Object.fromEntries(Object.entries(cases).map(([name, play]) => [`${command}: ${name}`, play]));

const CASES: Readonly<Record<string, Case>> = {
  ...named('apply', APPLY),
  ...named('recover', RECOVER),
  ...named('restore', RESTORE),
  ...SERVICE,
  ...READING,
  ...FILES,
};
/** Played elsewhere, for they need a process of their own, or work on the nodes: file and title. */
const ELSEWHERE: Readonly<Record<string, readonly [file: string, title: string]>> = {
  'apply: interrupted, and interrupted again before all is rolled back': [
    'cli/hang-up.test.ts',
    'a second signal in earnest ends it',
  ],
  'rolling: the work is done on every node': ['change/rolling.test.ts', 'each node is drained alone'],
  'rolling: the work fails on a node': ['change/rolling.test.ts', 'where the work fails'],
  'rolling: a node does not come back': ['change/rolling.test.ts', 'where the node does not come back'],
  'rolling: an unfinished transaction is old': ['change/rolling.test.ts', 'is not finished by the yes'],
};

/** Situation, outcome, exit code. */
const ROWS = readFileSync(DOCS, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const [, situation, outcome = '', code = ''] =
      /^\| ([a-z]+ ?[a-z]*: [^|]+?) \|(?: `([a-z-]+)`)? \| (\d+) \|$/.exec(line) ?? [];
    return situation === undefined ? [] : [{ situation, outcome, code: Number(code) }];
  });

it('has a case for every row, and a row for every case', () => {
  const cases = [...Object.keys(CASES), ...Object.keys(ELSEWHERE)];
  expect(cases.sort()).toEqual(ROWS.map((r) => r.situation).sort());
  for (const [path, title] of Object.values(ELSEWHERE))
    expect(readFileSync(join(UNIT, path), 'utf8')).toContain(title);
});

it.each(ROWS.filter((r) => r.situation in CASES))('$situation', async ({ situation, outcome, code }) => {
  expect(await CASES[situation]?.(), said).toEqual({ outcome, code });
});
