/** Failures of a cluster that another controller holds: who, since when, and what to do. */
import { failure, type Failure } from '../core/failure.ts';
import { type LockOwner, ownerWords } from './transaction.ts';

/** Who it is; `more` goes into the parentheses. */
export const holderWords = (owner: LockOwner | undefined, more = ''): string =>
  owner === undefined ? 'an unknown controller' : ownerWords(owner, more);

export function lockedFailure(node: string, owner: LockOwner | undefined): Failure {
  return failure('cluster-locked', `the cluster is locked by ${holderWords(owner)}`, {
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
