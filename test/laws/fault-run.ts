/**
 * One transaction on the simulated cluster with faults in its way. Owns the laws that hold whatever the
 * faults: the exit code is true, and after at most one recovery the cluster is exactly before or exactly
 * after.
 */
import { exitCodeOf } from '../../src/cli/exit-codes.ts';
import { loadDesired } from '../../src/cluster-file/load.ts';
import type { Desired } from '../../src/model/desired.ts';
import type { RunResult } from '../../src/model/event.ts';
import type { NodeName } from '../../src/model/names.ts';
import type { NodeLink } from '../../src/model/node-link.ts';
import { compile } from '../../src/plan/compile.ts';
import { blockers, lastingSteps, withoutLater } from '../../src/plan/gate.ts';
import { compileRestore, desiredOf as restoreDesired } from '../../src/plan/restore.ts';
import type { Plan } from '../../src/model/plan.ts';
import { SimCluster } from '../../src/simulator/cluster.ts';
import type { FaultPlan } from '../../src/simulator/fault.ts';
import { seeded } from '../../src/simulator/random.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import { type Context, contextOf, type Goal } from '../../src/transaction/context.ts';
import { runTransaction } from '../../src/transaction/run.ts';
import { finishUnfinished, unfinishedIn } from '../../src/transaction/unfinished.ts';
import { makeView, type View } from '../../src/view/view.ts';

const nothing = (): undefined => undefined;

export const NODES = ['node01', 'node02', 'node03'];
const bricks = (name: string): string => NODES.map((n) => `${n}:/bricks/d1/${name}`).join(', ');
const elsewhere = (name: string): string => bricks(name).replace('node03:/bricks/d1', 'node03:/bricks/d2');
const HEAD = `cluster: sim
nodes:
  node01: { address: 192.0.2.11 }
  node02: { address: 192.0.2.12 }
  node03: { address: 192.0.2.13 }
volumes:
`;
const OPTIONS = 'network.ping-timeout: 21, performance.cache-size: 64MB';

/**
 * What a run changes: each a cluster file after, on a cluster with volumes `old` (started) and `idle`
 * (stopped).
 */
export const CHANGES: Readonly<Record<string, string>> = {
  create: `  new: { replica: 3, bricks: [${bricks('new')}], options: { network.ping-timeout: 20 } }`,
  options: `  old: { replica: 3, bricks: [${bricks('old')}], options: { ${OPTIONS} } }`,
  start: `  idle: { replica: 3, bricks: [${bricks('idle')}] }`,
  stop: `  old: { replica: 3, state: stopped, bricks: [${bricks('old')}] }`,
  delete: `  idle: { state: absent }`,
  grow: `  old: { replica: 3, bricks: [${bricks('old')}, ${bricks('old').replaceAll('/d1/', '/d2/')}] }`,
  copies: `  old: { replica: 3, bricks: [${elsewhere('old')}] }`,
  'fewer copies': `  old: { replica: 2, bricks: [${bricks('old').replace(/, node03.*/, '')}] }`,
  replace: `  old: { replica: 3, bricks: [${elsewhere('old')}] }`,
};

/** What is done to the cluster before a change, beside the volumes that every one has. */
const BEFORE: Readonly<Record<string, string>> = {
  copies: 'volume remove-brick old replica 2 node03:/bricks/d1/old force',
};

/** A node without bricks is taken out of a pool of four. */
export const LEAVE = 'leave';
const LEAVING = 'node04';
const LEAVE_HEAD = HEAD.replace('volumes:', `  ${LEAVING}: { address: 192.0.2.14, state: absent }\nvolumes:`);

const READ = new Map<string, Desired>();

export function desiredOf(volumes: string): Desired {
  const known = READ.get(volumes);
  if (known !== undefined) return known;
  const head =
    volumes === LEAVE ? `${LEAVE_HEAD}  old: { replica: 3, bricks: [${bricks('old')}] }` : HEAD + volumes;
  const loaded = loadDesired(head, 'sim.yaml', { home: '/root', directory: '/' });
  if (!loaded.ok) throw new Error(loaded.error.map((d) => d.message).join('\n'));
  READ.set(volumes, loaded.value);
  return loaded.value;
}

export async function prepared(seed: number, change = ''): Promise<SimCluster> {
  const more = change === LEAVE ? [LEAVING] : [];
  const cluster = SimCluster.create({ seed, nodes: [...NODES, ...more] });
  await cluster.formPool();
  const gluster = async (words: string): Promise<void> => {
    await cluster.gluster('node01', words.split(' '));
  };
  for (const name of ['old', 'idle'])
    await gluster(`volume create ${name} replica 3 ${bricks(name).replaceAll(', ', ' ')}`);
  await gluster('volume start old');
  const before = BEFORE[change];
  if (before !== undefined) await gluster(before);
  await cluster.clock.sleep(10_000);
  return cluster;
}

/** Every store as sorted `info` lines without the version, its peers, and which bricks have a process. */
export function stateOf(cluster: SimCluster): string {
  return cluster.names
    .map((node) => {
      const sim = cluster.node(node);
      const volumes = [...sim.store.volumes.keys()]
        .sort()
        .map((v) => [v, ...sim.info(v).filter((l) => !l.startsWith('version='))].join('\n'));
      const running = sim.processes
        .filter((p) => p.role === 'brick')
        .map((p) => p.argv[p.argv.indexOf('--brick-name') + 1])
        .sort();
      const peers = sim.store.peers.map((p) => p.uuid ?? p.file).sort();
      return [node, ...volumes, `peers: ${peers.join(' ')}`, `bricks: ${running.join(' ')}`].join('\n');
    })
    .join('\n===\n');
}

export function contextFor(
  cluster: SimCluster,
  desired: Desired,
  goal: Goal,
  link: (node: string) => NodeLink,
  name: string,
): Context {
  return contextOf({
    desired,
    goal,
    clock: cluster.clock,
    emit: nothing,
    owner: {
      transaction: name,
      user: 'sim',
      host: 'sim',
      pid: 1,
      since: '2026-01-01T00:00:00Z',
      command: 'apply',
    },
    links: new Map(cluster.names.map((n): [NodeName, NodeLink] => [n, link(n)])),
    relink: (node) => Promise.resolve(link(node)),
    signal: new AbortController().signal,
  });
}

export interface Verdict {
  /** Undefined: the controller died. */
  readonly result: (RunResult & { readonly exitCode: number }) | undefined;
  readonly ending: 'before' | 'after';
  /** Whether a journal was left open for somebody to recover. */
  readonly open: boolean;
  /** What is not as it must be; empty: the laws hold. */
  readonly broken: readonly string[];
  /** Every call, command and event of the simulated cluster, in order: equal for equal seeds. */
  readonly trace: readonly string[];
}

const OVER = new Error('it is over');

/**
 * Virtual time after which a controller that does not answer counts as dead: longer than every limit of a
 * transaction together.
 */
export const DEAD_AFTER_MS = 30 * 60_000;

/** A change that is about to be made, and what is missing of it: nothing, once it is made. */
interface Attempt {
  readonly cluster: SimCluster;
  readonly desired: Desired;
  readonly goal: Goal;
  readonly plan: Plan;
  readonly missing: (view: View) => string;
  /** Before each call of the transaction, a pause drawn from the seed. */
  readonly pauseMaxMs?: number;
  readonly seed?: number;
}

/**
 * `wanted` are faults, or makes them of the cluster they are for; they are counted from the first call of the
 * transaction itself (1 is the first lock).
 */
export async function faultRun(
  change: string,
  seed: number,
  wanted: FaultPlan | ((cluster: SimCluster) => FaultPlan | Promise<FaultPlan>),
  pauseMaxMs = 0,
): Promise<Verdict> {
  const cluster = await prepared(seed, change);
  const faults = typeof wanted === 'function' ? await wanted(cluster) : wanted;
  const desired = desiredOf(CHANGES[change] ?? change);
  const { goal, plan } = await applying(cluster, desired);
  const missing = (view: View): string => missingIn(view, desired);
  return await attack({ cluster, desired, goal, plan, missing, pauseMaxMs, seed }, faults);
}

export async function applying(cluster: SimCluster, desired: Desired): Promise<{ goal: Goal; plan: Plan }> {
  const { plan } = compile(desired, await seenFrom(cluster, desired));
  const goal: Goal = {
    plan: (view) => withoutLater(compile(desired, view).plan, plan.later ?? []),
    blockers: (again, view) => blockers(again, desired, view),
    remaining: (again) => again.steps,
  };
  return { goal, plan };
}

/** An options change of `old` and a start of `idle`, made without faults, are put back with them. */
export async function restoreRun(seed: number, faults: FaultPlan): Promise<Verdict> {
  const cluster = await prepared(seed);
  const file = desiredOf(`${CHANGES['options'] ?? ''}\n${CHANGES['start'] ?? ''}`);
  const { goal: first, plan: made } = await applying(cluster, file);
  const context = contextFor(cluster, file, first, (n) => cluster.link(n), 'tx-0');
  if ((await runTransaction(context, made)).outcome !== 'applied') throw new Error('the first change failed');
  const files = await Promise.all(cluster.names.map((n) => cluster.link(n).journal('tx-0')));
  const stores = new Map(
    cluster.names.flatMap((n, i) => {
      const f = files[i];
      return f?.ok === true ? [[n, f.value.store] as const] : [];
    }),
  );
  const image = { transaction: 'tx-0', stores };
  const desired = restoreDesired(image, file, await seenFrom(cluster, file));
  const goal: Goal = {
    plan: (view) => compileRestore(image, desired, view).plan,
    blockers: (plan, view) => blockers(plan, desired, view),
    remaining: (plan) => plan.steps,
  };
  const plan = goal.plan(await seenFrom(cluster, desired));
  const missing = (view: View): string =>
    [
      ...[...view.failed.values()].map((f) => f.title),
      ...goal.plan(view).steps.map((s) => `to do: ${s.summary}`),
    ].join('; ');
  return await attack({ cluster, desired, goal, plan, missing }, faults);
}

async function attack(attempt: Attempt, faults: FaultPlan): Promise<Verdict> {
  const { cluster, desired, goal, plan, missing } = attempt;
  const context = contextFor(cluster, desired, goal, (n) => paused(attempt, n), 'tx-1');
  const before = stateOf(cluster);
  const base = cluster.calls;
  cluster.inject(faults.map((f) => (typeof f.at === 'number' ? { ...f, at: f.at + base } : f)));
  const over = new AbortController();
  const dead = cluster.clock.sleep(DEAD_AFTER_MS, over.signal).then(nothing, nothing);
  const ended = await Promise.race([runTransaction(context, plan), dead]);
  const result = ended && { ...ended, exitCode: exitCodeOf(ended) };
  over.abort(OVER);
  const broken: string[] = [];
  const early = stateOf(cluster);
  const own = crashes(cluster) - faults.filter((f) => f.fault.kind === 'crash-glusterd').length;
  if (own > 0) broken.push('a glusterd crashed by what was asked of it');
  // Faults still to come are forgotten; the observation that follows is at the same instant.
  cluster.heal();
  const seen = await seenFrom(cluster, desired);
  const open = unfinishedIn(seen).length > 0;
  const good = result?.exitCode === 0 ? missing(seen) : '';
  if (good !== '') broken.push(`exit 0, but the cluster is not as it was to be: ${good}`);
  if (
    result !== undefined &&
    [3, 5, 7, 130].includes(result.exitCode) &&
    early !== before &&
    !faultLeft(faults)
  )
    broken.push(`exit ${String(result.exitCode)}, but the cluster is not as it was`);
  await cluster.clock.sleep(60_000);
  const second = await recovered(cluster, desired, goal);
  broken.push(...second.broken);
  const after = missing(second.seen) === '';
  const now = stateOf(cluster);
  if (!after && now !== before) broken.push(`neither before nor after:\n${now}\nbefore was:\n${before}`);
  for (const node of NODES) if (cluster.node(node).isLocked) broken.push(`${node} is still locked`);
  return { result, ending: after ? 'after' : 'before', open, broken, trace: cluster.trace };
}

/** A link whose every call comes late, as on a slow or busy machine. */
function paused({ cluster, pauseMaxMs = 0, seed = 0 }: Attempt, node: string): NodeLink {
  const link = cluster.link(node);
  if (pauseMaxMs === 0) return link;
  const random = seeded(seed + node.length);
  const pause = (): Promise<void> => cluster.clock.sleep(random.int(0, pauseMaxMs));
  return {
    ...link,
    observe: async (...args) => (await pause(), link.observe(...args)),
    perform: async (...args) => (await pause(), link.perform(...args)),
  };
}

export const crashes = ({ trace }: SimCluster): number =>
  trace.filter((line) => line.endsWith('glusterd crashes')).length;

/**
 * A fault that itself ends a brick or a daemon leaves the cluster other than before, without the
 * transaction's doing.
 */
export const faultLeft = (faults: FaultPlan): boolean =>
  faults.some(({ fault }) => /^(kill|crash|freeze|reboot|power|isolate|fill|immutable)/.test(fault.kind));

export const seenFrom = async (cluster: SimCluster, desired: Desired): Promise<View> => {
  const second = cluster.controller('inspector');
  return makeView(await observeAll(desired, new Map(cluster.names.map((n) => [n, second.link(n)]))));
};

/**
 * What a fault did to daemons and bricks after the last observation is not the transaction's; what the stores
 * say is.
 */
export function missingIn(view: View, desired: Desired): string {
  const { plan } = compile(desired, view);
  // What goes on after a transaction is begun by one of its own.
  const lasting = lastingSteps(plan);
  return [
    ...[...view.failed.values()].map((f) => `${f.node ?? ''}: ${f.title}`),
    ...plan.steps
      .filter((s) => !s.action.startsWith('brick-') && !lasting.includes(s))
      .map((s) => `to do: ${s.summary}`),
    ...plan.findings
      .filter((f) => f.severity === 'error' && f.code.startsWith('volume-'))
      .map((f) => f.message),
  ].join('; ');
}

/** Recovery by another controller, with nothing but what is on the nodes; and the cluster as it is then. */
async function recovered(
  cluster: SimCluster,
  desired: Desired,
  goal: Goal,
): Promise<{ readonly seen: View; readonly broken: readonly string[] }> {
  const second = cluster.controller('second');
  const context = contextFor(cluster, desired, goal, (n) => second.link(n), 'tx-2');
  const found = makeView(await observeAll(desired, context.links));
  const unfinished = unfinishedIn(found);
  if (unfinished.length === 0) return { seen: found, broken: [] };
  const { outcome, failures } = await finishUnfinished(context, unfinished);
  const words = failures.map((f) => [f.title, f.cause, ...(f.details ?? [])].join(' '));
  const broken = outcome === 'applied' ? [] : [`not finished: ${words.join('; ')}`];
  return { seen: await seenFrom(cluster, desired), broken };
}
