/**
 * Takes and gives back the lock on every node. The first node in name order decides between two controllers;
 * the rest follow at once.
 */
import type { Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type { Context } from './context.ts';

export async function lockAll(context: Context): Promise<readonly Failure[]> {
  const [first, ...rest] = [...context.links.keys()].sort();
  if (first === undefined) return [];
  const refused = await lockNode(context, first);
  if (refused !== undefined) return [refused];
  const failures = await Promise.all(rest.map((node) => lockNode(context, node)));
  return failures.filter((f) => f !== undefined);
}

export async function lockNode(context: Context, node: NodeName): Promise<Failure | undefined> {
  context.emit({ type: 'node', phase: 'lock', node, status: 'started' });
  const taken = await context.links.get(node)?.lock(context.owner, context.signal);
  context.emit({ type: 'node', phase: 'lock', node, status: taken?.ok === true ? 'done' : 'failed' });
  if (taken?.ok === true) context.locks.set(node, taken.value);
  return taken?.ok === false ? taken.error : undefined;
}

/** Never fails: what cannot be released releases itself, within 30 seconds. */
export async function unlockAll(context: Context): Promise<void> {
  await Promise.all([...context.locks.values()].map((lock) => lock.release()));
  context.locks.clear();
}

export const lostLocks = (context: Context): readonly NodeName[] =>
  [...context.locks].filter(([, lock]) => !lock.held()).map(([node]) => node);
