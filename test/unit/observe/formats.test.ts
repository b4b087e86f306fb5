/** The formats of a node, read as glusterd reads them: store files, get-state, tar. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { readGetState } from '../../../src/observe/get-state.ts';
import { readStoreText } from '../../../src/observe/store-file.ts';
import { readTar } from '../../../src/observe/tar.ts';

describe('a store file', () => {
  it.each([
    ['key=value\n', [['key', 'value']], undefined],
    [
      'k=a=b\n\nl=1\n',
      [
        ['k', 'a=b'],
        ['l', '1'],
      ],
      undefined,
    ],
    ['', [], 'is empty'],
    ['a=1\nb=2', [['a', '1']], 'has a last line without newline, which glusterd does not read'],
    ['a=\n', [], 'line 1 is not key=value: "a="'],
    ['=a\nb=1\n', [['b', '1']], 'line 1 is not key=value: "=a"'],
    ['\u0000\u0000\n', [], 'line 1 is not key=value: "\\u0000\\u0000"'],
  ])('%j', (text, pairs, problem) => {
    expect(readStoreText(Buffer.from(text))).toMatchObject({ pairs, problem });
  });
});

describe('get-state', () => {
  it('is refused when it is cut off, and never throws', () => {
    expect(readGetState('[Global]\nMYUUID: x\n').ok).toBe(false);
    fc.assert(
      fc.property(fc.string({ maxLength: 500 }), (text) => void readGetState(`[Global]\n${text}\n[Misc]\n`)),
    );
  });
});

describe('tar', () => {
  const directory = mkdtempSync(join(tmpdir(), 'glusterctl-tar-'));
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it('reads what tar writes: long names, empty files, binary content, directories', () => {
    const long = `${'d'.repeat(90)}/${'f'.repeat(120)}`;
    mkdirSync(join(directory, 'd'.repeat(90)));
    const files = new Map([
      ['a', 'text\n'],
      ['empty', ''],
      ['b\\n', '\u0000\u0001'],
      [long, 'long'],
    ]);
    for (const [path, content] of files) writeFileSync(join(directory, path), content);
    const { stdout } = spawnSync('tar', ['-cf', '-', '-C', directory, '.']);
    const { entries, complete } = readTar(stdout);
    expect(complete).toBe(true);
    const found = new Map(
      entries.filter((e) => e.kind === 'file').map((e) => [e.path, e.content.toString()]),
    );
    expect(found).toEqual(files);
    expect(entries.filter((e) => e.kind === 'directory').map((e) => e.path)).toContain('d'.repeat(90));
    expect(readTar(stdout.subarray(0, 1000)).complete).toBe(false);
  });

  it('never throws', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 3000 }), (bytes) => void readTar(Buffer.from(bytes))));
  });
});
