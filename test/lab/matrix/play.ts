/**
 * Plays one case: the change is asked for, the fault comes at its moment and goes again, and the cluster must
 * then stand exactly before or exactly after, as the exit code said. Owns the judgement; a case that falls
 * short is an answer, not an error.
 */
import { doctor, glusterctl } from '../cluster.ts';
import { until } from '../host.ts';
import { type Lab, startWriter } from '../lab.ts';
import { bricksBut } from '../round-lab.ts';
import { type Rollback, type Seen, Watched } from '../watched.ts';
import {
  closeTerminal,
  doByHand,
  kill,
  killInRestart,
  loseJournal,
  loseNode,
  recover,
  type Strike,
  undoByHand,
} from './aftermath.ts';
import { type Case, type Change, isByHand } from './cases.ts';
import { ON_NODE } from './faults.ts';
import {
  type Ask,
  type Layout,
  layoutOf,
  type MatrixLab,
  lockFree,
  nodeOf,
  normalised,
  nothingLeft,
  snapshot,
} from './matrix-lab.ts';

const MOMENT_MS = 240_000;
const LOCK_MS = 35_000;
/** The end of a node's lock waits up to 65 s until systemd itself has started a crashed glusterd again. */
const LEFT_MS = 80_000;
const SOUND_MS = 45_000;
const SETTLED_MS = 8_000;
const AGAIN = 'the repair, once more without a fault,';

export interface Played {
  readonly name: string;
  readonly change: string;
  readonly fault: string;
  readonly phase: string;
  /** The phase that was going on when the fault was complete; `ended` where the run was over before. */
  readonly landed: string;
  readonly exit: number | null;
  readonly recovered: boolean;
  readonly stands: 'before' | 'after';
  readonly rollback?: Rollback;
  /** Seconds until the lock of the killed controller was free. */
  readonly lock?: number;
  readonly writes: number;
  readonly longestGapMs: number;
  readonly seconds: number;
  /** Empty: green. */
  readonly short: readonly string[];
}

const isMoment =
  ({ phase, change, fault }: Case) =>
  (e: Seen): boolean =>
    phase === 'commit' && fault !== 'cut-before'
      ? e.type === 'step' && e.phase === 'commit' && e.action === change.action && e.status === 'started'
      : e.type === 'phase' && e.phase === phase && e.status === 'started';

/**
 * Makes the fault at its moment, lets it stand as long as it does, undoes it. Answers the phase in which it
 * was complete.
 */
async function strike(cluster: MatrixLab, c: Case, watched: Watched, ask: Ask): Promise<Strike> {
  if (!(await watched.reaches(isMoment(c), MOMENT_MS)))
    return { landed: 'never', short: [`the run never came to its ${c.phase}: ${watched.words()}`] };
  if (c.fault === 'controller-killed' || isByHand(c.fault)) return await kill(cluster.lab, watched);
  if (c.fault === 'terminal-closed') return await closeTerminal(watched);
  if (c.fault === 'node-lost') return await loseNode(cluster, c, watched);
  if (c.fault === 'journal-lost') return await loseJournal(cluster, c, watched);
  if (c.fault === 'killed-in-restart') return await killInRestart(cluster, watched);
  if (c.fault === 'second-controller') {
    const second = await glusterctl(ask.command, ask.file, '--yes', ...ask.flags);
    const isExpected = [0, 3, 4, 5, 8].includes(second.code ?? -1);
    return {
      landed: c.phase,
      short: isExpected ? [] : [`the second exits ${String(second.code)}: ${second.stderr}`],
    };
  }
  const fault = ON_NODE[c.fault];
  const undo = await fault.make(nodeOf(cluster.lab, c.change, c.role), c.change);
  const landed = watched.phase();
  const isOver = (e: Seen): boolean =>
    e.type === 'phase' &&
    ((fault.until === 'phase' && e.phase === c.phase && e.status !== 'started') ||
      (fault.until !== 'end' && e.phase === 'rollback'));
  await watched.reaches(isOver, fault.limitMs);
  await undo();
  return { landed, short: [] };
}

/**
 * What the cluster is after a change of this kind, without what chance decides; learnt once by a run without
 * a fault.
 */
export type Afters = Map<string, Promise<string>>;

async function learn(cluster: MatrixLab, change: Change, layout: Layout): Promise<string> {
  const ask = await cluster.prepare(change, layout);
  const ran = await glusterctl(ask.command, ask.file, '--yes', ...ask.flags);
  if (ran.code !== 0)
    throw new Error(`${change.name} without a fault exits ${String(ran.code)}: ${ran.stdout}${ran.stderr}`);
  return normalised(await snapshot(cluster.lab));
}

export async function play(cluster: MatrixLab, c: Case, afters: Afters): Promise<Played> {
  const { lab } = cluster;
  const layout = c.fault === 'replace-brick-by-hand' ? 'replica 2' : layoutOf(c.change);
  const known = afters.get(`${c.change.name} ${layout}`) ?? learn(cluster, c.change, layout);
  afters.set(`${c.change.name} ${layout}`, known);
  const after = await known;
  const began = performance.now();
  const ask = await cluster.prepare(c.change, layout);
  const before = await snapshot(lab);
  const bricksBefore = baseBricks(lab);
  const writer = await startWriter(cluster.mount);
  const watched = new Watched(ask.command, ask.file, ask.flags);
  const struck = await strike(cluster, c, watched, ask).catch((error: unknown) => {
    watched.run.signal('SIGKILL');
    throw error;
  });
  const { landed, short: found, lock } = struck;
  const ran = await watched.done;
  const short = [...found];
  const isOwed = ran.code === null || ran.code === 6;
  const isDone = isByHand(c.fault) && (await doByHand(lab, c.fault));
  if (isOwed) await recover(lab, ask.file, short);
  if (isDone && isByHand(c.fault)) short.push(...(await undoByHand(lab, c.fault)));
  let now = '';
  // Beside what others have set, nothing makes a volume that was started one again that never was.
  const asStopped = (store: string): string => (isDone ? store.replaceAll('status=0', 'status=2') : store);
  const isBefore = (): boolean => asStopped(now) === asStopped(before);
  const isAfter = (): boolean => normalised(now) === after;
  // A glusterd that has just come back writes its peers again, each in a file of another name first.
  await until('a settled store', SETTLED_MS, async () => {
    now = await snapshot(lab);
    return (ran.code !== 0 && isBefore()) || isAfter() ? true : undefined;
  }).catch(() => undefined);
  if (!isBefore() && !isAfter()) short.push(`neither before nor after: ${difference(before, now)}`);
  if (ran.code === 0 && !isAfter())
    short.push(`exit 0, and not after: ${difference(after, normalised(now))}`);
  // What the run has completed before stands, and is said where somebody is left to hear it.
  const isHeard = c.fault !== 'terminal-closed';
  const isSaid = ran.code === 130 && isAfter() && (!isHeard || ran.stdout.includes('"changed":'));
  if (!isOwed && ran.code !== 0 && !isBefore() && !isSaid)
    short.push(`exit ${String(ran.code)}, and not before`);
  const stands = isAfter() && (ran.code === 0 || !isBefore()) ? 'after' : 'before';
  if (c.change.repair === true && ran.code !== 0) {
    await again(ask, short);
    now = await snapshot(lab);
    if (!isAfter()) short.push(`${AGAIN} does not bring it after: ${difference(after, normalised(now))}`);
  }
  await shortOf(short, () => nothingLeft(lab, LEFT_MS));
  await shortOf(short, () => lockFree(lab, LOCK_MS));
  await shortOf(short, () => sound(ask.file));
  short.push(...bricksChanged(lab, c, landed, bricksBefore));
  const report = await writer.stop();
  if (report.errors.length > 0)
    short.push(`the client saw ${String(report.errors.length)} errors: ${report.errors[0] ?? ''}`);
  if (short.length > 0)
    short.push(`the run said: exit ${String(ran.code)} ${watched.words()} ${ran.stderr.slice(-300)}`);
  const rollback = watched.rollback();
  return {
    name: c.name,
    change: c.change.name,
    fault: c.fault,
    phase: c.phase,
    landed,
    exit: ran.code,
    recovered: isOwed,
    stands,
    ...(rollback !== undefined && { rollback }),
    ...(lock !== undefined && { lock }),
    writes: report.writes,
    longestGapMs: report.longestGapMs,
    seconds: (performance.now() - began) / 1000,
    short,
  };
}

/** Of the volume that no case changes, by node. */
const baseBricks = (lab: Lab): ReadonlyMap<string, readonly string[]> =>
  new Map(lab.nodes.map((node) => [node.name, bricksBut(node, '/bricks/d2/v')]));

/** Whether the fault itself ends bricks of its node: from the commit on the drop-in spares them. */
const endsBricks = ({ fault }: Case, landed: string): boolean =>
  fault === 'node-rebooted' ||
  fault === 'node-lost' ||
  ((fault === 'glusterd-crashed' || fault === 'glusterd-killed') &&
    landed !== 'commit' &&
    landed !== 'post-validate');

function bricksChanged(
  lab: Lab,
  c: Case,
  landed: string,
  before: ReturnType<typeof baseBricks>,
): readonly string[] {
  const struck = nodeOf(lab, c.change, c.role).name;
  return [...baseBricks(lab)].flatMap(([name, now]) => {
    const was = before.get(name) ?? [];
    if ((name === struck && endsBricks(c, landed)) || was.join() === now.join()) return [];
    return [`bricks of ${name} have changed: ${was.join(', ')}; then ${now.join(', ')}`];
  });
}

async function again({ command, file, flags }: Ask, short: string[]): Promise<void> {
  let ran = await glusterctl(command, file, '--yes', ...flags);
  // While daemons come back the cluster moves under a plan, and exit 4 asks for another.
  for (let i = 0; i < 5 && ran.code === 4; i++) ran = await glusterctl(command, file, '--yes', ...flags);
  if (ran.code !== 0)
    short.push(`${AGAIN} exits ${String(ran.code)}: ${(ran.stdout + ran.stderr).slice(-800)}`);
}

/** Daemons that were restarted see their peers, bricks and heals only after some seconds. */
async function sound(file: string): Promise<void> {
  let words = '';
  const ask = async (): Promise<true | undefined> => {
    const ran = await doctor(file);
    words = `${String(ran.code)}: ${ran.stdout}${ran.stderr}`;
    return ran.code === 0 ? true : undefined;
  };
  await until('doctor to be content', SOUND_MS, ask).catch(() => {
    throw new Error(`doctor exits ${words.slice(0, 900)}`);
  });
}

async function shortOf(short: string[], check: () => Promise<unknown>): Promise<void> {
  await check().catch((error: unknown) => short.push(error instanceof Error ? error.message : String(error)));
}

function difference(was: string, is: string): string {
  const [a, b] = [was.split('\n'), is.split('\n')];
  const missing = a.filter((l) => !b.includes(l)).map((l) => `-${l}`);
  const added = b.filter((l) => !a.includes(l)).map((l) => `+${l}`);
  const words = [...missing, ...added].slice(0, 12).join(' ');
  return words === '' ? `same lines, ${String(a.length)} then ${String(b.length)}` : words;
}

/**
 * A controller that hangs instead of dying: seconds until every node let go of its lock. The cluster is
 * recovered after.
 */
export async function hungLock(cluster: MatrixLab, change: Change): Promise<number> {
  const ask = await cluster.prepare(change);
  const watched = new Watched(ask.command, ask.file, ask.flags);
  await watched.reaches((e) => e.type === 'step' && e.status === 'started', MOMENT_MS);
  watched.run.signal('SIGSTOP');
  const seconds = await lockFree(cluster.lab, 60_000);
  watched.run.signal('SIGKILL');
  await watched.done;
  await recover(cluster.lab, ask.file, []);
  return seconds;
}
