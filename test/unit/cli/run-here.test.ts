/** A command that `rolling --local` runs on this machine: what it is given, and that it has an end. */
import { describe, expect, it } from 'vitest';
import { runHere } from '../../../src/cli/process.ts';

const LONG_MS = 60_000;
const { signal } = new AbortController();
const limits = { timeoutMs: LONG_MS, signal };
const shell = (line: string, more: Partial<typeof limits> = {}): Promise<number> =>
  runHere(['sh', '-c', line], { GLUSTERCTL_NODE: 'node02' }, true, { ...limits, ...more });

describe('a local command', () => {
  it.each([
    ['its exit code', 'exit 7', 7],
    ['the node it is for, in its environment', '[ "$GLUSTERCTL_NODE" = node02 ]', 0],
    ['no input', 'read -r x', 1],
  ])('has %s', async (_what, line, code) => {
    expect(await shell(line)).toBe(code);
  });

  it('that is not there ends with 127', async () => {
    expect(await runHere(['/nowhere/program'], {}, true, limits)).toBe(127);
  });

  it('is ended when its time is over, and that is no success', async () => {
    const began = performance.now();
    expect(await shell('exec sleep 60', { timeoutMs: 200 })).not.toBe(0);
    expect(performance.now() - began).toBeLessThan(LONG_MS / 2);
  });

  it('is ended when the run is interrupted', async () => {
    const stop = new AbortController();
    const running = shell('exec sleep 60', { signal: stop.signal });
    stop.abort();
    expect(await running).not.toBe(0);
  });
});
