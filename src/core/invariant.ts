/**
 * Programmer errors: what can only happen if glusterctl itself is wrong. Never used for bad input or a sick
 * cluster.
 */
export class InternalError extends Error {
  override readonly name = 'InternalError';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (condition === false || condition === undefined || condition === null) throw new InternalError(message);
}

/**
 * The default branch of an exhaustive switch: compiles only where every case is handled, and throws if run.
 */
export function absurd(value: never): never {
  throw new InternalError(`impossible value: ${JSON.stringify(value)}`);
}
