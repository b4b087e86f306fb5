/**
 * The guards before a command changes a node, and what is on disk before a node reports "prepared": as shell.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Script, sh } from '../../../src/core/shell.ts';
import { cleanScript } from '../../../src/node/brick-marks.ts';
import { EXIT_CHANGED, EXIT_FENCED, EXIT_UNSETTLED, fenced, ownerJson } from '../../../src/node/fence.ts';
import { scriptOf } from '../../../src/node/script.ts';
import {
  checkScript,
  editScript,
  markScript,
  prepareScript,
  pruneScript,
  readJournalScript,
  restoreScript,
} from '../../../src/node/store.ts';
import { unchangedScript } from '../../../src/node/unchanged.ts';
import { readTar } from '../../../src/observe/tar.ts';
import { watchedLines } from '../../../src/view/as-read.ts';
import { owner } from '../../contract/harness.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'guards-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** On this machine, with the node's directories below `dir` and its programs before all others. */
function run(script: Script): { readonly code: number | null; readonly out: string; readonly said: string } {
  const text = script
    .replaceAll('/run/glusterctl', join(dir, 'run'))
    .replaceAll('/var/lib/glusterctl/transactions', join(dir, 'journal'))
    .replaceAll('/var/lib/glusterd', join(dir, 'store'));
  const PATH = `${join(dir, 'bin')}:${process.env['PATH'] ?? ''}`;
  const { status, stdout, stderr } = spawnSync('sh', ['-c', text], { encoding: 'utf8', env: { PATH } });
  return { code: status, out: stdout, said: stderr };
}

describe('the fence refuses', () => {
  const command = fenced('mine', sh`echo done`);
  const own = (transaction: string): void => {
    mkdirSync(join(dir, 'run'));
    writeFileSync(join(dir, 'run/lock'), '');
    writeFileSync(join(dir, 'run/owner.json'), `${ownerJson(owner(transaction))}\n`);
  };

  test('where nobody holds the node', () => {
    expect(run(command)).toMatchObject({
      code: EXIT_FENCED,
      out: '',
      said: 'fenced: nobody holds this node\n',
    });
  });

  test('where another transaction does', () => {
    own('other');
    expect(run(command)).toMatchObject({
      code: EXIT_FENCED,
      out: '',
      said: 'fenced: another transaction holds this node\n',
    });
  });

  test('where the name is still there and the lock is not held', () => {
    own('mine');
    expect(run(command)).toMatchObject({
      code: EXIT_FENCED,
      out: '',
      said: 'fenced: the lock on this node is no longer held\n',
    });
  });

  test('where it is unknown whether the lock is held', () => {
    own('mine');
    rmSync(join(dir, 'run/lock'));
    const { code, out, said } = run(command);
    expect({ code, out }).toEqual({ code: EXIT_FENCED, out: '' });
    expect(said).toContain('fenced: the lock on this node is no longer held\n');
  });
});

describe('a command for glusterd is refused', () => {
  const command = { kind: 'gluster', argv: ['volume', 'delete', 'v'], timeoutSeconds: 1 } as const;

  test('where the settled glusterd is not named', () => {
    expect(run(scriptOf(command))).toMatchObject({ code: EXIT_UNSETTLED, out: '' });
  });

  test('where that one does not run', () => {
    const ran = run(scriptOf({ ...command, glusterd: { pid: process.pid, startTicks: 1 } }));
    expect(ran).toMatchObject({ code: EXIT_UNSETTLED, out: '' });
    expect(ran.said).toContain('now: none');
  });
});

describe('a volume is as it was read', () => {
  const INFO = ['type=2', 'version=3', 'status=1', 'auth.allow=a*', 'user.x=b=c $(id) "q"'];
  const info = (...lines: readonly string[]): void => {
    mkdirSync(join(dir, 'store/vols/v'), { recursive: true });
    writeFileSync(join(dir, 'store/vols/v/info'), `${lines.join('\n')}\n`);
  };
  const codeFor = (keys: readonly string[], isAllBut: boolean): number | null => {
    const watched = { keys, isAllBut };
    return run(unchangedScript({ volume: 'v', ...watched, lines: watchedLines(watched, INFO) })).code;
  };

  test.each([
    ['in any order, with any version', [...INFO].reverse().with(-2, 'version=9'), 0, 0],
    ['but for a value', INFO.with(-1, 'user.x=d'), EXIT_CHANGED, EXIT_CHANGED],
    ['but for a line that is gone', INFO.slice(0, -1), EXIT_CHANGED, EXIT_CHANGED],
    ['but for a line that came', [...INFO, 'user.y=z'], 0, EXIT_CHANGED],
    ['but for its status', INFO.with(2, 'status=2'), 0, 0],
  ])('%s', (_name, lines, byKey, byTheRest) => {
    info(...lines);
    expect(codeFor(['user.x', 'auth.allow'], false)).toBe(byKey);
    expect(codeFor(['status'], true)).toBe(byTheRest);
  });

  test('a key that was not set is not set', () => {
    info(...INFO);
    expect(codeFor(['network.ping-timeout'], false)).toBe(0);
    info(...INFO, 'network.ping-timeout=5');
    expect(codeFor(['network.ping-timeout'], false)).toBe(EXIT_CHANGED);
  });

  test('one that is gone is not', () => {
    expect(codeFor(['status'], false)).toBe(EXIT_CHANGED);
  });
});

describe('the journal is on disk before the node answers', () => {
  const synced = (): readonly string[] => readFileSync(join(dir, 'synced'), 'utf8').split('\n').slice(0, -1);
  /**
   * In the place of sync(1): records what was synced, and whether the new state was in its place by then.
   */
  const record = (end: string): void => {
    mkdirSync(join(dir, 'bin'));
    const synced = join(dir, 'synced');
    const note = `[ "$f" = -- ] || { [ -e "$f" ] && printf '%s\\n' "$f" >>${synced}; }`;
    const text = `#!/bin/sh\nfor f; do ${note}; done\n${end}\n`;
    writeFileSync(join(dir, 'bin/sync'), text);
    chmodSync(join(dir, 'bin/sync'), 0o755);
    mkdirSync(join(dir, 'store'));
  };

  test('every file of it, and the directory', () => {
    record('exit 0');
    expect(run(prepareScript(owner('tx-1'), '{}')).code).toBe(0);
    const journal = join(dir, 'journal/tx-1');
    const files = ['owner.json', 'plan.json', 'before.tar', 'state'].map((name) => join(journal, name));
    expect(synced()).toEqual([...files, journal]);
  });

  test('or there is none', () => {
    record('exit 1');
    expect(run(prepareScript(owner('tx-1'), '{}'))).toMatchObject({
      code: 1,
      said: 'the journal cannot be written to disk\n',
    });
    expect(existsSync(join(dir, 'journal/tx-1'))).toBe(false);
  });

  test('a new state before it takes the place of the old, and its place after', () => {
    record('exit 0');
    run(prepareScript(owner('tx-1'), '{}'));
    writeFileSync(join(dir, 'synced'), '');
    expect(run(markScript('tx-1', 'committing')).code).toBe(0);
    expect(synced()).toEqual(['state.tmp', '.']);
    expect(readFileSync(join(dir, 'journal/tx-1/state'), 'utf8')).toBe('committing\n');
  });
});

describe('no glusterd is stopped', () => {
  /** `stat` answers with these KiB free there, and "du" with the size of the store. */
  const withRoom = (free: Readonly<Record<string, number>>, sizeKib: number): void => {
    for (const d of ['bin', 'store']) mkdirSync(join(dir, d), { recursive: true });
    const cases = Object.entries(free).map(([path, kib]) => `*${path}) echo '${String(kib)} 1024' ;;`);
    const programs = [
      ['stat', `case "$*" in ${cases.join('\n')} *) echo '99999999 1024' ;; esac`],
      ['du', `echo '${String(sizeKib)}\t/store'`],
    ] as const;
    for (const [name, text] of programs) {
      writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(dir, 'bin', name), 0o755);
    }
  };

  test.each([
    ['the store has no room for its own size twice', { '/store': 7000 }, 3000, 'store has no room left'],
    ['/tmp is full', { '/tmp': 100 }, 0, '/tmp has no room left'],
    ['/run is full', { '/run': 100 }, 0, '/run has no room left'],
  ])('where %s', (_name, free, size, said) => {
    withRoom(free, size);
    expect(run(checkScript([]))).toMatchObject({ code: 1 });
    expect(run(checkScript([])).said).toContain(said);
  });

  test('without a reason', () => {
    withRoom({ '/store': 7100, '/tmp': 1100, '/run': 1100 }, 3000);
    expect(run(checkScript([]))).toMatchObject({ code: 0, said: '' });
  });
});

describe('what is moved out of the store', () => {
  const aside = { transaction: 'id', paths: ['vols/v.bak', 'snaps/s1.tgz'] };
  const stopped = (script: Script): Script => script.replace('"$(glusterd_pids)"', '""') as Script;
  const move = (): ReturnType<typeof run> => run(stopped(editScript({ writes: [], removes: [], aside })));
  const read = (path: string): string => readFileSync(join(dir, path), 'utf8');
  beforeEach(() => {
    for (const d of ['store/vols/v.bak', 'store/snaps', 'journal/id'])
      mkdirSync(join(dir, d), { recursive: true });
    writeFileSync(join(dir, 'store/vols/v.bak/notes'), 'precious\n');
    writeFileSync(join(dir, 'store/snaps/s1.tgz'), 'tar\n');
  });

  test('is in the folder of the transaction, also where that is done again', () => {
    for (let i = 0; i < 2; i++) {
      expect(move()).toMatchObject({ code: 0, said: '' });
      expect([read('journal/id/aside/vols/v.bak/notes'), read('journal/id/aside/snaps/s1.tgz')]).toEqual([
        'precious\n',
        'tar\n',
      ]);
      expect(['vols/v.bak', 'snaps/s1.tgz'].filter((p) => existsSync(join(dir, 'store', p)))).toEqual([]);
    }
  });

  test('stays where it is while there is no room for it', () => {
    mkdirSync(join(dir, 'bin'));
    writeFileSync(join(dir, 'bin/cp'), "#!/bin/sh\necho 'No space left on device' >&2; exit 1\n");
    chmodSync(join(dir, 'bin/cp'), 0o755);
    expect(move()).toMatchObject({ code: 1, said: expect.stringContaining('cannot move') as unknown });
    expect(read('store/vols/v.bak/notes')).toBe('precious\n');
    expect(existsSync(join(dir, 'journal/id/aside/vols/v.bak'))).toBe(false);
  });

  test('is kept, however many transactions follow', () => {
    move();
    mkdirSync(join(dir, 'journal/id0'));
    for (const id of ['id', 'id0']) writeFileSync(join(dir, 'journal', id, 'state'), 'committed\n');
    expect(run(pruneScript(0))).toMatchObject({ code: 0 });
    expect(readdirSync(join(dir, 'journal'))).toEqual(['id']);
  });
});

test('a before-image that is cut off puts nothing back, and takes nothing away', () => {
  for (const d of ['store/vols/v', 'journal/id']) mkdirSync(join(dir, d), { recursive: true });
  writeFileSync(join(dir, 'store/vols/v/info'), 'status=1\n');
  const image = join(dir, 'journal/id/before.tar');
  spawnSync('tar', ['-cf', image, '-C', join(dir, 'store'), '.']);
  const restore = (): ReturnType<typeof run> =>
    run(
      restoreScript({ transaction: 'id', paths: ['vols/v'], ports: [] }).replace(
        '"$(glusterd_pids)"',
        '""',
      ) as Script,
    );
  const whole = readFileSync(image);
  // Behind the directory's own head, where tar itself does not mind.
  writeFileSync(image, whole.subarray(0, 512));
  expect(restore()).toMatchObject({ code: 1, said: 'the before-image is cut off\n' });
  expect(existsSync(join(dir, 'store/vols/v/info'))).toBe(true);
  writeFileSync(image, whole);
  expect(restore()).toMatchObject({ code: 0, said: '' });
});

describe('a brick directory is left alone', () => {
  const brick = (): string => join(dir, 'brick');
  const clean = (): ReturnType<typeof run> => run(cleanScript(brick(), undefined, true));
  const program = (name: string, text: string): void => {
    mkdirSync(join(dir, 'bin'), { recursive: true });
    writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(dir, 'bin', name), 0o755);
  };
  beforeEach(() => {
    mkdirSync(join(brick(), '.glusterfs'), { recursive: true });
  });

  test.each([
    ['is not installed', 'exit 127'],
    ['gives an error', "echo 'getfattr: brick: Input/output error' >&2; exit 1"],
  ])('where getfattr %s: nobody knows whose it is', (_name, text) => {
    program('getfattr', text);
    expect(clean()).toMatchObject({ code: 1, said: expect.stringContaining('cannot be read') as unknown });
    expect(existsSync(join(brick(), '.glusterfs'))).toBe(true);
  });

  test('where it cannot be read: it is not said to be gone', () => {
    rmSync(brick(), { recursive: true });
    program('stat', "echo 'stat: cannot statx brick: Transport endpoint is not connected' >&2; exit 1");
    expect(clean()).toMatchObject({ code: 1, said: expect.stringContaining('not connected') as unknown });
  });

  test('and cleaned where it carries no mark, or is gone', () => {
    expect(clean()).toMatchObject({ code: 0 });
    expect(existsSync(join(brick(), '.glusterfs'))).toBe(false);
    rmSync(brick(), { recursive: true });
    expect(clean()).toMatchObject({ code: 0 });
  });
});

describe('a before-image that is read', () => {
  const VOLFILE = 'volume v-client-0';
  const prepared = (files: Readonly<Record<string, string>>): string => {
    mkdirSync(join(dir, 'store/vols/v'), { recursive: true });
    for (const [file, text] of Object.entries(files)) writeFileSync(join(dir, 'store/vols/v', file), text);
    expect(run(prepareScript(owner('mine'), '{}')).code).toBe(0);
    return join(dir, 'journal/mine/before.tar');
  };
  const imageOf = (out: string): string => out.slice(out.indexOf('image\n') + 6, out.indexOf('\nNONCE end'));
  const read = (): string => imageOf(run(readJournalScript('mine', 'NONCE')).out);

  test('leaves the volfiles on the node', () => {
    prepared({ info: 'version=7', 'v.tcp-fuse.vol': VOLFILE });
    const image = readTar(Buffer.from(read()));
    expect(image.complete).toBe(true);
    expect(image.entries.map((e) => e.path).filter((p) => /info|[.]vol$/.test(p))).toEqual(['vols/v/info']);
  });

  test('is sent as it is without any', () => {
    const tar = prepared({ info: 'version=7' });
    expect(read()).toBe(readFileSync(tar, 'utf8'));
  });

  test('that is cut off is seen to be', () => {
    const tar = prepared({ 'a.vol': VOLFILE, info: 'x'.repeat(2000) });
    writeFileSync(tar, readFileSync(tar).subarray(0, 4000));
    const image = readTar(Buffer.from(read()));
    expect(image.complete).toBe(false);
    expect(image.entries.map((e) => e.path)).toContain('vols/v');
  });
});

describe('the marks of a brick with files stay', () => {
  const volumeId = '5b72bd5f-506e-4778-b506-7188a4e76d9f';
  const brick = (): string => join(dir, 'brick');
  const put = (path: string, text = 'of a person'): string => {
    const at = join(brick(), path);
    mkdirSync(join(at, '..'), { recursive: true });
    writeFileSync(at, text);
    return at;
  };
  /** As extended attributes need root, files say what they are; one that is removed is noted. */
  const unmark = (isCheck = false) =>
    run(scriptOf({ kind: 'unmark-brick', path: brick(), volumeId, isCheck }));
  const removed = (): string => readFileSync(join(dir, 'removed'), 'utf8');

  beforeEach(() => {
    mkdirSync(join(dir, 'bin'));
    const hex = volumeId.replaceAll('-', '');
    const program = (name: string, text: string): void => {
      writeFileSync(join(dir, 'bin', name), `#!/bin/sh\n${text}\n`);
      chmodSync(join(dir, 'bin', name), 0o755);
    };
    const attributes = `trusted.gfid=0x01\\ntrusted.glusterfs.volume-id=0x${hex}\\n`;
    program('getfattr', `printf '# file: brick\\n${attributes}'`);
    program('setfattr', `printf '%s ' "$2" >>${join(dir, 'removed')}`);
    writeFileSync(join(dir, 'removed'), '');
    mkdirSync(join(brick(), '.glusterfs/ab/cd'), { recursive: true });
    linkSync(put('kept'), join(brick(), '.glusterfs/ab/cd/abcd'));
  });

  test.each<readonly [string, (() => void) | undefined]>([
    ['files that are linked below .glusterfs', undefined],
    ['empty ones that are not', () => put('.glusterfs/indices/xattrop/base', '')],
    [
      'what gluster keeps for itself',
      () => ['health_check', 'v.db', 'changelogs/c'].map((f) => put(`.glusterfs/${f}`)),
    ],
  ])('never for %s: these go, the volume-id last, and no file', (_, more) => {
    more?.();
    expect(unmark(true)).toMatchObject({ code: 0 });
    expect([removed(), existsSync(join(brick(), '.glusterfs'))]).toEqual(['', true]);
    expect(unmark()).toMatchObject({ code: 0, said: '' });
    expect(removed()).toBe('trusted.gfid trusted.glusterfs.volume-id ');
    expect(readdirSync(brick())).toEqual(['kept']);
    expect(readFileSync(join(brick(), 'kept'), 'utf8')).toBe('of a person');
  });

  test.each<readonly [string, () => string]>([
    ['that was deleted while it was open', () => put('.glusterfs/unlink/open')],
    ['that has lost its name', () => put('.glusterfs/ef/01/ef01')],
    [
      'with two links, both of them there',
      () => {
        const at = put('.glusterfs/ef/01/ef01');
        linkSync(at, join(brick(), '.glusterfs/twin'));
        return at;
      },
    ],
  ])('where a file would go with them: one %s', (_, make) => {
    const at = make();
    for (const isCheck of [true, false]) {
      const { code, said } = unmark(isCheck);
      expect(code).toBe(1);
      expect(said).toContain(`would be lost: it is linked nowhere outside of .glusterfs`);
    }
    expect([removed(), readFileSync(at, 'utf8')]).toEqual(['', 'of a person']);
  });

  test('where it is not a directory of the brick', () => {
    rmSync(join(brick(), '.glusterfs'), { recursive: true });
    symlinkSync(dir, join(brick(), '.glusterfs'));
    const { code, said } = unmark();
    expect(code).toBe(1);
    expect(said).toContain('is not a directory of the brick');
    expect([removed(), existsSync(join(dir, 'bin'))]).toEqual(['', true]);
  });

  test('where not all of it was read', () => {
    writeFileSync(join(dir, 'bin/find'), '#!/bin/sh\nexit 124\n');
    chmodSync(join(dir, 'bin/find'), 0o755);
    const { code, said } = unmark();
    expect(code).toBe(1);
    expect(said).toContain('could not be read within');
    expect(removed()).toBe('');
  });
});
