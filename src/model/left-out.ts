/** The way out of a node that cannot be reached, in words. Owns which failures it is offered for. */
import type { Failure } from '../core/failure.ts';

/** Failures of a node that may be gone; one that refuses a login is there. */
const GONE: readonly Failure['code'][] = ['node-unreachable', 'connection-lost', 'timeout'];

/** Names the flag with which a command goes on without the node. */
export const orWithoutIt = (failure: Failure): Failure =>
  failure.node === undefined || !GONE.includes(failure.code)
    ? failure
    : {
        ...failure,
        fix: [failure.fix ?? [], `if ${failure.node} is gone: --without ${failure.node}`].flat().join('\n'),
      };
