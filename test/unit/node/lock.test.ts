/**
 * The lock of a node over a connection: a person who wants to stop is heard while the node waits for others.
 */
import { expect, it } from 'vitest';
import type { Connection, Session } from '../../../src/model/connection.ts';
import { nodeName } from '../../../src/model/names.ts';
import { remoteLink } from '../../../src/node/remote-link.ts';
import { owner } from '../../contract/harness.ts';

const never = new Promise<never>(() => undefined);

it('is given up the moment it is interrupted, and the session that waits for it is closed', async () => {
  let isClosed = false;
  const session: Session = {
    send: () => true,
    readLine: () => never,
    ended: never,
    close: () => {
      isClosed = true;
    },
  };
  const connection: Connection = {
    node: nodeName('node01'),
    exec: () => never,
    session: () => Promise.resolve({ ok: true, value: session }),
    closed: never,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const clock = { now: () => 0, sleep: () => never };
  const stop = new AbortController();
  const locked = remoteLink(connection, clock).lock(owner('draining'), stop.signal);
  await new Promise((resolve) => setImmediate(resolve));
  expect(isClosed).toBe(false);
  stop.abort();
  expect(await locked).toMatchObject({ ok: false, error: { code: 'interrupted', node: 'node01' } });
  expect(isClosed).toBe(true);
});
