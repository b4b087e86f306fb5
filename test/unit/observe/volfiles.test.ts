/** Which volfiles the probe calls broken, by the files themselves and the translators that are installed. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { BROKEN_VOLFILES } from '../../../src/observe/probe-baseline.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'volfiles-'));
  for (const dir of ['vols/v', 'lib/features', 'lib/storage'])
    mkdirSync(join(root, dir), { recursive: true });
  for (const name of ['features/quota', 'storage/posix']) writeFileSync(join(root, 'lib', `${name}.so`), '');
});
afterEach(() => {
  rmSync(root, { recursive: true });
});

const graph = (...types: readonly string[]): string =>
  types.map((type, i) => `volume v${String(i)}\n    type ${type}\nend-volume\n\n`).join('');

const WHOLE = graph('storage/posix', 'features/quota');

function broken(text: string, xlators = join(root, 'lib')): readonly string[] {
  writeFileSync(join(root, 'vols/v/v.node01.b.vol'), text);
  writeFileSync(join(root, 'vols/v/v.tcp-fuse.vol'), WHOLE);
  const script = `nl='\n'; xlators='${xlators}'\n${BROKEN_VOLFILES}`;
  const said = execFileSync('sh', ['-c', script], { encoding: 'utf8', cwd: root });
  return said.split('\n').filter((line) => line !== '');
}

it.each<readonly [string, string, readonly string[]]>([
  ['whole', WHOLE, []],
  ['whole, without an empty line at its end', WHOLE.trimEnd(), []],
  ['empty, which its hash shows', '', []],
  ['cut off within a translator', WHOLE.slice(0, -8), ['cut']],
  ['with a translator that is gone', graph('storage/posix', 'features/ctr'), ['features/ctr']],
  ['with one whose name begins like that of another', graph('features/quotad'), ['features/quotad']],
  ['with words that are none', 'type ../* $(touch /) ,\nend-volume\n', ['../* $(touch /) ,']],
])('%s', (_what, text, expected) => {
  expect(broken(text)).toEqual(expected.map((what) => `${what} vols/v/v.node01.b.vol`));
});

it('misses no translator where it does not know what is installed', () => {
  expect(broken(graph('features/ctr'), '')).toEqual([]);
});
