/**
 * The lock and the fence as shell, on this machine in a directory of their own: what remains of a dead
 * controller, and until when.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fenced, lockScript, ownerJson } from '../../../src/node/fence.ts';
import { releaseScript } from '../../../src/node/release.ts';
import { type Script, sh } from '../../../src/core/shell.ts';
import { owner } from '../../contract/harness.ts';
import { until } from '../../lab/host.ts';

const LIMIT_MS = 10_000;

describe('a lock whose controller died', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'fence-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  function start(script: Script): {
    say(line: string): void;
    die(): void;
    /** Its output is no longer read. */
    deafen(): void;
    ended: Promise<number>;
    out(): string;
  } {
    const child = spawn('sh', ['-c', script.replaceAll('/run/glusterctl', dir)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let text = '';
    child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
    return {
      say: (line) => child.stdin.write(line),
      die: () => child.stdin.destroy(),
      deafen: () => child.stdout.destroy(),
      ended: once(child, 'close').then(([code]) => code as number),
      out: () => text,
    };
  }
  const name = (): boolean => existsSync(join(dir, 'owner.json'));
  const hold = async (id: string): Promise<ReturnType<typeof start>> => {
    const holder = start(lockScript(owner(id)));
    await until(`${id} holds`, LIMIT_MS, () => holder.out().includes('held') || undefined);
    return holder;
  };
  /** A command under this name, once it runs; it ends when the file is there. */
  const running = async (id: string, file: string): Promise<ReturnType<typeof start>> => {
    const command = start(fenced(id, go(file)));
    await until('the command to run', LIMIT_MS, () => command.out().includes('begun') || undefined);
    return command;
  };
  const go = (file: string): Script => sh`echo begun; until [ -e ${file} ]; do sleep 0.05; done`;

  test('is released immediately, and its name goes with its last command', async () => {
    const holder = await hold('first');
    const file = join(dir, 'go');
    const command = await running('first', file);
    holder.die();
    await until(
      'the lock to be free',
      LIMIT_MS,
      async () => (await start(sh`flock -n -x ${join(dir, 'lock')} true`).ended) === 0 || undefined,
    );
    expect(name()).toBe(true);
    await start(sh`touch ${file}`).ended;
    expect(await command.ended).toBe(0);
    expect(await holder.ended).toBe(0);
    expect(name()).toBe(false);
  });

  test('leaves no name where it dies before it has read that it holds the lock', async () => {
    const holder = start(lockScript(owner('first')));
    holder.deafen();
    holder.die();
    expect(await holder.ended).toBe(0);
    expect(existsSync(join(dir, 'lock'))).toBe(true);
    expect(name()).toBe(false);
  });

  test('says that it waits for the last command of another, and ends where nobody hears that', async () => {
    const dead = await hold('first');
    const file = join(dir, 'go');
    const command = await running('first', file);
    dead.die();
    const next = start(lockScript(owner('second')));
    await until('the word', LIMIT_MS, () => next.out() === 'waiting\n' || undefined);
    next.deafen();
    expect(await next.ended).toBe(0);
    await start(sh`touch ${file}`).ended;
    expect([await command.ended, await dead.ended]).toEqual([0, 0]);
    expect(name()).toBe(false);
  });

  test('removes only its own name', async () => {
    const dead = await hold('first');
    const file = join(dir, 'go');
    const command = await running('first', file);
    dead.die();
    const next = start(lockScript(owner('second')));
    expect(next.out()).toBe('');
    await start(sh`touch ${file}`).ended;
    await until('the second holds', LIMIT_MS, () => next.out().includes('held') || undefined);
    expect(await dead.ended).toBe(0);
    expect(await start(fenced('second', sh`true`)).ended).toBe(0);
    next.say('free\n');
    expect(await next.ended).toBe(0);
    expect(name()).toBe(false);
    expect(await command.ended).toBe(0);
  });

  const stopped = (): string => {
    writeFileSync(join(dir, 'stopped'), '');
    const file = join(dir, 'go');
    writeFileSync(
      join(dir, 'restart'),
      `echo begun >${dir}/alone; until [ -e ${file} ]; do sleep 0.05; done; rm ${dir}/stopped`,
    );
    return file;
  };

  test('ends when the glusterd that it had stopped runs, and the next holder waits', async () => {
    const holder = await hold('first');
    const file = stopped();
    holder.die();
    await until('the restart', LIMIT_MS, () => existsSync(join(dir, 'alone')) || undefined);
    const next = start(lockScript(owner('second')));
    expect(await start(sh`sleep 0.5`).ended).toBe(0);
    expect(next.out()).toBe('');
    await start(sh`touch ${file}`).ended;
    await until('the second holds', LIMIT_MS, () => next.out().includes('held') || undefined);
    expect(existsSync(join(dir, 'stopped'))).toBe(false);
    expect(await holder.ended).toBe(0);
    expect(await start(fenced('second', sh`true`)).ended).toBe(0);
    next.say('free\n');
    await next.ended;
  });

  test('starts nothing where its controller let go of it', async () => {
    const holder = await hold('first');
    stopped();
    holder.say('free\n');
    expect(await holder.ended).toBe(0);
    expect(existsSync(join(dir, 'alone'))).toBe(false);
  });

  test('is taken away by name: the living holder ends, another one is not touched', async () => {
    const holder = await hold('first');
    const wrong = start(releaseScript('second'));
    expect(await wrong.ended).toBe(0);
    expect(wrong.out()).toBe('none\n');
    expect(name()).toBe(true);
    const waiting = start(lockScript(owner('third')));
    expect(await waiting.ended).toBe(80);
    const right = start(releaseScript('first'));
    expect(await right.ended).toBe(0);
    expect(right.out()).toBe('ended\n');
    await holder.ended;
    expect(name()).toBe(false);
    expect(await start(fenced('first', sh`true`)).ended).toBe(81);
  });

  test('is taken away only after what runs under it has ended', async () => {
    await hold('first');
    const file = join(dir, 'go');
    const command = await running('first', file);
    const release = start(releaseScript('first'));
    expect(await start(sh`sleep 0.5; flock -n -x ${join(dir, 'lock')} true`).ended).toBe(1);
    await start(sh`touch ${file}`).ended;
    expect(await release.ended).toBe(0);
    expect(release.out()).toBe('ended\n');
    expect(await command.ended).toBe(0);
    expect(name()).toBe(false);
  });

  test('leaves a name without a holder, which goes the same way', async () => {
    const file = join(dir, 'owner.json');
    writeFileSync(join(dir, 'lock'), '');
    writeFileSync(file, ownerJson(owner('dead')));
    const release = start(releaseScript('dead'));
    expect(await release.ended).toBe(0);
    expect(release.out()).toBe('left\n');
    expect(name()).toBe(false);
  });
});
