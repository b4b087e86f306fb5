import { readFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { embed, lines, raw, sh, type Script } from '../../../src/core/shell.ts';
import type { Connection, Session } from '../../../src/model/connection.ts';
import { execInput } from '../../../src/ssh/channel.ts';
import { descendants, sshdIsHere, startSshd, until, type Sshd } from './sshd.ts';

const USUAL = { timeoutMs: 10_000, maxOutputBytes: 1024 * 1024 };

describe.each(['dash', 'bash'])('a script on the standard input of %s', (shell) => {
  const run = (input: string): string => {
    try {
      return execFileSync(shell, ['-s'], { input, encoding: 'utf8', stdio: ['pipe', 'pipe', 'ignore'] });
    } catch (error) {
      return typeof error === 'object' && error !== null && 'stdout' in error ? String(error.stdout) : '';
    }
  };

  test('cut short anywhere, it does not start', () => {
    const whole = execInput(sh`f() { echo ran; }
if true; then f; fi
cat <<'END'
ran
}
END
echo ran`);
    const begun = whole.lastIndexOf('}');
    const starts: number[] = [];
    for (let length = 0; length <= begun; length += 3) {
      if (run(whole.slice(0, length)).includes('ran')) starts.push(length);
    }
    expect(starts).toEqual([]);
    expect(run(whole).match(/ran/g)).toHaveLength(3);
  });

  test('inner commands find no input, and the exit status is the last one', () => {
    const input = execInput(sh`cat; read -r line || echo none; (exit 3)`);
    expect(run(input)).toContain('none');
    expect(() => execFileSync(shell, ['-s'], { input, stdio: 'pipe' })).toThrow(
      expect.objectContaining({ status: 3 }),
    );
  });
});

describe.skipIf(!sshdIsHere)('a connection to a real sshd (needs root and /usr/sbin/sshd)', () => {
  let sshd: Sshd;
  let node: Connection;
  beforeAll(async () => {
    sshd = await startSshd();
    node = await sshd.connect();
  });
  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await sshd[Symbol.asyncDispose]();
  });

  const output = async (script: Script): Promise<string> => {
    const answer = await node.exec(script, USUAL);
    return answer.ok ? answer.value.stdout.toString() : JSON.stringify(answer.error);
  };
  /** A path in the test's own directory, and whether the script made it. */
  const trace = (name: string): { readonly file: string; readonly made: () => boolean } => {
    const file = sshd.path(name);
    return { file, made: () => existsSync(file) };
  };

  describe('exec', () => {
    test('answers standard output, standard error and the exit status', async () => {
      const answer = await node.exec(sh`echo out; echo err >&2; exit 7`, USUAL);
      expect(answer).toEqual({
        ok: true,
        value: { code: 7, signal: null, stdout: Buffer.from('out\n'), stderr: 'err\n' },
      });
    });

    test('names the signal that ended the script', async () => {
      const answer = await node.exec(sh`kill -TERM $$`, USUAL);
      expect(answer).toMatchObject({ ok: true, value: { code: null, signal: 'SIGTERM' } });
    });

    test('standard output is bytes', async () => {
      const answer = await node.exec(sh`printf '\000\377\n'`, USUAL);
      expect(answer).toMatchObject({ ok: true, value: { stdout: Buffer.from([0, 255, 10]) } });
    });

    test('hostile strings arrive as they are', async () => {
      const hostile = [
        ...[
          "'",
          '"',
          '$(touch /tmp/x)',
          '`id`',
          '$HOME',
          '\\',
          '\\n',
          '!!',
          '*',
          '~',
          '; exit 9',
          '} ; {',
          '#',
          ' ',
        ],
        ...['a\nb', '\t', '-n', '--', '', '☃', "'\\''", '&& false', '> /dev/null', '\u0001'],
      ];
      expect(await output(sh`printf '%s\037' ${hostile}`)).toBe(
        hostile.map((each) => `${each}\u001f`).join(''),
      );
    });

    test('a script larger than a packet and a pipe arrives whole', async () => {
      const word = 'x'.repeat(300_000);
      expect(await output(sh`printf %s ${word} | wc -c`)).toBe('300000\n');
      expect(await output(lines(...Array.from({ length: 5_000 }, () => sh`: comment`), sh`echo end`))).toBe(
        'end\n',
      );
    });

    test('the whole output of a talkative script arrives', async () => {
      const answer = await node.exec(sh`head -c 5000000 /dev/zero`, { ...USUAL, maxOutputBytes: 5_000_000 });
      expect(answer.ok && answer.value.stdout.length).toBe(5_000_000);
    });

    test.each([raw`1`, raw`2`])(
      'too much on stream %# ends the channel, not the connection',
      async (stream) => {
        const answer = await node.exec(sh`while :; do echo 0123456789; done >&${stream}`, {
          ...USUAL,
          maxOutputBytes: 10_000,
        });
        expect(answer).toMatchObject({ ok: false, error: { code: 'output-too-large', node: 'node01' } });
        expect(await output(sh`echo still here`)).toBe('still here\n');
      },
    );

    test('output of exactly the bound is not too much', async () => {
      const answer = await node.exec(sh`printf 0123456789`, { ...USUAL, maxOutputBytes: 10 });
      expect(answer).toMatchObject({ ok: true, value: { stdout: Buffer.from('0123456789') } });
    });

    test('a script that takes too long is a timeout', async () => {
      const answer = await node.exec(sh`exec sleep 5`, { ...USUAL, timeoutMs: 150 });
      expect(answer).toMatchObject({ ok: false, error: { code: 'timeout', node: 'node01' } });
    });

    test('a signal stops the waiting', async () => {
      const stop = new AbortController();
      const { file, made } = trace('started');
      const answer = node.exec(sh`: >${file}; exec sleep 5`, { ...USUAL, signal: stop.signal });
      await until('the script runs', made);
      stop.abort();
      expect(await answer).toMatchObject({ ok: false, error: { code: 'interrupted' } });
      expect(await node.exec(sh`true`, { ...USUAL, signal: stop.signal })).toMatchObject({
        ok: false,
        error: { code: 'interrupted' },
      });
    });

    test('what a login shell prints at its start is not the script’s output', async () => {
      await using noisy = await startSshd(['ForceCommand echo Welcome; eval "$SSH_ORIGINAL_COMMAND"']);
      await using there = await noisy.connect();
      expect(await there.exec(sh`echo out`, USUAL)).toMatchObject({
        ok: true,
        value: { stdout: Buffer.from('out\n') },
      });
      const session = await there.session(sh`echo line`, {});
      expect(session.ok && (await session.value.readLine(5_000))).toEqual({ ok: true, value: 'line' });
    });

    test.each(['cat', 'echo Go away.', 'exit 0'])(
      'a forced command (%s) does not pass for success',
      async (command) => {
        await using forced = await startSshd([`ForceCommand ${command}`]);
        await using there = await forced.connect();
        const refused = { ok: false, error: { code: 'privilege-denied', node: 'node01' } };
        expect(await there.exec(sh`echo out`, USUAL)).toMatchObject(refused);
        if (command !== 'cat') expect(await there.session(sh`echo out`, {})).toMatchObject(refused);
      },
    );

    test('thirty in parallel all run, at most eight at a time', async () => {
      const { file } = trace('running');
      const script = sh`echo + >>${file}; sleep 0.05; echo - >>${file}`;
      const said = await Promise.all(Array.from({ length: 30 }, async () => await output(script)));
      expect(said.filter((words) => words !== '')).toEqual([]);
      // Appended lines have one order for all of them; a listing of a directory would not be one instant.
      const lines = (await readFile(file, 'utf8')).trim().split('\n');
      let running = 0;
      const counts = lines.map((line) => (running += line === '+' ? 1 : -1));
      expect(lines).toHaveLength(60);
      expect(Math.max(...counts)).toBeGreaterThan(1);
      expect(Math.max(...counts)).toBeLessThanOrEqual(8);
    });

    test('a wait for a free channel can be interrupted', async () => {
      const stop = new AbortController();
      const { file, made } = trace('full');
      const script = sh`while ! test -e ${file}.go; do sleep 0.01; done`;
      const busy = Array.from({ length: 8 }, async () => await node.exec(script, USUAL));
      const waiting = node.exec(sh`: >${file}`, { ...USUAL, signal: stop.signal });
      stop.abort();
      expect(await waiting).toMatchObject({ ok: false, error: { code: 'interrupted' } });
      const next = node.exec(sh`echo next`, USUAL);
      await using other = await sshd.connect();
      await other.exec(sh`: >${file}.go`, USUAL);
      expect((await Promise.all(busy)).every((answer) => answer.ok)).toBe(true);
      expect(await next).toMatchObject({ ok: true });
      expect(made()).toBe(false);
    });

    test('a channel that sshd has no room for at this moment is requested again', async () => {
      await using small = await startSshd(['MaxSessions 1']);
      await using only = await small.connect();
      const both = await Promise.all([only.exec(sh`sleep 0.1`, USUAL), only.exec(sh`echo ran`, USUAL)]);
      expect(both).toMatchObject([{ ok: true }, { ok: true }]);
    });

    test('a channel that sshd refuses is reported so', async () => {
      await using small = await startSshd(['MaxSessions 1']);
      await using there = await small.connect();
      const session = await there.session(sh`read -r line`, {});
      expect(session.ok).toBe(true);
      const refused = await there.exec(sh`true`, USUAL);
      expect(refused).toMatchObject({ ok: false, error: { code: 'node-unreachable', node: 'node01' } });
      expect(!refused.ok && refused.error.fix).toContain('MaxSessions');
    });
  });

  describe('session', () => {
    const open = async (script: Script): Promise<Session> => {
      const answer = await node.session(script, {});
      if (!answer.ok) throw new Error(JSON.stringify(answer.error));
      return answer.value;
    };
    const ECHO = sh`while read -r line; do echo "<$line>"; done; echo bye; echo trouble >&2; exit 4`;

    test('exchanges lines until its input is closed', async () => {
      const session = await open(ECHO);
      expect(session.send(`it's "quoted" $HOME`)).toBe(true);
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: `<it's "quoted" $HOME>` });
      expect(session.send('two')).toBe(true);
      expect(session.send('three')).toBe(true);
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: '<two>' });
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: '<three>' });
      session.close();
      session.close();
      expect(session.send('late')).toBe(false);
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: 'bye' });
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: null });
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: null });
      expect(await session.ended).toEqual({ code: 4, stderr: 'trouble\n' });
    });

    test('its script is in no argument list, which every user of the node can read', async () => {
      const session = await open(sh`: needle
tr '\0' ' ' </proc/$$/cmdline; echo; cat`);
      const line = await session.readLine(5_000);
      expect(line).toMatchObject({ ok: true, value: expect.stringContaining('head -c') as string });
      expect(line).not.toMatchObject({ value: expect.stringContaining('needle') as string });
      session.close();
    });

    test('a silence is a timeout, and the line that comes after is not lost', async () => {
      const session = await open(ECHO);
      expect(await session.readLine(50)).toMatchObject({ ok: false, error: { code: 'timeout' } });
      session.send('later');
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: '<later>' });
      session.close();
      await session.ended;
    });

    test('a last line without newline counts when the script ended by itself', async () => {
      const session = await open(sh`printf 'one\ntwo'`);
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: 'one' });
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: 'two' });
      expect(await session.readLine(5_000)).toEqual({ ok: true, value: null });
    });

    test.each([
      ['a line that never ends', sh`tr '\000' x </dev/zero`],
      ['lines that are not read', sh`yes`],
    ])('%s ends the session', async (_what, script) => {
      const session = await open(script);
      expect((await session.ended).code).not.toBe(0);
      let line = await session.readLine(5_000);
      while (line.ok && line.value !== null) line = await session.readLine(5_000);
      expect(line).toMatchObject({ ok: false, error: { code: 'output-too-large' } });
    });

    test('a session that cannot start is a failure', async () => {
      const stop = new AbortController();
      stop.abort();
      expect(await node.session(ECHO, { signal: stop.signal })).toMatchObject({
        ok: false,
        error: { code: 'interrupted' },
      });
    });

    test('a signal after the start does not end it', async () => {
      const start = new AbortController();
      const answer = await node.session(ECHO, { signal: start.signal });
      if (!answer.ok) throw new Error('not started');
      start.abort();
      answer.value.send('on');
      expect(await answer.value.readLine(5_000)).toEqual({ ok: true, value: '<on>' });
      answer.value.close();
      await answer.value.ended;
    });
  });

  describe('a connection that ends', () => {
    /** The server's processes for one connection, in a server of its own. */
    const cut = (own: Sshd, signal: 'SIGKILL' | 'SIGSTOP'): void => {
      for (const pid of descendants(own.pid)) process.kill(pid, signal);
    };

    test('cut: what runs is lost, what waits too, and all that follows', async () => {
      await using own = await startSshd();
      await using there = await own.connect();
      const session = await there.session(sh`printf half; exec sleep 20`, {});
      if (!session.ok) throw new Error('not started');
      const made = (): boolean => existsSync(own.path('runs'));
      const script = sh`: >${own.path('runs')}; exec sleep 20`;
      const running = Array.from({ length: 10 }, async () => await there.exec(script, USUAL));
      await until('a script runs', made);
      cut(own, 'SIGKILL');
      const lost = { ok: false, error: { code: 'connection-lost', node: 'node01' } };
      for (const answer of await Promise.all(running)) expect(answer).toMatchObject(lost);
      await there.closed;
      expect(await session.value.ended).toEqual({ code: null, stderr: '' });
      expect(await session.value.readLine(5_000)).toEqual({ ok: true, value: null });
      expect(session.value.send('x')).toBe(false);
      expect(await there.exec(sh`true`, USUAL)).toMatchObject(lost);
      expect(await there.session(sh`true`, {})).toMatchObject(lost);
    });

    test('silent: keepalive finds it', async () => {
      await using own = await startSshd();
      await using there = await own.connect({}, { keepaliveIntervalMs: 50 });
      const running = there.exec(sh`: >${own.path('runs')}; exec sleep 20`, USUAL);
      await until('the script runs', () => existsSync(own.path('runs')));
      cut(own, 'SIGSTOP');
      expect(await running).toMatchObject({ ok: false, error: { code: 'connection-lost' } });
      await there.closed;
    });

    test('disposed: what runs ends immediately, and twice is fine', async () => {
      const there = await sshd.connect();
      const running = there.exec(sh`exec sleep 20`, USUAL);
      await there[Symbol.asyncDispose]();
      await there[Symbol.asyncDispose]();
      await there.closed;
      expect(await running).toMatchObject({ ok: false, error: { code: 'connection-lost' } });
    });
  });

  test('scripts in scripts keep their quoting', async () => {
    expect(await output(sh`x=${"a'b"}; ${embed(sh`echo "$x" ${'c d'}`)}`)).toBe("a'b c d\n");
  });
});
