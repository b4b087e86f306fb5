/**
 * Acquires and releases the lock on every node, and acquires it again on a node that was lost. The first node
 * in name order decides between two controllers; the rest follow together.
 */
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { Context } from './context.ts';
import { RECONNECT_MS } from './limits.ts';
import { notice, type PhaseResult } from './phase.ts';

export async function lockAll(context: Context): Promise<PhaseResult> {
  const [first, ...rest] = [...context.links.keys()].sort();
  if (first === undefined) return { failures: [] };
  const refused = await lockNode(context, first);
  if (refused !== undefined) return { failures: [refused] };
  const failures = await Promise.all(rest.map((node) => lockNode(context, node)));
  return { failures: failures.filter((f) => f !== undefined) };
}

async function lockNode(context: Context, node: NodeName): Promise<Failure | undefined> {
  context.emit({ type: 'node', phase: 'lock', node, status: 'started' });
  const onWait = (limitMs: number): void => {
    const limit = `waiting up to ${String(limitMs / 1000)} s`;
    notice(context, `${limit} for the last commands of an earlier controller on ${node} to end`);
  };
  const locked = await context.links.get(node)?.lock(context.owner, context.signal, onWait);
  context.emit({ type: 'node', phase: 'lock', node, status: locked?.ok === true ? 'done' : 'failed' });
  if (locked?.ok === true) context.locks.set(node, locked.value);
  return locked?.ok === false ? locked.error : undefined;
}

/** Never fails: a lock that cannot be released ends by itself within 30 seconds. */
export async function unlockAll(context: Context): Promise<void> {
  await Promise.all([...context.locks.values()].map((lock) => lock.release()));
  context.locks.clear();
}

export const lostLocks = (context: Context): readonly NodeName[] =>
  [...context.locks].filter(([, lock]) => !lock.held()).map(([node]) => node);

/** Reconnects and relocks nodes that were lost: without that, nothing can be rolled back there. */
export async function reconnectLostNodes(context: Context): Promise<readonly Failure[]> {
  const failures = await Promise.all(lostLocks(context).map((node) => reconnect(context, node)));
  return failures.filter((f) => f !== undefined);
}

async function reconnect(context: Context, node: NodeName): Promise<Failure | undefined> {
  const { clock, links } = context;
  const deadline = clock.now() + RECONNECT_MS;
  const event = { type: 'node', phase: context.phase, node } as const;
  const detail = `lost; trying to reach it again for up to ${String(RECONNECT_MS / 1000)} s`;
  context.emit({ ...event, status: 'started', detail });
  let last: Failure | undefined;
  while (clock.now() < deadline) {
    const link = await context.relink(node);
    if (link !== undefined) {
      links.set(node, link);
      last = await lockNode(context, node);
      if (last === undefined) {
        context.glusterds.mayBeAnother(node);
        context.emit({ ...event, status: 'done', detail: 'reached again' });
        return undefined;
      }
    }
    await clock.sleep(1000);
  }
  context.emit({ ...event, status: 'failed', detail: 'not reached again' });
  return failure('node-unreachable', `${node} was lost and could not be reached again to roll it back`, {
    node,
    ...(last?.cause !== undefined && { cause: last.cause }),
  });
}
