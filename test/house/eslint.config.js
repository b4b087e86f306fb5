/**
 * Lint for judgement, Prettier for layout. The rules that guard this program need real types: a promise nobody awaits is a
 * rollback that never ran. The folders' purity is here, their direction in direction.test.ts.
 */
import { builtinModules } from 'node:module';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const ROOT = new URL('../..', import.meta.url).pathname;

/** Value in, value out: a plan made twice from the same observation is the same plan, and the simulator owns time and chance. */
const PURE = [
  'core',
  'model',
  'view',
  'actions',
  'findings',
  'cluster-file',
  'inventory',
  'observe',
  'plan',
  'transaction',
  'change',
];

/** Third-party packages and the one folder that may know them. */
const KEPT_IN = {
  ssh2: 'ssh',
  listr2: 'report',
  diff: 'report',
  yaml: 'cluster-file',
  ajv: 'cluster-file',
  'json-schema-to-ts': 'cluster-file',
  commander: 'cli',
};

/** Where this process itself is the subject: its arguments, streams, signals, exit. */
const OWN_PROCESS = ['src/cli/process.ts', 'src/cli/main.ts'];

const NO_PROCESS = { name: 'process', message: 'Ask src/cli/process.ts.' };
const NOT_PURE = [
  ['Date', 'Time comes in through Clock.'],
  ['performance', 'Time comes in through Clock.'],
  ['setTimeout', 'Waiting is Clock.sleep.'],
  ['setInterval', 'Waiting is Clock.sleep.'],
  ['setImmediate', 'Waiting is Clock.sleep.'],
  ['queueMicrotask', 'Order is decided here, not by the event loop.'],
  ['fetch', 'Nothing here reaches out.'],
  ['crypto', 'Chance comes in as a value.'],
].map(([name, message]) => ({ name, message }));

const NO_RANDOM = { object: 'Math', property: 'random', message: 'Chance comes in as a value.' };

const globals = (...names) => ['error', { globals: names, checkGlobalObject: true }];

/** The bans on imports do not see these. */
const ON_DEMAND = {
  selector: 'ImportExpression:not([source.value=/^[.]/])',
  message: "Only the project's own files are loaded on demand.",
};

const foreign = (folder) =>
  Object.entries(KEPT_IN)
    .filter(([, home]) => home !== folder)
    .map(([name, home]) => ({ name, message: `Only src/${home} knows ${name}.` }));

const NODE_MODULES = {
  regex: `^(node:|(${builtinModules.join('|')})(/|$))`,
  message: 'A pure folder: what it needs is handed in.',
  allowTypeImports: true,
};
/** Hashing is a function of its input, though Node keeps it in a module. */
const BUT_HASHING = [
  { ...NODE_MODULES, regex: NODE_MODULES.regex.replace('node:', 'node:(?!crypto$)') },
  { regex: '^node:crypto$', allowImportNames: ['createHash'], message: 'Chance comes in as a value.' },
];
const SELF_BY_MODULE = { name: 'node:process', message: 'Ask src/cli/process.ts.' };

const restrictImports = (folder, patterns) => [
  'error',
  { paths: [...foreign(folder), ...(patterns.length > 0 ? [] : [SELF_BY_MODULE])], patterns },
];

const folderRules = (folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': restrictImports(
      folder,
      PURE.includes(folder) ? [NODE_MODULES] : [],
    ),
  },
});

const described = {
  rules: {
    'disable-described': {
      create: (context) => ({
        Program: () => {
          for (const comment of context.sourceCode.getAllComments())
            if (/^\s*eslint-(disable|enable)/.test(comment.value) && !/\s--\s+\S/.test(comment.value))
              context.report({ loc: comment.loc, message: 'Say why, after " -- ".' });
        },
      }),
    },
  },
};

export default defineConfig(
  { ignores: ['**/*.js'] },
  {
    files: ['src/**/*.ts', 'test/**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { house: described },
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: ROOT } },
    rules: {
      'house/disable-described': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/require-array-sort-compare': ['error', { ignoreStringArrays: true }],
      // `NaN || 0` and `'' || '/'` are meant; a string or number that may also be missing must say which of the two is asked.
      '@typescript-eslint/strict-boolean-expressions': 'error',
      // A rest sibling is how a field is left out.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      // `() => write(x)` is how a callback is written; the arrow returns nothing that anybody reads.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Loops end by return; the condition that is always true says so.
      '@typescript-eslint/no-unnecessary-condition': [
        'error',
        { allowConstantLoopConditions: 'only-allowed-literals' },
      ],
      // Counts and ports print as one expects; everything else must be turned into words on purpose.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Interfaces demand async of what needs no await (a lock that is released at once).
      '@typescript-eslint/require-await': 'off',
      eqeqeq: 'error',
      'no-console': 'error',
      'prefer-const': 'error',
      'no-else-return': 'error',
      'max-params': ['error', 5],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: { 'no-restricted-globals': globals(NO_PROCESS), 'no-restricted-syntax': ['error', ON_DEMAND] },
  },
  ...[...PURE, 'node', 'ssh', 'report', 'cli'].map(folderRules),
  {
    files: PURE.map((folder) => `src/${folder}/**/*.ts`),
    rules: {
      'no-restricted-globals': globals(NO_PROCESS, ...NOT_PURE),
      'no-restricted-properties': ['error', NO_RANDOM],
    },
  },
  {
    // The simulator owns time and chance: it may let the event loop turn, and nothing else.
    files: ['src/simulator/**/*.ts'],
    rules: {
      'no-restricted-globals': globals(NO_PROCESS, ...NOT_PURE.filter(({ name }) => name !== 'setImmediate')),
      'no-restricted-properties': ['error', NO_RANDOM],
      '@typescript-eslint/no-restricted-imports': restrictImports('simulator', BUT_HASHING),
    },
  },
  {
    files: ['src/core/digest.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': restrictImports('core', BUT_HASHING) },
  },
  {
    files: OWN_PROCESS,
    rules: { 'no-restricted-globals': 'off' },
  },
  // The agent's socket is in the environment, and only this folder knows what an agent is.
  {
    files: ['src/ssh/surroundings.ts'],
    rules: { '@typescript-eslint/no-restricted-imports': ['error', { paths: foreign('ssh') }] },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // A test that indexes what it has just made fails loudly enough.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/explicit-module-boundary-types': 'off',
      // Names and pairs sort as text.
      '@typescript-eslint/require-array-sort-compare': 'off',
    },
  },
);
