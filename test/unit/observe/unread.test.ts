/**
 * What could not be read is not taken for what is not there: the words of tar, stat and getfattr as data, and
 * the shell that asks them, with programs that fail.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PathFacts } from '../../../src/model/observed.ts';
import { splitFrames } from '../../../src/observe/frames.ts';
import { PATH_FACTS, readPathsScript } from '../../../src/observe/probe-paths.ts';
import { STORE } from '../../../src/observe/probe-store.ts';
import { journalsUnread, readArchive } from '../../../src/observe/read-archive.ts';
import { readPaths } from '../../../src/observe/read-paths.ts';
import { readAllPaths, readUnreadPaths } from '../../../src/observe/read-unread-paths.ts';

let root = '';
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'unread-'));
  mkdirSync(join(root, 'bin'));
  mkdirSync(join(root, 'scratch'));
});
afterEach(() => {
  // What hangs may still write there.
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

const ABSENT = 'tar: secure-access: Cannot stat: No such file or directory';
const SUMMARY = 'tar: Exiting with failure status due to previous errors';
const EMPTY = spawnSync('tar', ['-cf', '-', '-T', '/dev/null']).stdout;

describe('the words of tar', () => {
  it.each([
    ['all is there', ['0']],
    ['a name is not there', ['2', ABSENT, SUMMARY]],
    ['a file that glusterd writes is gone', ['1', 'tar: vols/v/info.tmp: File removed before we read it']],
    ['both', ['2', 'tar: vols/v/info.tmp: File removed before we read it', ABSENT, SUMMARY]],
  ])('%s: it was read', (_name, status) => {
    expect(readArchive({ archive: EMPTY, status: status.join('\n') })).toEqual({ entries: [], unread: [] });
  });

  it.each([
    ['vols/v/info', 'Cannot open: Input/output error'],
    ['vols/v/info', 'Read error at byte 0, while reading 512 bytes: Input/output error'],
    ['vols/a: b', 'Cannot savedir: Input/output error'],
    ['vols', 'Cannot stat: Transport endpoint is not connected'],
    ['vols/v/info', 'File removed before we read it'],
    ['vols/v', 'file changed as we read it'],
    ['vols/v/info', 'File shrank by 200 bytes; padding with zeros'],
  ])('%s: %s: it was not read', (path, reason) => {
    const status = ['2', ABSENT, `tar: ${path}: ${reason}`, SUMMARY].join('\n');
    expect(readArchive({ archive: EMPTY, status }).unread).toEqual([{ path, reason }]);
  });

  it.each([
    ['an exit code without words', '2', 'tar ended with code 2'],
    ['words that end before the last', `2\n${ABSENT}`, 'tar ended with code 2'],
    ['an exit code of a change, and other words', `1\n${ABSENT}`, 'tar ended with code 1'],
    ['no tar', '127', 'tar ended with code 127'],
    ['a disk that hangs', '124', 'its disk did not answer in time'],
    ['a disk that hangs, and does not let go', '137', 'its disk did not answer in time'],
    ['words that nobody knows', '2\ntar: Zzz', 'tar: Zzz'],
    ['a store that cannot be entered', "1\nsh: 1: cd: can't cd to x", "sh: 1: cd: can't cd to x"],
    ['an error below the store', "1\nstat: cannot statx 'x': Input/output error", 'Input/output error'],
    ['nothing at all', '', 'tar ended with code'],
  ])('%s: nothing was read', (_name, status, reason) => {
    const [first] = readArchive({ archive: EMPTY, status }).unread;
    expect(first).toMatchObject({ path: '.', reason: expect.stringContaining(reason) as unknown });
  });

  it('an archive that is cut off, though tar knows nothing of it: nothing was read', () => {
    expect(readArchive({ archive: Buffer.alloc(0), status: '0' }).unread).toEqual([
      { path: '.', reason: 'its archive is cut off' },
    ]);
  });

  it('"absent" alone says that there is no store', () => {
    expect(readArchive({ archive: undefined, status: 'absent\n' })).toEqual({
      entries: undefined,
      unread: [],
    });
    expect(readArchive({ archive: undefined, status: '1\nstat: x: Input/output error' }).entries).toEqual([]);
  });
});

const program = (name: string, text: string): void => {
  writeFileSync(join(root, 'bin', name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(root, 'bin', name), 0o755);
};

const PATHS = 'PATH=/usr/bin:/bin';

/** Frames of the script that reads the store in root/store. */
function storeFrames(): ReadonlyMap<string, Buffer> {
  const script = `nonce=N; W=${root}/store; scratch=${root}/scratch
frame() { printf '\\n%s %s\\n' "$nonce" "$1"; }
${STORE}
frame now; printf '%s\\n' "$W"
frame end
`;
  const env = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' };
  const frames = splitFrames(execFileSync('sh', ['-c', script], { env }), 'N');
  if (!frames.ok) throw new Error(frames.error);
  return new Map(frames.value.map((f) => [f.name, f.body]));
}

const readLast = (frames: ReadonlyMap<string, Buffer>): ReturnType<typeof readArchive> => {
  const name = ['store-last', 'store-again', 'store'].find((n) => frames.has(`${n}-status`)) ?? '';
  return readArchive({ archive: frames.get(name), status: frames.get(`${name}-status`)?.toString() ?? '' });
};

describe('the shell that reads the store', () => {
  const fill = (): void => {
    mkdirSync(join(root, 'store/vols/v'), { recursive: true });
    writeFileSync(join(root, 'store/vols/v/info'), 'type=0\n');
  };

  it('says of a store that is not there that it is absent', () => {
    expect([...storeFrames().keys()]).toEqual(['store-status', 'now', 'end']);
    expect(readLast(storeFrames()).entries).toBeUndefined();
  });

  it('reads once where nothing but names are missing', () => {
    fill();
    const frames = storeFrames();
    expect([...frames.keys()]).toEqual(['store', 'store-status', 'now', 'end']);
    const { entries, unread } = readLast(frames);
    expect([entries?.map((e) => e.path), unread]).toEqual([['vols', 'vols/v', 'vols/v/info'], []]);
  });

  it('reads again where a file has gone meanwhile, and believes the second time', () => {
    fill();
    program(
      'tar',
      `${PATHS}; if mkdir ${root}/once 2>/dev/null; then
        echo 'tar: vols/v/info: File removed before we read it' >&2; tar -cf - -T /dev/null; exit 1
      fi; exec tar "$@"`,
    );
    const frames = storeFrames();
    expect([...frames.keys()].slice(0, 4)).toEqual([
      'store',
      'store-status',
      'store-again',
      'store-again-status',
    ]);
    expect(readLast(frames)).toMatchObject({ unread: [], entries: [{}, {}, { path: 'vols/v/info' }] });
  });

  it('says what still could not be read the third time', () => {
    fill();
    program(
      'tar',
      `${PATHS}; tar "$@"; echo 'tar: vols/v/info: Cannot open: Input/output error' >&2; exit 2`,
    );
    const frames = storeFrames();
    expect([...frames.keys()].filter((n) => n.endsWith('-status'))).toHaveLength(3);
    expect(readLast(frames).unread).toMatchObject([{ path: 'vols/v/info' }]);
  });

  it('asks a disk that hangs once, and nothing of it after that', () => {
    fill();
    program('tar', 'exit 124');
    const frames = storeFrames();
    expect(frames.get('store-status')?.toString()).toMatch(/^124\n/);
    expect([...frames.keys()]).not.toContain('store-again');
    expect(frames.get('now')?.toString()).toContain(`${root}/scratch/none`);
    expect(readLast(frames).unread).toHaveLength(1);
  });
});

const facts = (path: string): PathFacts => ({
  path,
  kind: 'directory',
  device: 1,
  inode: 1,
  mountPoint: '/',
  volumeId: undefined,
  gfid: false,
  entries: undefined,
  pendingHeals: 0,
});

describe('the words of getfattr', () => {
  const paths = new Map(['/', '/b', '/b/a: c'].map((p) => [p, facts(p)]));
  const marks = (text: string, unread = ''): Record<string, string> =>
    Object.fromEntries(readUnreadPaths(paths, unread, text));
  const all = (reason: unknown): Record<string, unknown> => ({
    '/': reason,
    '/b': reason,
    '/b/a: c': reason,
  });

  it.each([
    ['all were read', '0\n'],
    ['some are not there', '1\ngetfattr: /x: No such file or directory\n'],
    ['their file system has none', '1\ngetfattr: /b: Operation not supported\n'],
  ])('%s', (_name, text) => {
    expect(marks(text)).toEqual({});
  });

  it.each([
    ['one', '1\ngetfattr: /b: Input/output error\n', { '/b': 'Input/output error' }],
    ['one with a colon', '1\ngetfattr: /b/a: c: Input/output error', { '/b/a: c': 'Input/output error' }],
    [
      'one mark of one',
      '1\n/b: trusted.gfid: Input/output error',
      { '/b': 'trusted.gfid: Input/output error' },
    ],
    ['one of many at a time', '123\ngetfattr: /b: Input/output error', { '/b': 'Input/output error' }],
    ['no getfattr', '127\nsh: 1: getfattr: not found', all(expect.stringContaining('not installed'))],
    ['an end without words', '1\n', all('getfattr ended with code 1')],
    ['an end by a signal', '137\n', all('getfattr ended with code 137')],
    ['words that name no path', '1\ngetfattr: Zzz', all('Zzz')],
    ['nothing', '', all('getfattr ended with code ')],
  ])('%s', (_name, text, expected) => {
    expect(marks(text)).toEqual(expected);
  });

  it('what stat could not read is named by its reason alone', () => {
    const said = '1\ngetfattr: /b/d: Transport endpoint is not connected';
    expect(marks(said, 'Transport endpoint is not connected\t/b/d\nx\tno path\n')).toEqual({
      '/b/d': 'Transport endpoint is not connected',
    });
  });
});

describe('the shell that reads paths', () => {
  /** Unread paths below root, without root. */
  function unread(
    list: readonly string[],
    asFiles: boolean,
    others = process.env['PATH'] ?? '',
  ): Record<string, string> {
    const env: Record<string, string> = {
      PATH: `${join(root, 'bin')}:${others}`,
      LC_ALL: 'C',
      nonce: 'N',
      nl: '\n',
      store: root,
      scratch: join(root, 'scratch'),
    };
    const lines = list.map((p) => join(root, p)).join('\n');
    for (const name of ['above', 'bricks'])
      if (asFiles) writeFileSync(join(root, 'scratch', name), `${lines}\n`);
      else env[name] = lines;
    const said = execFileSync('/bin/sh', ['-c', `${PATH_FACTS}\nframe end\n`], { env });
    const frames = splitFrames(said, 'N');
    if (!frames.ok) throw new Error(frames.error);
    const text = (name: string): string =>
      frames.value.find((f) => f.name === name)?.body.toString() ?? `no ${name}`;
    const paths = readPaths({ paths: text('paths'), xattrs: text('xattrs'), entries: text('entries') });
    const found = readUnreadPaths(paths, text('unread-paths'), text('xattrs-status'));
    return Object.fromEntries([...found].map(([p, why]) => [p.slice(root.length + 1), why]));
  }

  const dead = `case "$*" in
    *'/dead'*) r=1; echo "stat: cannot statx 'dead': Transport endpoint is not connected" >&2 ;;
    *) r=0 ;;
    esac; /usr/bin/stat "$@" 2>/dev/null && exit "$r"; exit 1`;

  it.each([false, true])(
    'a mount that died is not a path that is missing (lists in files: %s)',
    (asFiles) => {
      mkdirSync(join(root, 'there'));
      program('stat', dead);
      expect(unread(['there', 'missing', 'dead'], asFiles)).toMatchObject({
        dead: 'Transport endpoint is not connected',
      });
      expect(unread(['there', 'dead'], asFiles)).toEqual({ dead: 'Transport endpoint is not connected' });
    },
  );

  it.each([false, true])('what is there, or is not, is known (lists in files: %s)', (asFiles) => {
    mkdirSync(join(root, 'there'));
    writeFileSync(join(root, 'file'), '');
    expect(unread(['there', 'missing', 'file/below'], asFiles)).toEqual({});
  });

  it.each([false, true])('without getfattr no marks are known (lists in files: %s)', (asFiles) => {
    mkdirSync(join(root, 'there'));
    for (const name of ['sh', 'stat', 'ls', 'xargs', 'timeout', 'find'])
      symlinkSync(`/usr/bin/${name}`, join(root, 'bin', name));
    expect(unread(['there', 'missing'], asFiles, '')).toEqual({
      there: expect.stringContaining('getfattr is not installed') as unknown,
    });
  });
});

describe('a brick whose disk hangs', () => {
  const HANGS_S = 6;

  /** The script as a whole, with limits of a second; an `ls` of "hung" does not answer. */
  function read(ls: string): ReturnType<typeof readAllPaths> {
    for (const name of ['one/.glusterfs', 'two/.glusterfs', 'hung/.glusterfs'])
      mkdirSync(join(root, name), { recursive: true });
    program('ls', `case "$*" in *'/hung'*) ${ls} ;; esac; exec /usr/bin/ls "$@"`);
    const paths = ['one', 'hung', 'two'].map((name) => join(root, name));
    const script = `nonce=N; nl='\n'; W=${root}; scratch=${root}/scratch
frame() { printf '\\n%s %s\\n' "$nonce" "$1"; }
bodies=; bricks='${paths.join('\n')}'; above='${[...paths, root].join('\n')}'
${readPathsScript({ all: 1, alone: 1, patience: 1 })}
[ -z "$bodies" ] || cat $bodies
frame end
`;
    const env = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' };
    const frames = splitFrames(execFileSync('sh', ['-c', script], { env }), 'N');
    if (!frames.ok) throw new Error(frames.error);
    const bodies = new Map(frames.value.map((f) => [f.name, f.body.toString()]));
    const suffixes = [...bodies.keys()].filter((n) => /^paths/.test(n)).map((n) => n.slice(5));
    const text = (name: string, suffix: string): string => bodies.get(name + suffix) ?? `no ${name}`;
    return readAllPaths(suffixes, text, bodies.get('hung') ?? '');
  }

  it.each([
    ['and lets go of whom it has caught', `sleep ${String(HANGS_S)}`],
    // Neither "timeout" nor its caller gets it back.
    ['and is beyond any signal', `setsid sleep ${String(HANGS_S)} & wait`],
  ])('costs itself and no other, %s', (_name, ls) => {
    if (ls.startsWith('setsid')) program('timeout', `while [ "$1" != sh ]; do shift; done; exec "$@"`);
    const all = read(ls);
    expect(Object.fromEntries(all.unreadPaths)).toEqual({
      [join(root, 'hung')]: 'its disk did not answer in time',
    });
    for (const name of ['one', 'two'])
      expect(all.paths.get(join(root, name))).toMatchObject({ entries: ['.glusterfs'], pendingHeals: 0 });
    expect(all.paths.has(join(root, 'hung'))).toBe(false);
  });

  it('is nowhere named where all answer', () => {
    const all = read('true');
    expect(all.unreadPaths.size).toBe(0);
    expect([...all.paths.keys()].sort()).toEqual([root, ...['hung', 'one', 'two'].map((n) => join(root, n))]);
  });
});

describe('the journals', () => {
  it.each([
    ['', undefined],
    ["stat: cannot statx '/j': No such file or directory", undefined],
    ["find: './a': No such file or directory\nfind ended with code 1", undefined],
    ["stat: cannot statx '/j': Input/output error", 'Input/output error'],
    ["find: '.': Input/output error\nfind ended with code 1", 'Input/output error'],
    ["sed: can't read /j/a/state: No such file or directory\nfind ended with code 1", undefined],
    ['find ended with code 1', 'find ended with code 1'],
    ["find: './a': No such file or directory\nfind ended with code 137", 'code 137'],
  ])('%j', (said, reason) => {
    const found = journalsUnread(said);
    if (reason === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(reason);
  });
});
