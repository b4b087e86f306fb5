/**
 * The lock of a node over a connection: a person learns what is waited for, and is heard meanwhile.
 */
import { expect, it } from 'vitest';
import { ok, type Result } from '../../../src/core/result.ts';
import type { Failure } from '../../../src/core/failure.ts';
import type { Connection, Session } from '../../../src/model/connection.ts';
import type { NodeLock } from '../../../src/model/node-link.ts';
import { nodeName } from '../../../src/model/names.ts';
import { DRAIN_MAX_S } from '../../../src/node/limits.ts';
import { WAITING_LINES_MAX } from '../../../src/node/fence.ts';
import { remoteLink } from '../../../src/node/remote-link.ts';
import { owner } from '../../contract/harness.ts';

const never = new Promise<never>(() => undefined);
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A session of which these lines are read, and then nothing for ever. */
function locking(lines: readonly string[]) {
  const left = [...lines];
  const waits: number[] = [];
  const stop = new AbortController();
  let isClosed = false;
  const session: Session = {
    send: () => true,
    readLine: () => {
      const line = left.shift();
      return line === undefined ? never : Promise.resolve(ok(line));
    },
    ended: never,
    close: () => {
      isClosed = true;
    },
  };
  const connection: Connection = {
    node: nodeName('node01'),
    exec: () => never,
    session: () => Promise.resolve(ok(session)),
    closed: never,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const clock = { now: () => 0, sleep: () => never };
  const locked: Promise<Result<NodeLock, Failure>> = remoteLink(connection, clock).lock(
    owner('draining'),
    stop.signal,
    (limitMs) => void waits.push(limitMs),
  );
  return { locked, stop, waits, isClosed: () => isClosed };
}

it.each([
  ['before the node says anything', []],
  ['while the node says that it waits', ['waiting', 'waiting']],
])('is given up the moment it is interrupted %s, and its session is closed', async (_, lines) => {
  const { locked, stop, isClosed } = locking(lines);
  for (let i = 0; i < 10; i++) await soon();
  expect(isClosed()).toBe(false);
  stop.abort();
  expect(await locked).toMatchObject({ ok: false, error: { code: 'interrupted', node: 'node01' } });
  expect(isClosed()).toBe(true);
});

it('is said once to be waited for, and how long at most', async () => {
  const { locked, waits } = locking(['waiting', 'waiting', 'held']);
  const taken = await locked;
  expect([taken.ok, waits]).toEqual([true, [DRAIN_MAX_S * 1000]]);
  if (taken.ok) void taken.value.release();
});

it('is not waited for longer than a node waits, however often it says so', async () => {
  const { locked, isClosed } = locking(Array<string>(WAITING_LINES_MAX).fill('waiting'));
  const taken = await locked;
  expect(taken).toMatchObject({ ok: false, error: { code: 'node-unreadable', node: 'node01' } });
  expect(isClosed()).toBe(true);
});
