/**
 * The schema as compiled code. Compiling takes longer than all else that `plan` does before it connects, so
 * it is done here.
 */
import { Ajv } from 'ajv';
import standalone from 'ajv/dist/standalone/index.js';
import { expect, test } from 'vitest';
import { clusterSchema } from '../../../src/cluster-file/schema.ts';

const FILE = new URL('../../../src/cluster-file/cluster.validate.js', import.meta.url).pathname;

/** After a change to the schema: `npx vitest run … test/unit/cluster-file/validator.test.ts -u`. */
test('src/cluster-file/cluster.validate.js is the schema, compiled', async () => {
  await expect(generated()).toMatchFileSnapshot(FILE);
});

function generated(): string {
  const ajv = new Ajv({
    allErrors: true,
    strict: true,
    // The conditional part of a volume requires a property that stands outside it.
    strictRequired: false,
    allowUnionTypes: true,
    // The text of a mistake comes from the schema around it.
    verbose: true,
    code: { source: true, esm: true },
  });
  ajv.addVocabulary(['patternErrorMessage']);
  const code = standalone.default(ajv, ajv.compile(clusterSchema));
  return `// Generated from src/cluster-file/schema.ts by test/unit/cluster-file/validator.test.ts.
import imported from "${HELPER}.js";
const ucs2length = imported.default ?? imported; // as Node, or as a bundler, gives a CommonJS module
${withHelper(code)}
`;
}

const HELPER = 'ajv/dist/runtime/ucs2length';

/** Even where it writes a module, ajv asks for its helper with `require`. */
function withHelper(code: string): string {
  const asked = `require("${HELPER}").default`;
  expect(code.split(asked)).toHaveLength(2);
  const text = code.replace('"use strict";', '').replace(asked, 'ucs2length');
  expect(text).not.toContain('require(');
  return text;
}
