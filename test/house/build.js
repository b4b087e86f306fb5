/**
 * `npm run build`: one program in dist, with its libraries and their licences, so that a start reads few files.
 * `npm run bundle -- PATH`: the same as one file that needs nothing beside it.
 */
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');
const DIST = join(ROOT, 'dist');

/** What offline commands and a dull terminal must not pay for. All else that is loaded on demand is small. */
const APART = /\/(cluster|run-live)\.ts$/;

/** Every file costs more to find, read and link than the little code in it, so what is small is not kept apart. */
const joinSmallFiles = {
  name: 'join-small-files',
  setup: ({ onLoad }) => {
    onLoad({ filter: /\/src\/.*\.ts$/ }, ({ path }) => {
      const heads = [];
      const body = readFileSync(path, 'utf8').replace(/\bimport\('(\.[^']+)'\)/g, (whole, file) => {
        if (APART.test(file)) return whole;
        heads.push(`import * as joined${heads.length} from '${file}';`);
        return `joined${heads.length - 1}`;
      });
      return { contents: `${heads.join('')}${body}`, loader: 'ts' };
    });
  },
};

/** The entry is built by itself: `--version` must not even pay for what the other files have in common. */

const programIsApart = {
  name: 'program-is-apart',
  setup: ({ onResolve }) => {
    onResolve({ filter: /^\.\/program\.ts$/ }, () => ({ path: './program.js', external: true }));
  },
};

/**
 * What the SSH library loads and this program never calls: it is a client, offers no compression, forwards no
 * agent, and reads no key that has a passphrase. Two fifths of the time to load the library were theirs.
 */
const NOT_CALLED = /\/(server|http-agents|keygen|SFTP)\.js$|^bcrypt-pbkdf$/;
const NOTHING = `module.exports = new Proxy(function () {}, {
  get: (nothing, key) => key === 'prototype' ? nothing[key] : class { constructor() { throw new Error('not in this program: ' + String(key)); } },
});`;
/** Node's own takes longer to load than all keys to read. */
const ASSERT = `exports.ok = (it) => { if (!it) throw new Error('assertion failed'); };
exports.equal = (a, b) => exports.ok(a == b);`;

const withoutWhatIsNotCalled = {
  name: 'without-what-is-not-called',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: NOT_CALLED }, ({ path, importer }) =>
      /\/node_modules\/ssh2\//.test(importer) ? { path, namespace: 'nothing' } : undefined,
    );
    onResolve({ filter: /^assert$/ }, ({ path, importer }) =>
      /\/node_modules\/asn1\//.test(importer) ? { path, namespace: 'assert' } : undefined,
    );
    onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: NOTHING, loader: 'js' }));
    onLoad({ filter: /.*/, namespace: 'assert' }, () => ({ contents: ASSERT, loader: 'js' }));
  },
};

const common = {
  absWorkingDir: ROOT,
  outdir: DIST,
  write: false,
  bundle: true,
  metafile: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  legalComments: 'none',
  logLevel: 'warning',
};

/** Of the program itself, apart from where it goes. */
const ours = {
  ...common,
  // Half the text to read; names stay, so that a trace of an unexpected error can be read too.
  minifyWhitespace: true,
  minifySyntax: true,
  // ssh2 tries these, and does without.
  external: ['cpu-features', '*.node'],
  // It is the way to a program for Windows, and to a file that is inside the source.
  define: { __dirname: '"."' },
};
/** Libraries of the older kind ask for Node's own modules with it. */
const REQUIRE =
  "import{createRequire as $make}from'node:module';let $made;const require=(name)=>($made??=$make(import.meta.url))(name);";

const [target] = process.argv.slice(2);
await (target === undefined ? buildPackage() : buildOneFile(target));

async function buildOneFile(path) {
  const { outputFiles, metafile } = await build({
    ...ours,
    entryPoints: ['src/cli/main.ts'],
    banner: { js: `#!/usr/bin/env node\n${REQUIRE}` },
    plugins: [withoutWhatIsNotCalled],
  });
  const notices = licences(metafile).replaceAll('*/', '* /');
  writeFileSync(path, `${outputFiles[0].text}/*\n${notices}*/\n`);
  chmodSync(path, 0o755);
}

async function buildPackage() {
  const entry = await build({ ...common, entryPoints: ['src/cli/main.ts'], plugins: [programIsApart] });
  const program = await build({
    ...ours,
    entryPoints: ['src/cli/program.ts'],
    splitting: true,
    banner: { js: REQUIRE },
    plugins: [joinSmallFiles, withoutWhatIsNotCalled],
  });
  // What was built before stays until there is something better.
  rmSync(DIST, { recursive: true, force: true });
  mkdirSync(DIST);
  for (const { path, contents } of [...entry.outputFiles, ...program.outputFiles])
    writeFileSync(path, contents);
  writeFileSync(join(DIST, 'THIRD-PARTY.txt'), licences(program.metafile));
  const { version } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  const { manual } = await import(pathToFileURL(join(DIST, 'program.js')).href);
  writeFileSync(join(DIST, 'glusterctl.1'), manual(version));
}

/** The licence of each package that is in what was built, in full. */
function licences({ outputs }) {
  const inputs = Object.values(outputs).flatMap((output) => Object.keys(output.inputs));
  const homes = inputs.flatMap((path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? []);
  const notices = [...new Set(homes)].sort().map((home) => {
    const { name, version, license, licenses } = JSON.parse(
      readFileSync(join(ROOT, home, 'package.json'), 'utf8'),
    );
    const file = readdirSync(join(ROOT, home)).find((entry) => /^licen[cs]e/i.test(entry));
    if (file === undefined) throw new Error(`${name} ${version} has no licence file`);
    const text = readFileSync(join(ROOT, home, file), 'utf8').trim();
    return `${name} ${version}, ${license ?? licenses[0].type}\n\n${text}\n`;
  });
  const line = `\n${'-'.repeat(80)}\n\n`;
  return `The programs in this folder contain these packages.\n${line}${notices.join(line)}`;
}
