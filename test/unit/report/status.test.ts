import { expect, test } from 'vitest';
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
  expect(keysOf(value)).toEqual(['formatVersion', 'cluster', 'findings']);
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
