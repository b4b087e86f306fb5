/**
 * How glusterd is stopped and started on hosts of every kind, as shell on this machine: a stand-in process,
 * and stand-ins for the service managers.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { embed, type Script, sh } from '../../../src/core/shell.ts';
import {
  endSparing,
  freezeScript,
  restartAlone,
  restartScript,
  spareScript,
  startScript,
  stopScript,
  storeIsDone,
} from '../../../src/node/service.ts';

let dir: string;
let running: ChildProcess[];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'service-'));
  running = [];
  mkdirSync(join(dir, 'bin'));
});
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

function program(path: string, body: string): void {
  writeFileSync(join(dir, path), `#!/bin/sh\n${body}\n`);
  chmodSync(join(dir, path), 0o755);
}

/** With the node's directories below `dir`, and its programs before all others. */
function run(script: Script): { readonly code: number | null; readonly said: string } {
  const text = script
    .replaceAll('/run/systemd/system', join(dir, 'systemd'))
    .replaceAll('PATH=/usr/local', `PATH=${join(dir, 'bin')}:/usr/local`)
    .replaceAll('/run/glusterctl', join(dir, 'glusterctl'))
    .replaceAll('/etc/init.d', join(dir, 'init.d'))
    .replaceAll('/var/log/glusterfs', join(dir, 'log'));
  const PATH = `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`;
  const env = { PATH, GLUSTERCTL_TRANSACTION: 'tx' };
  const { status, stderr } = spawnSync('sh', ['-c', `umask 077\n${text}`], { encoding: 'utf8', env });
  return { code: status, said: stderr };
}

/** A process of the name, in the pid namespace that `wrap` gives it. */
async function glusterd(...wrap: readonly string[]): Promise<ChildProcess> {
  const file = join(dir, 'glusterd');
  if (!existsSync(file)) copyFileSync('/bin/sleep', file);
  const [program, ...words] = [...wrap, file, '600'];
  const child = spawn(program, words, { stdio: 'ignore' });
  running.push(child);
  await new Promise((resolve) => child.once('spawn', resolve));
  return child;
}

const stateOf = (pid: number | undefined): string =>
  existsSync(`/proc/${String(pid)}/stat`)
    ? (readFileSync(`/proc/${String(pid)}/stat`, 'utf8')
        .split(') ')[1]
        ?.charAt(0) ?? '')
    : 'gone';
const nameOf = (pid: number): string =>
  existsSync(`/proc/${String(pid)}/comm`) ? readFileSync(`/proc/${String(pid)}/comm`, 'utf8').trim() : '';
const hasEnded = (pid: number | undefined): boolean => ['gone', 'Z'].includes(stateOf(pid));

/**
 * As of EL7: it does not know --value. Prints `process` once the drop-in is in place. Returns the jobs that
 * it was given.
 */
function oldSystemd(activeState = 'active', subState = 'running'): () => readonly string[] {
  mkdirSync(join(dir, 'systemd'));
  const log = join(dir, 'systemctl.log');
  const dropIn = join(dir, 'systemd/glusterd.service.d/50-glusterctl.conf');
  program(
    'bin/systemctl',
    `echo "$*" >>${log}
case "$*" in *--value*) echo "unrecognized option '--value'" >&2; exit 1 ;; esac
if [ "$1" = show ]; then
  case "$*" in
    *KillMode*) if [ -f ${dropIn} ]; then echo KillMode=process; else echo KillMode=control-group; fi ;;
    *ActiveState*) echo ActiveState=${activeState} ;;
    *SubState*) echo SubState=${subState} ;;
  esac
fi`,
  );
  writeFileSync(log, '');
  return () =>
    readFileSync(log, 'utf8')
      .split('\n')
      .filter((l) => l !== '' && !/^(show|daemon-reload|reset-failed)/.test(l));
}

describe('bricks are spared', () => {
  test('by a drop-in where the unit would kill them', () => {
    oldSystemd();
    expect(run(spareScript).code).toBe(0);
    expect(existsSync(join(dir, 'systemd/glusterd.service.d/50-glusterctl.conf'))).toBe(true);
  });

  test('by nothing of ours where the unit spares them already', () => {
    oldSystemd();
    program('bin/systemctl', 'case "$*" in *KillMode*) echo KillMode=process ;; esac');
    expect(run(spareScript).code).toBe(0);
    expect(existsSync(join(dir, 'systemd/glusterd.service.d'))).toBe(false);
  });
});

describe('the end of a lock', () => {
  const END = sh`${endSparing}
end_sparing`;
  const dropIn = (): boolean => existsSync(join(dir, 'systemd/glusterd.service.d/50-glusterctl.conf'));
  const sparing = (subState: string): (() => readonly string[]) => {
    const jobs = oldSystemd('active', subState);
    expect(run(spareScript).code).toBe(0);
    return jobs;
  };

  test('removes the drop-in, and does nothing to a glusterd that runs', () => {
    const jobs = sparing('running');
    expect(run(END).code).toBe(0);
    expect(jobs()).toEqual([]);
    expect(dropIn()).toBe(false);
  });

  test('starts a glusterd that was killed: behind the drop-in systemd does not', () => {
    const jobs = sparing('exited');
    run(END);
    expect(jobs()).toEqual(['restart --job-mode=ignore-dependencies glusterd']);
  });

  test('waits for one that comes up slowly, and removes the drop-in then', () => {
    sparing('start');
    const asked = join(dir, 'asked');
    program(
      'bin/systemctl',
      `echo . >>${asked}; [ $(wc -l <${asked}) -gt 80 ] && echo SubState=running || echo SubState=start`,
    );
    program('bin/sleep', ':');
    run(END);
    expect(dropIn()).toBe(false);
  });

  describe('of one that comes up much later', () => {
    /** Whether the drop-in is there when nobody waits any more; the clock goes on by ten seconds an ask. */
    const keepsIt = (upAfterMs: number, isHeld = false): boolean => {
      sparing('start');
      const asked = join(dir, 'clock');
      const isUp = `[ $(wc -l <${asked}) -gt ${String(upAfterMs / 10_000)} ]`;
      const states = `if ${isUp}; then echo SubState=running; else echo SubState=start; fi`;
      program('bin/systemctl', `case "$*" in *SubState*) ${states} ;; esac`);
      program('bin/date', `echo . >>${asked}; echo $(($(wc -l <${asked}) * 10))`);
      program('bin/sleep', ':');
      mkdirSync(join(dir, 'glusterctl'));
      if (isHeld) writeFileSync(join(dir, 'glusterctl/owner.json'), '');
      run(sh`${embed(END)}
wait`);
      return dropIn();
    };

    test('goes then', () => {
      expect(keepsIt(10 * 60_000)).toBe(false);
    });

    test('stays where another controller has the node by then', () => {
      expect(keepsIt(10 * 60_000, true)).toBe(true);
    });

    test('stays where it does not come up in half an hour', () => {
      expect(keepsIt(45 * 60_000)).toBe(true);
    });
  });

  test('leaves one that we have stopped, with its drop-in', () => {
    const jobs = sparing('exited');
    expect(run(stopScript(false)).code).toBe(0);
    run(END);
    expect(jobs()).toEqual([]);
    expect(dropIn()).toBe(true);
  });
});

describe('a node that hears nothing more from the controller that stopped its glusterd', () => {
  const WORK = (): Script => sh`echo done >>${join(dir, 'work')}`;
  const others = ['node02', 'node03'];
  /** `answer`: of a gluster that asks another node. */
  function silent(entrusted: Script | undefined, answer: string, then: Script = sh`:`): readonly string[] {
    program('bin/own-glusterd', `echo started >>${join(dir, 'started')}`);
    program('bin/logger', `echo "$*" >>${join(dir, 'logged')}`);
    program('bin/gluster', `case "$*" in *--remote-host*) ${answer} ;; esac`);
    program('bin/sleep', ':');
    program('bin/date', `echo . >>${join(dir, 'clock')}; echo $(($(wc -l <${join(dir, 'clock')}) * 10))`);
    const script = sh`${embed(stopScript(false, entrusted))}
${embed(then)}
${restartAlone}
restart_alone`;
    expect(run(script).code).toBe(0);
    return ['work', 'started', 'logged', 'glusterctl/stopped', 'glusterctl/restart'].filter((file) =>
      existsSync(join(dir, file)),
    );
  }
  const restart = (hosts: readonly string[]): Script => restartScript(WORK(), hosts, ['own-glusterd']);

  test('does the work on its store, starts it, and leaves no mark', () => {
    expect(silent(restart([]), 'exit 0')).toEqual(['work', 'started', 'logged']);
  });

  test('does so where the others were stopped too', () => {
    expect(silent(restart(others), 'echo Connection failed. >&2; exit 1')).toEqual([
      'work',
      'started',
      'logged',
    ]);
  });

  test.each([
    ['runs', 'exit 0'],
    ['does not answer', 'exit 124'],
  ])('does nothing where one of the others %s', (_what, answer) => {
    const left = silent(restart(others), answer);
    expect(left).toEqual(['logged', 'glusterctl/stopped', 'glusterctl/restart']);
    expect(readFileSync(join(dir, 'logged'), 'utf8')).toContain('glusterctl recover');
  });

  test('does the work once: then the others may be up again', () => {
    expect(silent(restart(others), 'exit 0', storeIsDone)).toEqual(['started', 'logged']);
  });

  test('starts nothing where the work fails', () => {
    const fails = restartScript(sh`exit 1`, [], ['own-glusterd']);
    expect(silent(fails, 'exit 0')).toEqual(['logged', 'glusterctl/stopped', 'glusterctl/restart']);
  });

  test('leaves a glusterd that nobody said how to start', () => {
    expect(silent(undefined, 'exit 0')).toEqual(['glusterctl/stopped']);
  });
});

describe('a stop', () => {
  test('is a signal behind the drop-in, and no job of systemd, however old that is', async () => {
    const verbs = oldSystemd();
    const { pid } = await glusterd();
    expect(run(stopScript(false))).toMatchObject({ code: 0 });
    expect(hasEnded(pid)).toBe(true);
    expect(verbs()).toEqual([]);
    const dropIn = readFileSync(join(dir, 'systemd/glusterd.service.d/50-glusterctl.conf'), 'utf8');
    expect(dropIn).toContain('KillMode=process');
    expect(dropIn).toContain('RemainAfterExit=yes');
  });

  test('is not made where bricks could not be spared', async () => {
    oldSystemd();
    program('bin/systemctl', 'case "$*" in *KillMode*) echo KillMode=mixed ;; esac');
    const { pid } = await glusterd();
    const ran = run(stopScript(false));
    expect(ran).toMatchObject({ code: 1 });
    expect(ran.said).toContain('would kill the bricks');
    expect(hasEnded(pid)).toBe(false);
    expect(run(spareScript).code).toBe(1);
  });

  test('thaws a frozen one, so that it ends by itself', async () => {
    const { pid } = await glusterd();
    process.kill(pid ?? 0, 'SIGSTOP');
    expect(run(stopScript(false))).toMatchObject({ code: 0 });
    expect(hasEnded(pid)).toBe(true);
  });

  test.skipIf(process.getuid?.() !== 0)('leaves a glusterd of a container alone', async () => {
    const { pid } = await glusterd('unshare', '--pid', '--fork', '--kill-child');
    const children = `/proc/${String(pid)}/task/${String(pid)}/children`;
    await expect
      .poll(() => nameOf(Number(readFileSync(children, 'utf8'))), { timeout: 10_000 })
      .toBe('glusterd');
    const inside = Number(readFileSync(children, 'utf8'));
    expect(run(stopScript(false))).toMatchObject({ code: 0 });
    expect(hasEnded(inside)).toBe(false);
    expect(run(freezeScript)).toMatchObject({ code: 1, said: 'glusterd does not run\n' });
  });
});

describe('a start', () => {
  test('of one that runs and is frozen thaws it, and ends nothing', async () => {
    const { pid } = await glusterd();
    process.kill(pid ?? 0, 'SIGSTOP');
    program('bin/gluster', `case $(cut -d ' ' -f 3 /proc/${String(pid)}/stat) in T*) exit 1 ;; esac`);
    expect(run(startScript([]))).toMatchObject({ code: 0 });
    // Asleep, or about to be.
    expect(['S', 'R']).toContain(stateOf(pid));
  });

  test('by a script of init has neither our umask nor our mark', () => {
    mkdirSync(join(dir, 'init.d'));
    program('init.d/glusterd', `umask >${join(dir, 'umask')}; env >${join(dir, 'env')}`);
    program('bin/gluster', 'exit 0');
    expect(run(startScript([]))).toMatchObject({ code: 0 });
    expect(readFileSync(join(dir, 'umask'), 'utf8').trim()).toBe('0022');
    expect(readFileSync(join(dir, 'env'), 'utf8')).not.toContain('GLUSTERCTL_TRANSACTION');
  });

  test('with no service manager has neither of them, and the arguments that it had', () => {
    const seen = join(dir, 'seen');
    program('bin/own-glusterd', `{ umask; env; echo "$*"; } >${seen}`);
    program('bin/gluster', 'exit 0');
    expect(run(startScript(['own-glusterd', '-p', '/run/g.pid']))).toMatchObject({ code: 0 });
    const text = readFileSync(seen, 'utf8');
    expect(text).toMatch(/^0022\n/);
    expect(text).toContain('-p /run/g.pid');
    expect(text).not.toContain('GLUSTERCTL_TRANSACTION');
  });

  test('of a unit that we have ended restarts it alone, so that what depends on it goes on', () => {
    const verbs = oldSystemd('active', 'exited');
    program('bin/gluster', 'exit 0');
    expect(run(startScript([]))).toMatchObject({ code: 0 });
    expect(verbs()).toEqual(['restart --job-mode=ignore-dependencies glusterd']);
  });

  test('of a unit that waits for its own restart does not wait with it', () => {
    const verbs = oldSystemd('activating', 'auto-restart');
    program('bin/gluster', 'exit 0');
    expect(run(startScript([]))).toMatchObject({ code: 0 });
    expect(verbs()).toEqual(['stop --job-mode=ignore-dependencies glusterd', 'start glusterd']);
  });

  test('that fails says what its log says since then, and leaves the drop-in', () => {
    oldSystemd('inactive', 'dead');
    mkdirSync(join(dir, 'log'));
    writeFileSync(join(dir, 'log/glusterd.log'), '[t] E [old] an error of last year\n');
    const systemctl = readFileSync(join(dir, 'bin/systemctl'), 'utf8');
    writeFileSync(
      join(dir, 'bin/systemctl'),
      `${systemctl}\n[ "$1" != start ] || ` +
        `{ echo '[t] E [new] no such brick' >>${join(dir, 'log/glusterd.log')}; exit 1; }\n`,
    );
    const ran = run(startScript([]));
    expect(ran.code).toBe(1);
    expect(ran.said).toContain('no such brick');
    expect(ran.said).not.toContain('last year');
    expect(existsSync(join(dir, 'systemd/glusterd.service.d/50-glusterctl.conf'))).toBe(true);
  });
});
