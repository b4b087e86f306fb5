/** The way out of a node that cannot be reached, in words. Owns which failures it is offered for. */
import type { Failure } from '../core/failure.ts';

/** Failures of a node that may be gone; one that refuses a login is there. */
const GONE: readonly Failure['code'][] = ['node-unreachable', 'connection-lost', 'timeout'];

/** It may be gone, for all that the failure says. */
export const mayBeGone = ({ code }: Failure): boolean => GONE.includes(code);

/** Names the flag with which a command goes on without the node. */
export const orWithoutIt = (failure: Failure): Failure =>
  failure.node === undefined || !mayBeGone(failure)
    ? failure
    : {
        ...failure,
        fix: [failure.fix ?? [], `if ${failure.node} is gone: --without ${failure.node}`].flat().join('\n'),
      };
