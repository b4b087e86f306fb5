/**
 * What the script that lists bricks prints of directories that are long, unusual or missing: the same for
 * each brick, whatever the others hold.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BRICK_ENTRIES } from '../../../src/observe/probe-bricks.ts';
import { PATH_FACTS } from '../../../src/observe/probe-paths.ts';

const INDEX = '.glusterfs/indices/xattrop';
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'entries-'));
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

function brick(name: string, files: readonly string[], heals?: number): string {
  const path = join(root, name);
  mkdirSync(path);
  for (const file of files) writeFileSync(join(path, file), '');
  if (heals === undefined) return path;
  mkdirSync(join(path, INDEX), { recursive: true });
  writeFileSync(join(path, INDEX, 'xattrop-base'), '');
  for (let i = 0; i < heals; i++) writeFileSync(join(path, INDEX, `gfid-${String(i)}`), '');
  return path;
}

/** Brick → heals, sorted names, and what these hide. Programs of the directory `bin`, if any, come first. */
function listed(...bricks: readonly string[]): Record<string, string> {
  const env = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' };
  const said = execFileSync('sh', ['-c', BRICK_ENTRIES, 'sh', ...bricks], { encoding: 'utf8', env });
  const lines = said
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('\t'));
  const words = (names: string): string =>
    names
      .split('/')
      .filter((n) => n !== '')
      .sort()
      .join(' ');
  return Object.fromEntries(
    lines.map(([heals = '', names = '', hidden = '', path = heals]): [string, string] => [
      path,
      `${heals} ${words(names)}${hidden === '' ? '' : ` hides ${hidden}`}`,
    ]),
  );
}

const many = (count: number): readonly string[] => Array.from({ length: count }, (_, i) => `f${String(i)}`);

it('prints the same of a brick alone and among others', () => {
  const bricks = [
    brick('empty', []),
    brick('index', [], 2),
    brick('none', ['a', 'b'], 0),
    brick('plain', ['c']),
  ];
  const [empty = '', index = '', none = '', plain = ''] = bricks;
  expect(listed(...bricks)).toEqual({
    [empty]: '0 ',
    [index]: '2 .glusterfs',
    [none]: '0 .glusterfs a b',
    [plain]: '0 c',
  });
  for (const one of bricks) expect(listed(one)).toEqual({ [one]: listed(...bricks)[one] });
});

it.each([
  ['many names', () => brick('long', many(1500)), /^0( f\d+){8}$/],
  ['more heals than are counted', () => brick('long', [], 1500), /^(1000|1001) \.glusterfs$/],
])('goes on after a brick with %s', (_name, make, says) => {
  const [before, long, after] = [brick('a', ['x'], 3), make(), brick('z', ['y'])];
  const all = listed(before, long, after);
  expect(all).toMatchObject({ [before]: '3 .glusterfs x', [after]: '0 y' });
  expect(all[long]).toMatch(says);
});

it('does not take a brick for empty because its names are not printable', () => {
  const [sly, after] = [brick('sly', ['\n', '\n\n']), brick('z', ['y'])];
  expect(listed(sly, after)).toEqual({ [sly]: '0 ? ??', [after]: '0 y' });
  expect(listed(sly)).toEqual({ [sly]: '0 ? ??' });
  expect(listed(brick('long', many(1500)), sly)).toMatchObject({ [sly]: '0 ? ??' });
});

it.each([
  ['.trashcan/kept', /^0 \.trashcan hides \.\/\.trashcan\/kept$/],
  ['.trashcan/internal_op/kept', /hides \.\/\.trashcan\/internal_op\/kept$/],
  ['.glusterfs/ab/cd/abcd', /hides \.\/\.glusterfs\/ab\/cd\/abcd$/],
  ['.glusterfs-anonymous-inode-0a/kept', /hides \.\/\.glusterfs-anonymous-inode-0a\/kept$/],
  ['.trashcan/line\nbreak', /^0 \.trashcan hides \?$/],
  ['.glusterfs/health_check', /^0 \.glusterfs$/],
  ['.glusterfs/00/00/00000000-0000-0000-0000-000000000005', /^0 \.glusterfs$/],
])("knows %j from data behind gluster's own names", (file, says) => {
  const path = brick('own', []);
  mkdirSync(dirname(join(path, file)), { recursive: true });
  writeFileSync(join(path, file), '');
  expect(listed(path)[path]).toMatch(says);
});

it("reads the marks of the first directories in each brick, and follows no client's link", () => {
  const [files, own, used] = [brick('files', ['a']), brick('own', [], 1), brick('used', ['f'], 0)];
  const directories = ['new', 'old dir'].map((name) => join(used, name));
  for (const directory of directories) mkdirSync(directory);
  symlinkSync('/proc', join(used, 'link'));
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/getfattr'), '#!/bin/sh\nfor x; do printf "# %s\\n" "$x"; done\n');
  chmodSync(join(root, 'bin/getfattr'), 0o755);
  const asked = Object.keys(listed(files, own, used)).filter((line) => line.startsWith('# '));
  const words = ['-h', '--absolute-names', '-n', 'trusted.glusterfs.dht', '-e', 'hex', '--'];
  expect(asked.sort()).toEqual([...words, ...directories].map((word) => `# ${word}`).sort());
});

it('prints nothing of what is no directory', () => {
  const there = brick('there', ['a']);
  writeFileSync(join(root, 'file'), '');
  expect(listed(join(root, 'gone'), join(root, 'file'), there)).toEqual({ [there]: '0 a' });
  expect(listed(join(root, 'gone'))).toEqual({});
});

it('reads a brick whose path is not plain ASCII', () => {
  const [odd, after] = [brick('brück one', ['a'], 1), brick('z', ['b'])];
  expect(listed(odd, after)).toEqual({ [odd]: '1 .glusterfs a', [after]: '0 b' });
});

/** An `ls` before which something happens. */
function ls(happens: string): void {
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/ls'), `#!/bin/sh\nPATH=/usr/bin:/bin\n${happens}\nexec ls "$@"\n`);
  chmodSync(join(root, 'bin/ls'), 0o755);
}

it('prints nothing of a brick that disappears meanwhile, and no names of another for it', () => {
  const [before, gone, after] = [brick('a', ['x']), brick('gone', []), brick('z', ['y'])];
  ls(`rm -rf '${gone}'`);
  expect(listed(before, gone, after)).toEqual({ [before]: '0 x', [after]: '0 y' });
});

it('does not take a brick for empty that cannot be listed', () => {
  const [bad, after] = [brick('bad', ['kept']), brick('z', ['y'])];
  // As `ls` prints a directory that gives an error while it is read.
  const partly = `printf '/proc/self/task:\\n1\\n\\n%s:\\n\\n%s:\\ny\\n' '${bad}' '${after}'`;
  ls(`case "$*" in *'${bad}') exit 2 ;; *'${bad}'*) ${partly}; exit 2 ;; esac`);
  expect(listed(bad, after)).toEqual({ [after]: '0 y' });
});

it.each([
  ['its index cannot be opened', 'ls: cannot open directory: Input/output error', 'open'],
  ['its index cannot be read to the end', 'ls: reading directory: Input/output error', 'read'],
])('does not take heals for counted where %s', (_name, says, how) => {
  const [bad, after] = [brick('bad', ['a'], 2), brick('z', ['y'], 1)];
  // An `ls` that fails on the index of "bad", and lists the rest.
  const heading = how === 'open' ? '' : `printf '%s:\\n\\n' "$n"`;
  ls(`bad=0; for n; do shift; case $n in
    *bad/${INDEX}*) bad=1 ;; ${INDEX}) case $PWD in */bad) bad=1; ${heading} ;; *) set -- "$@" "$n" ;; esac ;;
    *) set -- "$@" "$n" ;; esac; done
    [ "$bad" = 0 ] || { echo "${says}" >&2; /usr/bin/ls "$@"; exit 2; }`);
  expect(listed(bad, after)).toEqual({ [bad]: '? .glusterfs a', [after]: '1 .glusterfs y' });
});

it('does not take heals for counted where it is not known whether there is an index', () => {
  const bad = brick('bad', ['a']);
  mkdirSync(join(root, 'bin'));
  writeFileSync(join(root, 'bin/stat'), '#!/bin/sh\necho "stat: x: Input/output error" >&2; exit 1\n');
  chmodSync(join(root, 'bin/stat'), 0o755);
  expect(listed(bad)).toEqual({ [bad]: '? a' });
});

it('answers the same for lists in the environment and for lists in files', () => {
  const bricks = [brick('one', ['a']), brick('two', [], 1)];
  const read = (env: Record<string, string>): string => {
    const common = {
      PATH: process.env['PATH'],
      LC_ALL: 'C',
      nonce: 'N',
      nl: '\n',
      store: root,
      scratch: root,
    };
    return execFileSync('sh', ['-c', PATH_FACTS], { encoding: 'utf8', env: { ...common, ...env } });
  };
  const list = bricks.join('\n');
  const parts = (said: string): readonly string[] =>
    said.split(/^N /m).filter((part) => /^(paths|entries)/.test(part));
  const short = parts(read({ above: list, bricks: list }));
  for (const name of ['above', 'bricks']) writeFileSync(join(root, name), `${list}\n`);
  expect(parts(read({}))).toEqual(short);
  expect(short.join('')).toContain(`1\t.glusterfs/\t\t${bricks[1] ?? ''}`);
});
