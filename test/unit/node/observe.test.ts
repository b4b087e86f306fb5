/** A node is read over a connection: once, and once more where its store seems damaged. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { ok } from '../../../src/core/result.ts';
import type { Connection } from '../../../src/model/connection.ts';
import { nodeName } from '../../../src/model/names.ts';
import type { NodeFacts } from '../../../src/model/observed.ts';
import { remoteLink } from '../../../src/node/remote-link.ts';

const CAPTURED = gunzipSync(readFileSync(new URL('../../fixtures/node02.probe.gz', import.meta.url)));
const NONCE = '0123456789abcdef0123456789abcdef';
const clock = { now: () => 0, sleep: () => Promise.resolve() };

/** Answers in this order; the last one from then on. */
async function observed(...answers: readonly string[]): Promise<{ facts: NodeFacts; asked: number }> {
  let asked = 0;
  const connection = {
    node: nodeName('node02'),
    exec(script: string) {
      const nonce = /^nonce=([0-9a-f]{32})$/m.exec(script)?.[1] ?? '';
      const answer = answers[Math.min(asked++, answers.length - 1)] ?? '';
      const stdout = Buffer.from(answer.replaceAll(NONCE, nonce), 'latin1');
      return Promise.resolve(ok({ code: 0, stdout, stderr: '' }));
    },
  } as unknown as Connection;
  const request = { paths: [], hosts: [], optionCatalogue: false };
  const read = await remoteLink(connection, clock).observe(request);
  if (!read.ok) throw new Error(read.error.title);
  return { facts: read.value, asked };
}

const WHOLE = CAPTURED.toString('latin1');
const DAMAGED = WHOLE.replace('replica_count=3', 'replica_count=x');

it('reads a store that is as it should be once', async () => {
  const { facts, asked } = await observed(WHOLE);
  expect([asked, facts.store.problems]).toEqual([1, []]);
});

it('does not believe in a damage that is gone when the store is read again', async () => {
  const { facts, asked } = await observed(DAMAGED, WHOLE);
  expect([asked, facts.store.problems]).toEqual([2, []]);
});

it('believes in a damage that stays', async () => {
  const { facts, asked } = await observed(DAMAGED);
  expect(asked).toBe(2);
  expect(facts.store.problems).toMatchObject([
    { problem: expect.stringContaining('replica_count=x') as unknown },
  ]);
});
