/**
 * `--without NODE` as a person gives it, on the simulated cluster: what is done without the node, what is
 * refused, what every document says of it, and what is left when it is back.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Owner from '../../../src/cli/owner.ts';
import { applyCommand } from '../../../src/cli/commands/apply.ts';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { lockReleaseCommand } from '../../../src/cli/commands/lock.ts';
import { planCommand } from '../../../src/cli/commands/plan.ts';
import { recoverCommand } from '../../../src/cli/commands/recover.ts';
import { statusCommand } from '../../../src/cli/commands/status.ts';
import { exitCodeOfFailures } from '../../../src/cli/exit-codes.ts';
import type { Session } from '../../../src/cli/session.ts';
import { FailureError } from '../../../src/core/failure.ts';
import { JOURNAL_ROOT } from '../../../src/model/transaction.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { WorldFault } from '../../../src/simulator/fault.ts';
import { failureText } from '../../../src/report/text/failure-text.ts';
import { owner } from '../../contract/harness.ts';
import { sessionOn } from './session-on.ts';

/** Transactions begin by the clock of the simulated nodes. */
vi.mock('../../../src/cli/owner.ts', async (original) => {
  const { newOwner } = await original<typeof Owner>();
  return { newOwner: () => ({ ...newOwner(), since: new Date(cluster.clock.now()).toISOString() }) };
});

const NODES = ['node01', 'node02', 'node03'];
const GONE = { without: ['node03'] };
const ALLOW = { prefer: [], allowDestroy: [] };
const TEXT = { format: 'text', yes: true, repair: true, ...ALLOW, ...GONE } as const;
const SETTLE_MS = 10_000;
/** Until glusterd takes a peer for disconnected, or the locks of a dead holder are free. */
const SILENCE_MS = 40_000;

const on = (name: string, nodes: readonly string[], more = ''): string =>
  `  ${name}: { replica: ${String(nodes.length)}, bricks: ` +
  `[${nodes.map((n) => `${n}:/bricks/d1/${name}`).join(', ')}]${more} }`;
const PING = ', options: { network.ping-timeout: 21 }';
const ALL = on('rep', NODES);
const TWO = on('two', NODES.slice(0, 2));

let dir: string;
let cluster: SimCluster;
let out: string, err: string;
let session: Session;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-without-'));
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  session = sessionOn(cluster, { out: (t) => void (out += t), err: (t) => void (err += t) });
  expect(await run(() => applyCommand(file(ALL, TWO), { ...TEXT, without: [] }, session))).toBe(0);
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function file(...volumes: readonly string[]): string {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  const path = join(dir, 'cluster.yaml');
  writeFileSync(path, `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volumes.join('\n')}\n`);
  return path;
}

/** Exit code, as the process would have it. */
async function run(work: () => Promise<void>): Promise<number> {
  [out, err] = ['', ''];
  process.exitCode = 0;
  try {
    await work();
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    err += failureText(error.failures, false);
    return exitCodeOfFailures(error.failures);
  } finally {
    await cluster.clock.sleep(SETTLE_MS);
  }
  const code = process.exitCode;
  process.exitCode = 0;
  return code;
}

const apply = (path: string, flags: object = {}): Promise<number> =>
  run(() => applyCommand(path, { ...TEXT, allowDestroy: ['volume/two', 'volume/rep'], ...flags }, session));
const recover = (path: string, flags: object = {}): Promise<number> =>
  run(() => recoverCommand(path, { ...TEXT, ...flags }, session));
const doctor = (path: string, flags: object = GONE): Promise<number> =>
  run(() => doctorCommand(path, { format: 'text', ...flags }, session));

async function lose(node: string): Promise<void> {
  await cluster.node(node).fault({ kind: 'power-off' });
  await cluster.clock.sleep(SILENCE_MS);
}

async function back(node: string): Promise<void> {
  await cluster.node(node).fault({ kind: 'power-on' } satisfies WorldFault);
  await cluster.clock.sleep(SILENCE_MS * 2);
}

const statesOf = (node: string): readonly (string | undefined)[] => {
  const { disk } = cluster.node(node);
  return disk
    .below(JOURNAL_ROOT)
    .filter((p) => p.endsWith('/state'))
    .map((p) => disk.read(p)?.trim());
};

it('applies options without a dead node, which takes them over when it is back', async () => {
  await lose('node03');
  const path = file(on('rep', NODES, PING), TWO);
  expect(await apply(path), out + err).toBe(0);
  expect(out).toContain('All other nodes were read again');
  expect(out).toContain('Left out, and neither read nor changed: node03.');
  expect(await apply(path), out + err).toBe(0);
  expect(out).toContain('Nothing to do');
  expect(await doctor(path), out + err).toBe(2);
  expect(out).toContain('Not read, so not judged: node03.');
  await back('node03');
  await doctor(path, {});
  expect(out).not.toMatch(/error: |transaction-|volume-version-skew|node-left-out/);
  expect(cluster.node('node03').info('rep')).toContain('network.ping-timeout=21');
});

it.each([
  ['a create', [ALL, TWO, on('new', NODES)], 'node03 is left out, and this step needs it'],
  ['a create on other nodes', [ALL, TWO, on('new', ['node01', 'node02'])], 'node03 is left out'],
  ['a delete', [ALL, '  two: { state: absent }'], 'node03 is left out, and this step needs it'],
  [
    'a stop of a volume with a brick there',
    [on('rep', NODES, ', state: stopped'), TWO],
    'node03 is left out',
  ],
])('refuses %s, by the name of the node', async (_, volumes, why) => {
  await lose('node03');
  const before = NODES.map((n) => cluster.node(n).info('rep'));
  expect(await apply(file(...volumes)), out + err).toBe(8);
  expect(err).toContain(why);
  expect(NODES.map((n) => cluster.node(n).info('rep'))).toEqual(before);
  expect(statesOf('node01')).toEqual(['committed']);
});

it('stops and starts a volume that has no brick there', async () => {
  await lose('node03');
  expect(await apply(file(ALL, on('two', ['node01', 'node02'], ', state: stopped'))), out + err).toBe(0);
  await back('node03');
  expect(cluster.node('node03').info('two')).toContain('status=2');
});

it.each([
  ['apply', (path: string) => apply(path)],
  ['recover', (path: string) => recover(path)],
  ['plan', (path: string) => run(() => planCommand(path, { format: 'text', ...ALLOW, ...GONE }, session))],
])('%s refuses to leave out a node that is alive', async (_, change) => {
  const path = file(on('rep', NODES, PING), TWO);
  cluster.node('node01').killBrick('/bricks/d1/two');
  const bricks = cluster.node('node01').processes.length;
  expect(await change(path), out + err).toBe(8);
  expect(err).toContain('node03 is alive: the glusterd of node01 is connected to it');
  expect(cluster.node('node01').processes).toHaveLength(bricks);
});

it('refuses to go on with no majority', async () => {
  await lose('node02');
  await lose('node03');
  const path = file(on('rep', NODES, PING), TWO);
  for (const change of [apply, recover]) {
    expect(await change(path, { without: ['node02', 'node03'] }), out + err).toBe(8);
    expect(err).toContain('without node02 and node03 only 1 member of 3 would be left');
  }
});

it('does not contact the node, not even to see whether it is there', async () => {
  await lose('node03');
  const link = cluster.link.bind(cluster);
  const asked = new Set<string>();
  cluster.link = (name) => {
    asked.add(name);
    return link(name);
  };
  expect(await apply(file(on('rep', NODES, PING), TWO)), out + err).toBe(0);
  expect(asked).toEqual(new Set(['node01', 'node02']));
});

it('refuses a name that the file does not have, with the one that was meant', async () => {
  expect(await apply(file(ALL, TWO), { without: ['node3'] })).toBe(4);
  expect(err).toContain('--without node3: the file names no such node; did you mean "node03"?');
  expect(await apply(file(ALL, TWO), { without: NODES })).toBe(4);
});

it('names the flag where a node cannot be reached', async () => {
  await lose('node03');
  const path = file(ALL, TWO);
  const without = { without: [] };
  for (const work of [
    () => apply(path, without),
    () => recover(path, without),
    () => doctor(path, without),
    () => run(() => planCommand(path, { format: 'text', ...ALLOW }, session)),
    () => run(() => lockReleaseCommand(path, { format: 'text' }, session)),
  ]) {
    expect(await work(), out + err).toBe(7);
    expect(err).toContain('if node03 is gone: --without node03');
  }
});

it('says in every document that the node was left out', async () => {
  await lose('node03');
  const path = file(on('rep', NODES, PING), TWO);
  const json = async (work: () => Promise<void>): Promise<unknown> => {
    await run(work);
    return JSON.parse(/^\{\n.*\}\n$/s.exec(out)?.[0] ?? out.trim().split('\n').at(-1) ?? '');
  };
  const left = { without: ['node03'] };
  expect(await json(() => planCommand(path, { format: 'json', ...ALLOW, ...GONE }, session))).toMatchObject(
    left,
  );
  expect(await json(() => doctorCommand(path, { format: 'json', ...GONE }, session))).toMatchObject(left);
  expect(await json(() => applyCommand(path, { ...TEXT, format: 'json' }, session))).toMatchObject({
    ...left,
    outcome: 'applied',
    exitCode: 0,
  });
  const status = await json(() => statusCommand(path, { format: 'json', ...GONE }, session));
  expect(status).toMatchObject({ nodes: [{}, {}, { name: 'node03', state: 'left-out' }] });
  for (const format of ['text', 'markdown'] as const) {
    await run(() => planCommand(path, { format, ...ALLOW, ...GONE }, session));
    expect(out).toContain('node-left-out');
    await run(() => doctorCommand(path, { format, ...GONE }, session));
    expect(out).toContain('not judged');
  }
});

it('writes down in the journal who was left out', async () => {
  await lose('node03');
  expect(await apply(file(on('rep', NODES, PING), TWO)), out + err).toBe(0);
  const { disk } = cluster.node('node01');
  const owners = disk.below(JOURNAL_ROOT).filter((p) => p.endsWith('/owner.json'));
  const parsed = owners.map((p) => JSON.parse(disk.read(p) ?? '') as unknown);
  expect(parsed).toContainEqual(expect.objectContaining({ without: ['node03'] }));
  expect(parsed).toHaveLength(2);
});

/** The controller dies when the command is sent, and with it node03. */
async function dieWithin(path: string): Promise<void> {
  const node = cluster.node('node03');
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'set',
      fault: { kind: 'controller-death', silent: false },
    },
  ]);
  const dead = new Promise<void>((resolve) => cluster.first.onDeath.add(resolve));
  void applyCommand(path, { ...TEXT, without: [] }, session);
  await cluster.clock.sleep(SILENCE_MS);
  await dead;
  await node.fault({ kind: 'power-off' });
  await cluster.clock.sleep(SILENCE_MS);
  const second = cluster.controller('second');
  session = sessionOn({ ...cluster, link: (name) => second.link(name) }, session.terminal);
}

describe('refuses a node that comes alive right before the lock, and changes nothing', () => {
  /** Only the memory of another node shows it. */
  const alive = (): void => {
    for (const peer of cluster.node('node01').daemon?.peers.values() ?? []) peer.connected = true;
  };
  const refused = async (change: () => Promise<number>): Promise<void> => {
    const [stores, states] = [NODES.map((n) => cluster.node(n).info('rep')), NODES.map(statesOf)];
    cluster.inject([{ at: ({ kind }) => kind === 'lock', fault: { kind: 'act', act: alive } }]);
    expect(await change(), out + err).toBe(8);
    expect(err).toContain('node03 is alive: the glusterd of node01 is connected to it');
    expect([NODES.map((n) => cluster.node(n).info('rep')), NODES.map(statesOf)]).toEqual([stores, states]);
  };
  const path = (): string => file(on('rep', NODES, PING), TWO);

  it('with a change', async () => {
    await lose('node03');
    await refused(() => apply(path()));
  });

  it('with what a dead controller began', async () => {
    await dieWithin(path());
    await refused(() => recover(path()));
  });
});

it('finishes without a dead node what a dead controller began, and owes it the rest', async () => {
  const plain = cluster.node('node01').info('two');
  const path = file(ALL, on('two', NODES.slice(0, 2), PING));
  await dieWithin(path);
  expect(await recover(path), out + err).toBe(0);
  expect(out).toContain('Left out, and neither read nor changed: node03.');
  expect(
    cluster
      .node('node01')
      .info('two')
      .filter((l) => !l.startsWith('version=')),
  ).toEqual(plain.filter((l) => !l.startsWith('version=')));
  expect(statesOf('node01').toSorted()).toEqual(['committed', 'owed']);
  expect(await apply(path), out + err).toBe(0);
  await back('node03');
  expect(await doctor(path, {}), out + err).toBe(2);
  expect(out).toContain('transaction-unfinished');
  await recover(path, { without: [] });
  expect(out).toContain('a later one was made since; only its journal is closed');
  for (const node of NODES) {
    expect(statesOf(node)).not.toContain('owed');
    expect(statesOf(node)).not.toContain('committing');
    expect(cluster.node(node).info('two')).toContain('network.ping-timeout=21');
  }
});

it('owes nothing to a lost node that is to leave the pool', async () => {
  for (const verb of ['stop', 'delete']) await cluster.gluster('node01', ['volume', verb, 'rep']);
  await dieWithin(file(on('two', NODES.slice(0, 2), PING)));
  const path = file(TWO);
  writeFileSync(path, readFileSync(path, 'utf8').replace('10.0.0.13', '10.0.0.13, state: absent'));
  expect(await recover(path), out + err).toBe(0);
  expect(statesOf('node01')).not.toContain('owed');
  expect(await apply(path, { allowDestroy: [] }), out + err).toBe(0);
  expect([...(cluster.node('node01').daemon?.peers.values() ?? [])].flatMap((p) => p.hostnames)).toEqual([
    'node02',
  ]);
});

it('releases the lock of a dead holder on the nodes that are there', async () => {
  const path = file(ALL, TWO);
  const other = cluster.controller('other');
  for (const node of ['node01', 'node02']) await other.link(node).lock(owner('tx-9'));
  await lose('node03');
  const force = { format: 'text', force: 'tx-9', ...GONE } as const;
  expect(await run(() => lockReleaseCommand(path, force, session)), out + err).toBe(0);
  expect(NODES.map((n) => cluster.node(n).isLocked)).toEqual([false, false, false]);
});
