/**
 * `lock show` and `lock release`: who holds the cluster, and how its lock is released. Refuses to end a
 * living holder unless it is named.
 */
import { quote } from '../../core/shell.ts';
import { failure, type Failure, FailureError } from '../../core/failure.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { NodeName } from '../../model/names.ts';
import type { LockFacts } from '../../model/observed.ts';
import { lockedFailure } from '../../model/locked.ts';
import { failureText } from '../../report/text/failure-text.ts';
import type { ReleaseAnswer } from '../../report/text/lock-text.ts';
import { makeView } from '../../view/view.ts';
import { exitCodeOfFailures } from '../exit-codes.ts';
import { type FormatOf, FORMATS } from '../formats.ts';
import { load, readSource, type SshFlags, type WithoutFlags } from '../input.ts';
import { exitWith } from '../process.ts';
import { observeCluster, openAny, type Session } from '../session.ts';

export interface LockFlags extends SshFlags {
  readonly format: FormatOf<'locks'>;
}

export interface ReleaseFlags extends LockFlags, WithoutFlags {
  /** The transaction whose living holder is ended. */
  readonly force?: string;
}

export async function lockShowCommand(file: string, flags: LockFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await openAny(desired, session);
  const view = makeView(cluster.observed);
  const nodes = view.nodes.map(({ node, lock }) => ({ node, lock }));
  const { terminal } = session;
  const unread = [...view.failed.values()];
  terminal.out(await FORMATS[flags.format].locks({ cluster: desired.cluster, nodes, unread }, terminal));
  printFailures(unread, session);
}

export async function lockReleaseCommand(file: string, flags: ReleaseFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const { nodes } = makeView(cluster.observed);
  const locks = nodes.flatMap(({ node, lock }) => (lock === undefined ? [] : [{ node, lock }]));
  refuse(locks, flags.force, quote(file));
  const answers = await releaseAll(cluster, locks);
  session.terminal.out(await FORMATS[flags.format].released({ cluster: desired.cluster, answers }));
  printFailures(
    answers.flatMap((d) => (typeof d.said === 'string' ? [] : [d.said])),
    session,
  );
}

interface NodeLockFacts {
  readonly node: NodeName;
  readonly lock: LockFacts;
}

/** Everything is refused before anything is touched: a lock released on half of the nodes helps nobody. */
function refuse(locks: readonly NodeLockFacts[], force: string | undefined, file: string): void {
  const others = locks.filter(({ lock }) => lock.held && lock.owner?.transaction !== force);
  const [first] = others;
  if (first === undefined && (force === undefined || locks.some((l) => l.lock.owner?.transaction === force)))
    return;
  if (first === undefined)
    throw new FailureError(
      failure('invalid-input', `no node is held by transaction ${force ?? ''}`, {
        fix: `glusterctl lock show ${file}`,
      }),
    );
  const id = first.lock.owner?.transaction;
  const dead = 'a holder that is dead lets go within 30 seconds';
  throw new FailureError({
    ...lockedFailure(first.node, first.lock.owner),
    fix:
      id === undefined
        ? `its name cannot be read yet: try again; ${dead}`
        : `wait for it to end; ${dead}; to end one that lives: glusterctl lock release ${file} --force ${id}`,
    details: others.map(
      ({ node, lock }) =>
        `${node}: transaction ${lock.owner?.transaction ?? 'unknown'}, holder pid ${String(lock.pid ?? 0)}`,
    ),
  });
}

const releaseAll = async (
  cluster: Cluster,
  locks: readonly NodeLockFacts[],
): Promise<readonly ReleaseAnswer[]> => {
  const done = await Promise.all(
    locks.map(async ({ node, lock }): Promise<ReleaseAnswer | undefined> => {
      const transaction = lock.owner?.transaction;
      const answer =
        transaction === undefined ? undefined : await cluster.links.get(node)?.release(transaction);
      if (transaction === undefined || answer === undefined) return undefined;
      return { node, transaction, said: answer.ok ? answer.value : answer.error };
    }),
  );
  return done.filter((d) => d !== undefined);
};

function printFailures(failures: readonly Failure[], { terminal }: Session): void {
  if (failures.length === 0) return;
  terminal.err(`${failureText(failures, terminal.colour).trimEnd()}\n`);
  exitWith(exitCodeOfFailures(failures));
}
