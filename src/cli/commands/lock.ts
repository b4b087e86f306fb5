/**
 * `lock show` and `lock release`: who holds the cluster, and a holder's lock taken away. Refuses to touch one
 * that lives unless it is named.
 */
import { failure, type Failure, FailureError } from '../../core/failure.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { NodeName } from '../../model/names.ts';
import type { Released } from '../../model/node-link.ts';
import type { LockFacts } from '../../model/observed.ts';
import { lockedFailure } from '../../model/locked.ts';
import { failureText } from '../../report/text/failure-text.ts';
import { lockJson, lockText } from '../../report/text/lock-text.ts';
import { pretty } from '../../report/json/plan-json.ts';
import { makeView } from '../../view/view.ts';
import { exitCodeOfFailures } from '../exit-codes.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { exitWith } from '../process.ts';
import { observeCluster, openAny, type Session } from '../session.ts';

export interface LockFlags extends SshFlags {
  readonly format: 'text' | 'json';
}

export interface ReleaseFlags extends LockFlags {
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
  terminal.out(
    flags.format === 'json' ? lockJson(desired.cluster, nodes) : lockText(desired.cluster, nodes, terminal),
  );
  tellFailures([...view.failed.values()], session);
}

export async function lockReleaseCommand(file: string, flags: ReleaseFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  await using cluster = await observeCluster(desired, session);
  const { nodes } = makeView(cluster.observed);
  const locks = nodes.flatMap(({ node, lock }) => (lock === undefined ? [] : [{ node, lock }]));
  refuse(locks, flags.force, file);
  const done = await releaseAll(cluster, locks);
  if (flags.format === 'json') session.terminal.out(releasedJson(desired.cluster, done));
  else session.terminal.out(releasedText(done));
  tellFailures(
    done.flatMap((d) => (typeof d.said === 'string' ? [] : [d.said])),
    session,
  );
}

interface NodeLockFacts {
  readonly node: NodeName;
  readonly lock: LockFacts;
}

/** Everything is refused before anything is touched: a lock taken away on half of the nodes helps nobody. */
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
  throw new FailureError({
    ...lockedFailure(first.node, first.lock.owner),
    fix:
      id === undefined
        ? 'its name cannot be read yet: look again; a holder that is dead lets go within 30 seconds'
        : `wait for it to end; a holder that is dead lets go within 30 seconds; to end one that lives: glusterctl lock release ${file} --force ${id}`,
    details: others.map(
      ({ node, lock }) =>
        `${node}: transaction ${lock.owner?.transaction ?? 'unknown'}, holder pid ${String(lock.pid ?? 0)}`,
    ),
  });
}

interface Done {
  readonly node: NodeName;
  readonly transaction: string;
  readonly said: Released | Failure;
}

const releaseAll = async (cluster: Cluster, locks: readonly NodeLockFacts[]): Promise<readonly Done[]> => {
  const done = await Promise.all(
    locks.map(async ({ node, lock }): Promise<Done | undefined> => {
      const transaction = lock.owner?.transaction;
      const answer =
        transaction === undefined ? undefined : await cluster.links.get(node)?.release(transaction);
      if (transaction === undefined || answer === undefined) return undefined;
      return { node, transaction, said: answer.ok ? answer.value : answer.error };
    }),
  );
  return done.filter((d) => d !== undefined);
};

const SAID: { readonly [said in Released]: (d: Done) => string } = {
  ended: (d) => `${d.node}: the holder of transaction ${d.transaction} was ended; the lock is free`,
  left: (d) => `${d.node}: the name of transaction ${d.transaction} was removed; nobody held the lock`,
  none: (d) => `${d.node}: transaction ${d.transaction} had let go by itself meanwhile`,
};

function releasedText(done: readonly Done[]): string {
  if (done.length === 0) return 'Nobody holds the cluster. Nothing was changed.\n';
  const lines = done.flatMap((d) => (typeof d.said === 'string' ? [SAID[d.said](d)] : []));
  const ended = done.some((d) => d.said === 'ended');
  const next = ended ? ['', 'What it had begun stays as it is: "glusterctl recover FILE" settles it.'] : [];
  return [...lines, ...next, ''].join('\n');
}

const releasedJson = (cluster: string, done: readonly Done[]): string =>
  pretty({
    formatVersion: 1,
    cluster,
    released: done.flatMap(({ node, transaction, said }) =>
      typeof said === 'string' ? [{ node, transaction, was: said }] : [],
    ),
  });

function tellFailures(failures: readonly Failure[], { terminal }: Session): void {
  if (failures.length === 0) return;
  terminal.err(`${failureText(failures, terminal.colour).trimEnd()}\n`);
  exitWith(exitCodeOfFailures(failures));
}
