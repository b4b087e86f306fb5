import { expect, test } from 'vitest';
import { failure } from '../../../src/core/failure.ts';
import { doctorJson } from '../../../src/report/json/doctor-json.ts';
import { statusJson } from '../../../src/report/json/status-json.ts';
import { doctorMarkdown } from '../../../src/report/markdown/doctor-markdown.ts';
import { doctorText } from '../../../src/report/text/doctor-text.ts';
import { statusText } from '../../../src/report/text/status-text.ts';
import { error, HOSTILE, keysOf, status, warning } from './sample.ts';

test('the cluster at a glance fits 80 columns', async () => {
  const text = statusText(status, { colour: false });
  await expect(text).toMatchFileSnapshot('__snapshots__/status.txt');
  expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

test('colour does not move a column', () => {
  const stripped = statusText(status, { colour: true }).replaceAll(/\u001b\[\d+m/g, '');
  expect(stripped).toBe(statusText(status, { colour: false }));
});

test('status as JSON', () => {
  const value: unknown = JSON.parse(statusJson(status));
  expect(value).toMatchObject({ formatVersion: 1, cluster: 'mode', nodes: [{}, {}, { version: null }] });
});

test('doctor as text', async () => {
  await expect(doctorText('mode', [warning, error], { colour: false })).toMatchFileSnapshot(
    '__snapshots__/doctor.txt',
  );
});

test('a healthy cluster', () => {
  expect(doctorText('mode', [], { colour: false })).toBe(
    'Cluster mode\n\nNo disagreement and no fault found.\n',
  );
  expect(doctorMarkdown('mode', [])).toBe(
    '### glusterctl doctor: mode\n\nNo disagreement and no fault found.\n',
  );
});

test('doctor as JSON has exactly the promised keys', () => {
  const value: unknown = JSON.parse(doctorJson(HOSTILE, [error]));
  expect(keysOf(value)).toEqual(['formatVersion', 'cluster', 'findings', 'unread']);
  expect(value).toMatchObject({ cluster: HOSTILE, findings: [error] });
});

test('doctor as markdown is bounded', () => {
  const text = doctorMarkdown(
    'mode',
    Array.from({ length: 3000 }, () => error),
  );
  expect(new TextEncoder().encode(text).length).toBeLessThan(60_000);
  expect(text).toContain('more findings cut for length');
});

const unread = [
  failure('node-unreachable', 'cannot connect to node03', { node: 'node03', cause: 'no route to host' }),
];

test.each([
  ['doctor as text', doctorText('mode', [], { colour: false, unread: ['node03'] })],
  ['doctor as JSON', doctorJson('mode', [], unread)],
  ['doctor as markdown', doctorMarkdown('mode', [], unread)],
  ['status as text', statusText({ ...status, findings: [], unread }, { colour: false })],
  ['status as JSON', statusJson({ ...status, findings: [], unread })],
])('a cluster with a node that was not read is not called well: %s', (_name, text) => {
  expect(text).toContain('node03');
  expect(text).not.toMatch(/No disagreement and no fault found\.|Nothing is wrong that glusterctl can see/);
});

test('a node that was not read is in the documents for programs, with the reason', () => {
  const expected = {
    unread: [
      {
        node: 'node03',
        code: 'node-unreachable',
        title: 'cannot connect to node03',
        cause: 'no route to host',
      },
    ],
  };
  for (const text of [doctorJson('mode', [], unread), statusJson({ ...status, unread })]) {
    const value: unknown = JSON.parse(text);
    expect(value).toMatchObject(expected);
  }
});
