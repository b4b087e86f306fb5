import { expect, test } from 'vitest';
import type { Event } from '../../../src/model/event.ts';
import { nodeName } from '../../../src/model/names.ts';
import { resultJson } from '../../../src/report/json/event-json.ts';
import { createRunView } from '../../../src/report/progress/run-view.ts';
import { clock, failedResult, failingRun, terminal, type Recorded } from './sample.ts';

const SHOW_CURSOR = '\u001b[?25h';
const HIDE_CURSOR = '\u001b[?25l';

async function play(
  screen: Recorded,
  events: readonly Event[],
  format: 'human' | 'json' = 'human',
): Promise<void> {
  const view = createRunView(screen, format, clock());
  for (const event of events) view.onEvent(event);
  await view.finish();
}

test('plain lines, on standard error only', async () => {
  const screen = terminal();
  await play(screen, failingRun);
  expect(screen.written.out).toBe('');
  await expect(screen.written.err).toMatchFileSnapshot('__snapshots__/run-lines.txt');
});

test('JSON: one event a line on standard output', async () => {
  const screen = terminal({ errIsTty: true });
  await play(screen, failingRun, 'json');
  expect(screen.written.err).toBe('');
  const lines = screen.written.out.trimEnd().split('\n');
  expect(lines.map((line): unknown => JSON.parse(line))).toEqual(failingRun);
  expect(resultJson(failedResult, 6)).toMatch(
    /^\{"type":"result","outcome":"rollback-incomplete","exitCode":6,"transaction":"20261123T120311-4f2a",/,
  );
});

test('live: nodes and steps appear, the cursor comes back, standard output stays empty', async () => {
  const screen = terminal({ errIsTty: true, columns: 80 });
  const view = createRunView(screen, 'human', clock());
  const [first, ...rest] = failingRun.slice(0, 14);
  if (first !== undefined) view.onEvent(first);
  for (const event of rest) view.onEvent(event);
  await expect.poll(() => screen.written.err, { timeout: 10_000 }).toContain('create volume mode, replica 3');
  expect(screen.written.err).toContain('node02  waiting for brick /usr1/data1');
  for (const event of failingRun.slice(14)) view.onEvent(event);
  await view.finish();
  expect(screen.written.out).toBe('');
  expect(screen.written.err).toContain(HIDE_CURSOR);
  expect(screen.written.err.endsWith(SHOW_CURSOR)).toBe(true);
  const last = finalScreen(screen);
  expect(last).toMatch(/✔ observe {8}3 nodes/);
  expect(last).toMatch(/✖ commit {9}1 step done, 1 failed/);
  expect(last).toMatch(/✖ start volume mode {2}node01 {2}Commit failed on node03/);
  expect(last).toMatch(/\? delete volume mode {2}node01, node02, node03 {2}outcome unknown/);
  expect(last).toMatch(/✖ node03 {2}glusterd does not answer/);
  expect(last).toContain('! node03: x\\x1b[2J');
});

test('live: without colour no colour is written', async () => {
  const screen = terminal({ errIsTty: true });
  await play(screen, failingRun);
  expect(screen.written.err).not.toMatch(/\u001b\[\d+m/);
});

test('live: what never finished is called so, even when nothing was drawn yet', async () => {
  const screen = terminal({ errIsTty: true });
  const view = createRunView(screen, 'human', clock());
  for (const event of failingRun.slice(0, 13)) view.onEvent(event);
  await Promise.all([view.finish(), view.finish()]);
  expect(finalScreen(screen)).toMatch(/\? commit .*not finished/);
  expect(screen.written.err.endsWith(SHOW_CURSOR)).toBe(true);
});

test('live: finished before anything happened', async () => {
  const screen = terminal({ errIsTty: true });
  await play(screen, []);
  expect(screen.written.err.endsWith(SHOW_CURSOR)).toBe(true);
});

test('events in odd order, twice and for phases that never began', async () => {
  for (const errIsTty of [true, false]) {
    const screen = terminal({ errIsTty });
    await play(screen, [...failingRun].reverse().concat(failingRun));
    expect(screen.written.err).toContain('rollback');
  }
});

test('thirty nodes stay within the screen: the rest is counted', async () => {
  const nodes = Array.from({ length: 30 }, (_, i) => nodeName(`node${String(i)}`));
  const screen = terminal({ errIsTty: true });
  await play(
    screen,
    nodes.map((node): Event => ({ type: 'node', phase: 'observe', node, status: 'started' })),
  );
  const lines = finalScreen(screen).split('\n');
  expect(lines.filter((line) => /node\d+ {2}/.test(line))).toHaveLength(10);
  expect(finalScreen(screen)).toContain('and 20 more nodes');
});

/** What stands on the screen at the end: all after the last time it was wiped. */
const finalScreen = (screen: Recorded): string =>
  screen.written.err.slice(screen.written.err.lastIndexOf('\u001b[G') + 1);
