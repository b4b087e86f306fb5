/**
 * Connects to many nodes at once, and lets all go again. Owns no policy: who must answer is the caller's
 * decision.
 */
import type { Failure } from '../core/failure.ts';
import type { Result } from '../core/result.ts';
import type { Connection, Connector } from '../model/connection.ts';
import type { NodeName } from '../model/names.ts';
import { CONNECTIONS_AT_ONCE, Slots } from './limits.ts';

export type Connected = ReadonlyMap<NodeName, Result<Connection, Failure>>;

/** One answer for each name, in the order given. */
export async function connectAll(
  connector: Connector,
  names: readonly NodeName[],
  options: { readonly signal?: AbortSignal; readonly limit?: number } = {},
): Promise<Connected> {
  const { signal, limit = CONNECTIONS_AT_ONCE } = options;
  const slots = new Slots(limit);
  const answers = await Promise.all(
    names.map(async (name) => {
      // Without the signal: once it is aborted every connect answers at once, and says so in its own words.
      await slots.acquire(undefined);
      try {
        return [name, await connector.connect(name, signal === undefined ? {} : { signal })] as const;
      } finally {
        slots.release();
      }
    }),
  );
  return new Map(answers);
}

/** Closes what was opened, all at once. Never throws: what went wrong before matters more than a goodbye. */
export async function disposeAll(connected: Connected): Promise<void> {
  const open = [...connected.values()].flatMap((answer) => (answer.ok ? [answer.value] : []));
  const goodbyes = open.map(async (connection) => {
    await connection[Symbol.asyncDispose]();
  });
  await Promise.allSettled(goodbyes);
}
