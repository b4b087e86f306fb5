/** Who holds the cluster, for programs, and where a lock was released. Owns the order of keys. */
import type { NodeLockState, ReleaseAnswer } from '../text/lock-text.ts';
import { pretty } from './json.ts';

export const lockJson = (cluster: string, nodes: readonly NodeLockState[]): string =>
  pretty({
    formatVersion: 1,
    cluster,
    held: nodes.some((n) => n.lock?.held === true),
    nodes: nodes.map(({ node, lock }) => ({
      node,
      held: lock?.held ?? false,
      holderPid: lock?.pid ?? null,
      owner: lock?.owner ?? null,
    })),
  });

export const releasedJson = (cluster: string, done: readonly ReleaseAnswer[]): string =>
  pretty({
    formatVersion: 1,
    cluster,
    released: done.flatMap(({ node, transaction, said }) =>
      typeof said === 'string' ? [{ node, transaction, was: said }] : [],
    ),
  });
