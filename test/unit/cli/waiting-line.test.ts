/** The line that says for whom a reading waits, on a terminal of 80 columns. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { waitingLine } from '../../../src/cli/waiting-line.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function lineFor(nodes: readonly string[], errIsTty = true) {
  let screen = '';
  const written: string[] = [];
  const err = (text: string): void => {
    written.push(text);
    for (const part of text.split(/(\r\u001b\[K)/)) screen = part === '\r\u001b[K' ? '' : screen + part;
  };
  const terminal = { out: () => undefined, err, errIsTty, outIsTty: true, colour: false, columns: 80 };
  const began = Date.now();
  return { line: waitingLine(terminal, nodes, () => Date.now() - began), screen: () => screen, written };
}

it('comes after a second, counts, and is wiped', () => {
  const { line, screen, written } = lineFor(['gu1', 'gu2', 'gu3']);
  for (const node of ['gu1', 'gu2', 'gu3']) line.onNode(node, 'started');
  line.onNode('gu1', 'done');
  line.onNode('gu2', 'failed');
  vi.advanceTimersByTime(900);
  expect(written).toEqual([]);
  vi.advanceTimersByTime(3100);
  expect(screen()).toBe('reading 2 of 3 nodes; waiting for gu3 (4 s)');
  line.end();
  expect(screen()).toBe('');
  vi.advanceTimersByTime(5000);
  expect(screen()).toBe('');
});

it('makes room for what is said meanwhile, and comes back', () => {
  const { line, screen } = lineFor(['gu1']);
  vi.advanceTimersByTime(1000);
  line.wipe();
  expect(screen()).toBe('');
  vi.advanceTimersByTime(1000);
  expect(screen()).toContain('waiting for gu1 (2 s)');
  line.end();
});

it('is one row, whatever the names and however many', () => {
  const { line, screen } = lineFor(
    Array.from({ length: 50 }, (_, i) => `${'long-name-'.repeat(4)}${String(i)}`),
  );
  vi.advanceTimersByTime(1000);
  expect(screen()).toMatch(/^reading 0 of 50 nodes; waiting for long-name/);
  expect(screen().length).toBeLessThan(80);
  line.end();
});

it('is not written where nobody sees it', () => {
  const { line, written } = lineFor(['gu1'], false);
  vi.advanceTimersByTime(9000);
  line.end();
  expect(written).toEqual([]);
});

it('is away while a question is asked', async () => {
  const { line, screen } = lineFor(['gu1']);
  vi.advanceTimersByTime(1000);
  await line.paused(() => {
    expect(screen()).toBe('');
    vi.advanceTimersByTime(5000);
    expect(screen()).toBe('');
    return Promise.resolve();
  });
  vi.advanceTimersByTime(1000);
  expect(screen()).toContain('waiting for gu1');
  line.end();
});
