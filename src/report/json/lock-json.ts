/** Who holds the cluster, for programs, and where a lock was released. Owns the order of keys. */
import type { Failure } from '../../core/failure.ts';
import type { NodeLockState, ReleaseAnswer } from '../text/lock-text.ts';
import { pretty, unreadJson } from './json.ts';

/** `held` is of the nodes that were read: with `unread`, false is no answer. */
export const lockJson = (
  cluster: string,
  nodes: readonly NodeLockState[],
  unread: readonly Failure[],
): string =>
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
    unread: unread.map(unreadJson),
  });

export const releasedJson = (cluster: string, done: readonly ReleaseAnswer[]): string =>
  pretty({
    formatVersion: 1,
    cluster,
    released: done.flatMap(({ node, transaction, said }) =>
      typeof said === 'string' ? [{ node, transaction, was: said }] : [],
    ),
  });
