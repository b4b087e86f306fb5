/** Failures of a cluster that another controller holds: who, since when, and what to do. */
import { failure, type Failure } from '../core/failure.ts';
import type { LockOwner } from '../model/transaction.ts';

export function lockedFailure(node: string, owner: LockOwner | undefined): Failure {
  const who =
    owner === undefined
      ? 'an unknown controller'
      : `${owner.user}@${owner.host} (pid ${String(owner.pid)}, "${owner.command}")`;
  return failure('cluster-locked', `the cluster is locked by ${who}`, {
    node,
    ...(owner && { cause: `held on ${node} since ${owner.since} by transaction ${owner.transaction}` }),
    fix:
      'wait for it to end; a holder that is dead lets go within 30 seconds; ' +
      '"glusterctl lock show FILE" shows the holder',
    details: owner === undefined ? [] : [owner.transaction],
  });
}

export const takenAgainFailure = (node: string, transaction: string): Failure =>
  failure('cluster-locked', `the lock on ${node} was taken again meanwhile`, {
    node,
    cause: `by transaction ${transaction}`,
    fix: 'run it again',
  });

export const drainingFailure = (node: string, transaction: string): Failure =>
  failure(
    'command-failed',
    `a command of the holder still runs on ${node}; the lock was not released there`,
    {
      node,
      cause: `transaction ${transaction}`,
      fix: 'run it again when the command has ended',
    },
  );
