/** Invalid values that a node may send, and that must not be accepted. */
import { expect, it } from 'vitest';
import { suggest } from '../../../src/core/suggest.ts';
import { isAddress, isBrickPath, large, port, staysInside, whole } from '../../../src/observe/checked.ts';
import { splitFrames } from '../../../src/observe/frames.ts';
import { readGetState } from '../../../src/observe/get-state.ts';
import { readOwner } from '../../../src/observe/read-files.ts';
import { readStore } from '../../../src/observe/read-store.ts';
import { readStoreText } from '../../../src/observe/store-file.ts';
import { readTar, type TarEntry } from '../../../src/observe/tar.ts';
import { archive } from '../../laws/fuzz/archive.ts';

it.each(['', '-1', 'NaN', '1e9', '0x10', '1.5', '9007199254740993', '9'.repeat(400)])(
  '%j is no number',
  (text) => {
    expect([whole(text), port(text)]).toEqual([undefined, undefined]);
  },
);

it('large numbers are clamped, ports have an end', () => {
  expect([large('18446744073709551615'), port('65536')]).toEqual([Number.MAX_SAFE_INTEGER, undefined]);
});

it.each(['..', '../x', '/x', 'a//b', 'a/./b', 'a\nb', 'a\0b', ''])(
  '%j leaves the store, and is no brick',
  (path) => {
    expect([staysInside(path), isBrickPath(`/${path}`) && isBrickPath(path)]).toEqual([false, false]);
  },
);

it('addresses', () => {
  for (const good of ['10.0.0.1', '::1', 'fe80::1%eth0', '::ffff:10.0.0.1'])
    expect(isAddress(good), good).toBe(true);
  for (const bad of ['', '999.1.1.1', '1.1.1', ':', '1::2::3', 'x', 'constructor'])
    expect(isAddress(bad), bad).toBe(false);
});

it('an answer given twice, or that goes on after its end, is refused', () => {
  expect(splitFrames(Buffer.from('\nN a\nx\nN end\n'), 'N').ok).toBe(true);
  expect(splitFrames(Buffer.from('\nN a\nx\nN a\nx\nN end\n'), 'N').ok).toBe(false);
  expect(splitFrames(Buffer.from('\nN a\nx\nN end\nmore'), 'N').ok).toBe(false);
});

it('an archive is not over at a header that begins with NUL', () => {
  const tar = archive([{ path: 'a', content: Buffer.from('1') }]);
  tar[0] = 0;
  expect(readTar(tar)).toEqual({ entries: [], complete: false });
});

it('a store file with bytes that are no text is a problem', () => {
  expect(readStoreText(Buffer.from('k=a\xff\n', 'latin1')).problem).toBe('is not UTF-8');
  expect(readStoreText(Buffer.from('k=a\0b\n')).problem).toMatch(/^has a NUL/);
});

it.each(['type=NaN', 'count=-3', 'status=9', 'version=-1', 'transport-type=7'])(
  'info with %s is no volume',
  (line) => {
    const info = [
      'type=0',
      'count=0',
      'status=1',
      'version=1',
      'transport-type=0',
      'volume-id=f1692ab3-bdd5-4126-b5be-fbb33631135c',
    ].map((l) => (l.split('=')[0] === line.split('=')[0] ? line : l));
    const file = (path: string, kind: TarEntry['kind'], text = ''): TarEntry => ({
      path,
      kind,
      content: Buffer.from(text),
      mode: 0,
      mtime: 0,
    });
    const { volumes, problems } = readStore(
      [file('vols/v', 'directory'), file('vols/v/info', 'file', `${info.join('\n')}\n`)],
      true,
      new Map(),
    );
    expect([volumes.size, problems.length]).toEqual([0, 1]);
  },
);

it.each([
  ['v', true],
  ['v.bak', true],
  ['v-old', true],
  ['.v', false],
  ['-v', false],
  ['v v', false],
])('vols/%s is a volume: %s', (name, isVolume) => {
  const file = (path: string, kind: TarEntry['kind']): TarEntry => ({
    path,
    kind,
    content: Buffer.from(''),
    mode: 0,
    mtime: 0,
  });
  const { problems } = readStore([file(`vols/${name}`, 'directory')], true, new Map());
  expect(problems.map((p) => p.problem)).toEqual([isVolume ? 'has no info file' : 'is no name of a volume']);
});

it('a volume whose name is a path, or an owner whose transaction is one, is left out', () => {
  const read = readGetState(
    '[Global]\n[Volumes]\nVolume1.name: ../x\nVolume1.id: f1692ab3-bdd5-4126-b5be-fbb33631135c\n[Misc]\n',
  );
  expect(read.ok && read.value.volumes.size).toBe(0);
  expect(readOwner('{"transaction":"../x","pid":1}')).toBeUndefined();
});

it('a suggestion can be printed', () => {
  expect(suggest('n1', ['\u00141'])).toBeUndefined();
});
