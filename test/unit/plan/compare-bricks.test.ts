/** What the bricks of a file and of a cluster differ in: each row of the table, and what holds of all. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Layout } from '../../../src/model/desired.ts';
import { type BrickComparison, compareBricks } from '../../../src/plan/compare-bricks.ts';

const DISTRIBUTE: Layout = { kind: 'distribute' };
const replica = (count: number): Layout => ({ kind: 'replicate', replica: count, arbiter: 0 });
const ARBITER: Layout = { kind: 'replicate', replica: 3, arbiter: 1 };
const disperse = (count: number, redundancy = 1): Layout => ({
  kind: 'disperse',
  disperse: count,
  redundancy,
});

const list = (text: string): readonly string[] => text.split(/[ |]+/).filter((b) => b !== '');

/** Bricks are letters; the bars only help the eye. */
const compare = (from: Layout, live: string, to: Layout, wanted: string): BrickComparison =>
  compareBricks({ layout: from, bricks: list(live) }, { layout: to, bricks: list(wanted) });

const setsWords = (sets: readonly { readonly set: number; readonly bricks: readonly string[] }[]): string =>
  sets.map(({ set, bricks }) => `${String(set)}:${bricks.join('+')}`).join(' ');

/** Every difference as one line. */
const words = ({ refusals, changes, isReordered }: BrickComparison): readonly string[] => [
  ...refusals.map((r) => {
    if (r.kind === 'impossible') return `impossible, ${String(r.edits.length)} edits`;
    return r.kind === 'arbiterMoved'
      ? `arbiterMoved ${String(r.set)} ${r.was ?? '-'} ${r.is ?? '-'}`
      : `bricksRegrouped ${r.brick} ${r.live.join('+')} ${r.wanted.join('+')}`;
  }),
  ...changes.map((c) => {
    if (c.kind === 'grow') return `grow ${c.sets.map((set) => set.join('+')).join(' ')}`;
    if (c.kind === 'move') return `move +${c.added.join('+')} -${c.removed.join('-')}`;
    if (c.kind === 'replace')
      return `replace ${c.replacements.map(({ set, from, to }) => `${String(set)}:${from}>${to}`).join(' ')}`;
    return `${c.kind} ${setsWords(c.sets)}`;
  }),
  ...(isReordered ? ['reordered'] : []),
];

type Row = readonly [what: string, from: Layout, live: string, to: Layout, wanted: string, says: string[]];

const R3 = replica(3);
const R2 = replica(2);

const ROWS: readonly Row[] = [
  ['the same', R3, 'a b c|d e f', R3, 'a b c|d e f', []],
  ['another order of members', R3, 'a b c|d e f', R3, 'c b a|d e f', ['reordered']],
  ['another order of sets', R3, 'a b c|d e f', R3, 'd e f|a b c', ['reordered']],
  ['another order of both', R2, 'a b|c d', R2, 'd c|b a', ['reordered']],
  ['another order of a distribute volume', DISTRIBUTE, 'b c', DISTRIBUTE, 'c b', ['reordered']],
  ['another order of fragments', disperse(3), 'a b c', disperse(3), 'b c a', ['reordered']],
  ['data bricks beside an arbiter in another order', ARBITER, 'a b c', ARBITER, 'b a c', ['reordered']],

  ['the arbiter in another place', ARBITER, 'a b c', ARBITER, 'a c b', ['arbiterMoved 1 c b']],
  ['the arbiter replaced by a data brick', ARBITER, 'a b c', ARBITER, 'x a b', ['arbiterMoved 1 c b']],
  ['a new arbiter, the old one with data', ARBITER, 'a b c', ARBITER, 'a c x', ['arbiterMoved 1 c x']],
  ['a data brick as the new arbiter', R2, 'a b|c d', ARBITER, 'a b x|c y d', ['arbiterMoved 2 - d']],
  ['the old arbiter kept with data', ARBITER, 'a b c', R2, 'a c', ['arbiterMoved 1 c -']],

  ['one copy more', R2, 'a b|c d', R3, 'a b x|c d y', ['moreCopies 1:x 2:y']],
  ['one copy more, in front', R2, 'a b|c d', R3, 'x a b|c y d', ['moreCopies 1:x 2:y', 'reordered']],
  ['sets in another order', R2, 'a b|c d', R3, 'c d y|a b x', ['moreCopies 1:x 2:y', 'reordered']],
  ['two copies more', R2, 'a b|c d', replica(4), 'a b x y|c d z w', ['moreCopies 1:x+y 2:z+w']],
  ['distribute to replica', DISTRIBUTE, 'a b', R2, 'a x|b y', ['moreCopies 1:x 2:y']],
  ['an arbiter', R2, 'a b|c d', ARBITER, 'a b x|c d y', ['moreCopies 1:x 2:y']],

  ['one copy less', R3, 'a b c|d e f', R2, 'a c|d e', ['fewerCopies 1:b 2:f']],
  ['one copy less of one', R2, 'a b|c d', DISTRIBUTE, 'b c', ['fewerCopies 1:a 2:d']],
  ['without the arbiter', ARBITER, 'a b c', R2, 'a b', ['fewerCopies 1:c']],

  ['one member replaced', R3, 'a b c|d e f', R3, 'a x c|d e f', ['replace 1:b>x']],
  ['two members of one set', R3, 'a b c', R3, 'x b y', ['replace 1:a>x 1:c>y']],
  ['members of two sets', R2, 'a b|c d', R2, 'a x|y d', ['replace 1:b>x 2:c>y']],
  ['a member replaced, written last', R3, 'a b c', R3, 'b c x', ['replace 1:a>x', 'reordered']],
  ['the arbiter replaced', ARBITER, 'a b c', ARBITER, 'a b x', ['replace 1:c>x']],
  ['the arbiter and another one', ARBITER, 'a b c', ARBITER, 'y b x', ['replace 1:a>y 1:c>x']],
  ['a fragment replaced', disperse(3), 'a b c', disperse(3), 'a b x', ['replace 1:c>x']],

  [
    'a member of another set',
    R2,
    'a b|c d',
    R2,
    'a c|b d',
    ['bricksRegrouped c c+d a+c', 'bricksRegrouped b a+b b+d'],
  ],
  ['a member of a set that leaves', R2, 'a b|c d', R2, 'a c', ['bricksRegrouped c c+d a+c']],
  ['two bricks made one set', DISTRIBUTE, 'a b', R2, 'a b', ['bricksRegrouped b b a+b']],
  ['one set made two', R2, 'a b', DISTRIBUTE, 'a b', ['bricksRegrouped b a+b b']],

  ['one set more', R3, 'a b c', R3, 'a b c|d e f', ['grow d+e+f']],
  ['two sets more', R2, 'a b', R2, 'a b|c d|e f', ['grow c+d e+f']],
  ['one set more, in front', R2, 'a b', R2, 'c d|a b', ['grow c+d', 'reordered']],
  ['one brick more', DISTRIBUTE, 'a', DISTRIBUTE, 'a b', ['grow b']],
  ['fragments more', disperse(3), 'a b c', disperse(3), 'a b c|d e f', ['grow d+e+f']],

  ['one set less', R2, 'a b|c d|e f', R2, 'a b|e f', ['shrink 2:c+d']],
  ['two bricks less', DISTRIBUTE, 'a b c', DISTRIBUTE, 'b', ['shrink 1:a 3:c']],
  ['a set for a set', R2, 'a b|c d', R2, 'a b|e f', ['grow e+f', 'shrink 2:c+d']],
  ['a brick for a brick', DISTRIBUTE, 'a b', DISTRIBUTE, 'c b', ['move +c -a', 'reordered']],

  [
    'copies, a replacement, a set',
    R2,
    'a b',
    R3,
    'a x y|d e f',
    ['moreCopies 1:y', 'replace 1:b>x', 'grow d+e+f'],
  ],
  ['fewer copies and a set', R3, 'a b c', R2, 'a b|x y', ['fewerCopies 1:c', 'grow x+y']],
  ['a replacement and an arbiter', R2, 'a b', ARBITER, 'a x y', ['moreCopies 1:y', 'replace 1:b>x']],
  ['a replacement, no arbiter', ARBITER, 'a b c', R2, 'a x', ['fewerCopies 1:c', 'replace 1:b>x']],

  ['more copies, a set less', R2, 'a b|c d', R3, 'a b x', ['impossible, 2 edits']],
  ['a leg becomes the arbiter', R3, 'a b c', ARBITER, 'a b c', ['impossible, 2 edits']],
  ['the arbiter becomes a leg', ARBITER, 'a b c', R3, 'a b c', ['impossible, 2 edits']],
  ['an arbiter for one copy', DISTRIBUTE, 'a', ARBITER, 'a b c', ['impossible, 2 edits']],
  ['one copy of an arbiter volume', ARBITER, 'a b c', DISTRIBUTE, 'a', ['impossible, 2 edits']],
  ['replica to disperse', R3, 'a b c', disperse(3), 'a b c', ['impossible, 0 edits']],
  ['disperse to replica', disperse(3), 'a b c', R3, 'a b c', ['impossible, 0 edits']],
  ['distribute to disperse', DISTRIBUTE, 'a b c', disperse(3), 'a b c', ['impossible, 0 edits']],
  ['another redundancy', disperse(6, 2), 'a b c d e f', disperse(6), 'a b c d e f', ['impossible, 0 edits']],
  ['another size', disperse(3), 'a b c', disperse(6, 2), 'a b c d e f', ['impossible, 0 edits']],
];

describe('bricks of the file and of the cluster', () => {
  it.each(ROWS)('%s', (...[, from, live, to, wanted, says]) => {
    expect(words(compare(from, live, to, wanted))).toEqual(says);
  });

  it('are matched by most members in common, and then in the order of the file', () => {
    // c d e has two of the second set, and only one of the first.
    expect(words(compare(R3, 'a b c|d e f', R3, 'd e x|y b c'))).toEqual([
      'replace 1:a>y 2:f>x',
      'reordered',
    ]);
  });
});

describe('the bricks afterwards', () => {
  it.each<readonly [string, Layout, string, Layout, string, string]>([
    ['a replacement keeps the place', R3, 'a b c', R3, 'b c x', 'x b c'],
    ['a copy comes last in its set', R2, 'a b|c d', R3, 'x a b|y c d', 'a b x|c d y'],
    ['a set comes last', R2, 'a b', R2, 'c d|a b', 'a b|c d'],
    ['a set that leaves closes the gap', DISTRIBUTE, 'a b', DISTRIBUTE, 'c b', 'b c'],
  ])('%s', (...[, from, live, to, wanted, after]) => {
    expect(compare(from, live, to, wanted).after).toEqual(list(after));
  });

  const bricks = fc.uniqueArray(fc.constantFrom(...list('a b c d e f g h i j k l')), {
    minLength: 1,
    maxLength: 12,
  });
  const layouts = fc.constantFrom(DISTRIBUTE, R2, R3, ARBITER, replica(4), disperse(3));
  const whole = (layout: Layout, all: readonly string[]): readonly string[] => {
    const size = layout.kind === 'distribute' ? 1 : layout.kind === 'replicate' ? layout.replica : 3;
    return all.slice(0, all.length - (all.length % size));
  };

  it('are those of the file, and ask for nothing more', () => {
    fc.assert(
      fc.property(layouts, layouts, bricks, bricks, (from, to, live, file) => {
        const wanted = { layout: to, bricks: whole(to, file) };
        fc.pre(wanted.bricks.length > 0);
        const first = compareBricks({ layout: from, bricks: whole(from, live) }, wanted);
        fc.pre(first.refusals.length === 0);
        expect([...first.after].sort()).toEqual([...wanted.bricks].sort());
        const second = compareBricks({ layout: to, bricks: first.after }, wanted);
        expect(second).toEqual({ ...first, changes: [] });
      }),
    );
  });
});
