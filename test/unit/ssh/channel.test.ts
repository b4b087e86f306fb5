/** What a shell is given to run: the whole script or nothing; and it ends with the script. */
import { spawn } from 'node:child_process';
import { expect, test } from 'vitest';
import { sh } from '../../../src/core/shell.ts';
import { execInput } from '../../../src/ssh/channel.ts';

test('the shell ends with the script, with its exit code, though its input is never ended', async () => {
  const shell = spawn('sh', ['-s'], { stdio: ['pipe', 'ignore', 'ignore'] });
  try {
    const code = new Promise((resolve) => shell.once('exit', resolve));
    shell.stdin.write(execInput(sh`(exit 7)`));
    expect(await code).toBe(7);
  } finally {
    shell.kill('SIGKILL');
  }
}, 10_000);
