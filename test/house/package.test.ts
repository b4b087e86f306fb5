/**
 * What is installed: one package without others, without native builds, from a tarball and without a network;
 * and the same as one file. Both are run in an empty directory.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { read, ROOT } from './sources.ts';

const FILE = 'cluster: c\nnodes: { n1: {} }\nvolumes: { v: { bricks: [n1:/b/v] } }\n';
/** Unpacked, with documentation. */
const PACKAGE_BYTES_MAX = 6 * 1024 * 1024;

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-package-'));
  writeFileSync(join(dir, 'cluster.yaml'), FILE);
  if (!existsSync(join(ROOT, 'dist/program.js')))
    execFileSync('node', ['test/house/build.js'], { cwd: ROOT });
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const run = (command: string, args: readonly string[], cwd = dir): string =>
  execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

/** It starts, reads a file, explains, and says which login was refused: the SSH library is there too. */
function works(program: string): void {
  expect(run(program, ['--version'])).toMatch(/^glusterctl \d/);
  expect(run(program, ['validate', 'cluster.yaml'])).toContain('valid (cluster c, 1 nodes, 1 volumes)');
  expect(run(program, ['explain', 'peer-rejected'])).toContain('peer-rejected');
  writeFileSync(
    join(dir, 'nowhere.yaml'),
    FILE.replace('n1: {}', 'n1: { address: 127.0.0.1, ssh: { port: 1 } }'),
  );
  expect(() => run(program, ['plan', 'nowhere.yaml'])).toThrow(/node-unreachable/);
}

describe('the package', () => {
  it('has no dependencies, and runs nothing where it is installed', () => {
    const { dependencies = {}, scripts } = JSON.parse(read('package.json')) as {
      readonly dependencies?: Readonly<Record<string, string>>;
      readonly scripts: Readonly<Record<string, string>>;
    };
    expect(dependencies).toEqual({});
    expect(Object.keys(scripts).filter((name) => /^(pre|post)?(install|prepare)$/.test(name))).toEqual([]);
  });

  it('is installed offline, alone, and works', () => {
    const packed = run(
      'npm',
      ['pack', '--ignore-scripts', '--silent', '--pack-destination', dir],
      ROOT,
    ).trim();
    const flags = ['--global', '--offline', '--no-audit', '--no-fund', '--prefix', join(dir, 'prefix')];
    run('npm', ['install', ...flags, join(dir, packed.split('\n').at(-1) ?? '')]);
    const modules = join(dir, 'prefix/lib/node_modules');
    expect(readdirSync(modules).filter((name) => !name.startsWith('.'))).toEqual(['glusterctl']);
    const home = join(modules, 'glusterctl');
    expect(readdirSync(home).sort()).toEqual([...INSTALLED, 'LICENSE', 'README.md', 'package.json'].sort());
    expect(sizeOf(home)).toBeLessThan(PACKAGE_BYTES_MAX);
    expect(existsSync(join(dir, 'prefix/share/man/man1/glusterctl.1'))).toBe(true);
    works(join(dir, 'prefix/bin/glusterctl'));
  });
});

const INSTALLED = (JSON.parse(read('package.json')) as { readonly files: readonly string[] }).files;

const sizeOf = (path: string): number =>
  statSync(path).isDirectory()
    ? readdirSync(path).reduce((sum, name) => sum + sizeOf(join(path, name)), 0)
    : statSync(path).size;

describe('the one file', () => {
  it('needs nothing beside it, and carries the licences of what is in it', () => {
    const file = join(dir, 'alone/glusterctl.mjs');
    execFileSync('mkdir', [join(dir, 'alone')]);
    run('node', ['test/house/build.js', file], ROOT);
    works(file);
    expect(run('tail', ['-c', '60000', file])).toMatch(/ssh2 \d.*MIT/);
  });
});
