/**
 * What the probe says of volfiles, hooks and journals, by the files themselves: which volfiles are broken, by
 * the translators that are installed, and that a journal never passes for missing.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { splitFrames } from '../../../src/observe/frames.ts';
import { DIGESTS } from '../../../src/observe/probe-baseline.ts';
import { journalsUnread } from '../../../src/observe/read-archive.ts';
import { readFiles } from '../../../src/observe/read-files.ts';

const JOURNAL = '/var/lib/glusterctl/transactions';
let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'files-'));
  for (const dir of ['store/vols/v', 'store/hooks/1', 'lib/features', 'lib/storage', 'scratch', 'bin'])
    mkdirSync(join(root, dir), { recursive: true });
  for (const name of ['features/quota', 'storage/posix']) writeFileSync(join(root, 'lib', `${name}.so`), '');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

interface Answer extends ReturnType<typeof readFiles> {
  /** Why the journals are not known. */
  readonly unread: string | undefined;
}

/** As the probe reads the store and the journals below root. */
function answer(xlators = join(root, 'lib')): Answer {
  const script = `nonce=N; nl='\n'; W=${root}/store; J=${root}/journal; scratch=${root}/scratch
xlators='${xlators}'
frame() { printf '\\n%s %s\\n' "$nonce" "$1"; }
${DIGESTS}
frame end
`;
  const env = { PATH: `${join(root, 'bin')}:${process.env['PATH'] ?? ''}`, LC_ALL: 'C' };
  const frames = splitFrames(execFileSync('sh', ['-c', script], { env }), 'N');
  if (!frames.ok) throw new Error(frames.error);
  const text = (name: string): string =>
    frames.value
      .find((f) => f.name === name)
      ?.body.toString()
      .replaceAll(`${root}/journal`, JOURNAL) ?? `no ${name}`;
  return { ...readFiles(text('files')), unread: journalsUnread(text('journals')) };
}

const graph = (...types: readonly string[]): string =>
  types.map((type, i) => `volume v${String(i)}\n    type ${type}\nend-volume\n\n`).join('');

const WHOLE = graph('storage/posix', 'features/quota');
const NAMED = 'vols/v/v.node01.b.vol';

function broken(text: string, xlators?: string): Record<string, string> {
  writeFileSync(join(root, 'store', NAMED), text);
  writeFileSync(join(root, 'store/vols/v/v.tcp-fuse.vol'), WHOLE);
  return Object.fromEntries(answer(xlators).brokenVolfiles);
}

const gone = (type: string): string => `names ${type}, which is not installed`;

describe('a volfile', () => {
  it.each<readonly [string, string, string | undefined]>([
    ['whole', WHOLE, undefined],
    ['whole, without an empty line at its end', WHOLE.trimEnd(), undefined],
    ['empty, which its hash shows', '', 'is empty'],
    ['cut off within a translator', WHOLE.slice(0, -8), 'is cut off'],
    ['cut off behind a translator that is installed', WHOLE.slice(0, -13), 'is cut off'],
    ['cut off behind one that is gone', 'volume a\n    type features/ctr\n', 'is cut off'],
    ['with a translator that is gone', graph('storage/posix', 'features/ctr'), gone('features/ctr')],
    ['with one whose name begins like that of another', graph('features/quotad'), gone('features/quotad')],
    ['with words that are none', 'type ../* $(touch /) ,\nend-volume\n', gone('../* $(touch /) ,')],
  ])('%s', (_what, text, expected) => {
    expect(broken(text)).toEqual(expected === undefined ? {} : { [NAMED]: expected });
  });

  it('misses no translator where it is not known what is installed', () => {
    expect(broken(graph('features/ctr'), '')).toEqual({});
  });

  it('has its hash, and a hook its mode', () => {
    writeFileSync(join(root, 'store', NAMED), WHOLE);
    writeFileSync(join(root, 'store/hooks/1/S30.sh'), '');
    chmodSync(join(root, 'store/hooks/1/S30.sh'), 0o750);
    expect(Object.fromEntries(answer().hashes)).toEqual({
      [NAMED]: createHash('sha256').update(WHOLE).digest('hex'),
      'hooks/1/S30.sh': '750',
    });
  });
});

describe('a journal', () => {
  const write = (id: string, files: Readonly<Record<string, string>>, at = 'journal'): void => {
    mkdirSync(join(root, at, id, 'before.d'), { recursive: true });
    for (const [name, text] of Object.entries(files)) writeFileSync(join(root, at, id, name), text);
  };
  const program = (name: string, text: string): void => {
    writeFileSync(join(root, 'bin', name), `#!/bin/sh\nPATH=/usr/bin:/bin\n${text}\n`);
    chmodSync(join(root, 'bin', name), 0o755);
  };
  const OWNER = '{"transaction":"T-1","pid":1,"host":"\\n a"}';
  const states = (): readonly (readonly [string, string, string | undefined])[] =>
    answer().transactions.map(({ id, state, owner }) => [id, state, owner?.transaction]);

  it('has its state and its owner, with and without a last end of line, and with no store', () => {
    write('T-1', { 'owner.json': OWNER, state: 'committing\n', 'before.tar': 'x', 'before.d/state': 'owed' });
    write('T-2', { 'owner.json': `${OWNER}\n`, state: 'committed' });
    rmSync(join(root, 'store'), { recursive: true });
    expect(states()).toEqual([
      ['T-1', 'committing', 'T-1'],
      ['T-2', 'committed', 'T-1'],
    ]);
  });

  it('whose files are empty, or too large, does not pass for missing', () => {
    write('T-1', { 'owner.json': '', state: '' });
    write('T-2', { 'owner.json': 'x'.repeat(70_000), state: 'owed\n' });
    expect(states()).toEqual([
      ['T-1', 'unreadable', undefined],
      ['T-2', 'owed', undefined],
    ]);
  });

  it('is found behind a link', () => {
    write('T-1', { state: 'owed\n' }, 'elsewhere');
    symlinkSync(join(root, 'elsewhere'), join(root, 'journal'));
    expect(states()).toEqual([['T-1', 'owed', undefined]]);
  });

  it('is not there where its directory is not', () => {
    expect(answer()).toMatchObject({ transactions: [], unread: undefined });
  });

  it.each([
    [
      'its directory cannot be read',
      'echo "find: \'$3\': Input/output error" >&2; exit 1',
      'Input/output error',
    ],
    ['find fails without a word', 'exit 1', 'find ended with code 1'],
    ['find is killed', 'echo "find: \'vols\': Input/output error" >&2; exit 137', 'find ended with code 137'],
  ])('is unread where %s', (_what, text, reason) => {
    write('T-1', { state: 'owed\n' });
    program('find', `shift\n${text}`);
    expect(answer().unread).toContain(reason);
  });

  it('is unread where its state cannot be', () => {
    write('T-1', { state: 'owed\n' });
    program(
      'sed',
      `for f; do
        case $f in */journal/*) echo "sed: read error on $f: Input/output error" >&2; exit 4 ;; esac
      done; exec sed "$@"`,
    );
    expect(answer().unread).toContain('Input/output error');
  });

  it('is known where only the store is damaged', () => {
    write('T-1', { state: 'owed\n' });
    program('find', 'echo "find: \'vols/v\': Input/output error" >&2; find "$@"; exit 1');
    expect(answer()).toMatchObject({ unread: undefined, transactions: [{ id: 'T-1', state: 'owed' }] });
  });
});
