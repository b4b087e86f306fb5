/**
 * A journal from a node is accepted only where it is intact: a damaged one must not stop a recovery half way.
 */
import { expect, it } from 'vitest';
import { compile } from '../../../src/plan/compile.ts';
import { journalOf, readJournal } from '../../../src/transaction/journal.ts';
import { world } from '../../worlds.ts';

const w = world();
const written = journalOf('tx-1', compile(w.desired, w.view()).plan, w.view());

it('comes back as it was written', () => {
  expect(readJournal(JSON.stringify(written))).toEqual(written);
});

it('of a version that did not record problems is still one', () => {
  expect(readJournal(JSON.stringify({ ...written, amiss: undefined }))).toBeDefined();
});

it.each([{ formatVersion: 2 }, { plan: {} }, { online: 1 }, { up: 'node01' }, { amiss: 3 }, { inverses: 0 }])(
  'with %j is none',
  (change) => {
    expect(readJournal(JSON.stringify({ ...written, ...change }))).toBeUndefined();
  },
);
