/**
 * Whatever the file holds, loading ends with a value or with places in the file, and a value keeps the
 * promises of `Desired`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadedSoundly } from '../../laws/fuzz/cluster-laws.ts';

/** `FUZZ_RUNS=20000` for a long run. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);
const TIMEOUT_MS = 20_000 + RUNS * 20;

const root = new URL('../../../playbooks/', import.meta.url);
const playbooks = readdirSync(root).map((name) => readFileSync(new URL(name, root), 'utf8'));

const survives = (text: string): void => {
  loadedSoundly(text);
};

test(
  'any text',
  () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 200 }), survives), { numRuns: RUNS });
  },
  TIMEOUT_MS,
);

test(
  'text made of what YAML is made of',
  () => {
    const words = 'cluster nodes volumes x-a n1 1 null ~ : - { } [ ] , &a *a << ? " \' | > # !!str';
    const lines = ['\n', '\n  ', '\n    ', '\t', '\n---\n', '\n...\n', '%YAML 1.1\n', ' ', ': ', '- '];
    const piece = fc.constantFrom(...words.split(' '), ...lines);
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join('')),
        survives,
      ),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'damaged playbooks',
  () => {
    const spoil = fc.record({
      text: fc.constantFrom(...playbooks),
      cuts: fc.array(
        fc.record({
          at: fc.nat(),
          remove: fc.nat({ max: 12 }),
          insert: fc.oneof(
            fc.string({ unit: 'binary', maxLength: 3 }),
            fc.constantFrom(
              'absent',
              '0',
              '2',
              '3',
              'node01',
              '/',
              '..',
              ':',
              '\n',
              '  ',
              '- ',
              'null',
              'state: absent\n',
              '""',
            ),
          ),
        }),
        { minLength: 1, maxLength: 4 },
      ),
    });
    fc.assert(
      fc.property(spoil, ({ text, cuts }) => {
        let spoilt = text;
        for (const { at, remove, insert } of cuts) {
          const from = at % (spoilt.length + 1);
          spoilt = spoilt.slice(0, from) + insert + spoilt.slice(from + remove);
        }
        survives(spoilt);
      }),
      { numRuns: RUNS },
    );
  },
  TIMEOUT_MS,
);

test(
  'volumes put together at random',
  () => {
    let accepted = 0;
    const brick = fc
      .tuple(fc.constantFrom('n1', 'n2', 'n3'), fc.constantFrom('/a', '/b', '/a/b', '/a-b', '/c'))
      .map((parts) => parts.join(':'));
    const volume = fc.record(
      {
        state: fc.constantFrom('started', 'stopped', 'absent'),
        replica: fc.integer({ min: 1, max: 4 }),
        arbiter: fc.constantFrom(0, 1),
        disperse: fc.integer({ min: 2, max: 4 }),
        redundancy: fc.constantFrom(0, 1, 2),
        bricks: fc.array(brick, { maxLength: 6 }),
        options: fc.dictionary(
          fc.constantFrom('a.b', 'user.x', 'X'),
          fc.oneof(fc.string(), fc.integer(), fc.boolean()),
        ),
      },
      { requiredKeys: [] },
    );
    const file = fc.record({
      cluster: fc.constant('c'),
      nodes: fc.constant({ n1: {}, n2: {}, n3: null }),
      volumes: fc.dictionary(fc.constantFrom('v', 'w', 'all'), volume),
    });
    fc.assert(
      fc.property(
        file.map((value) => JSON.stringify(value)),
        (text) => {
          if (loadedSoundly(text).ok) accepted++;
        },
      ),
      { numRuns: RUNS },
    );
    // Otherwise the promises were not tested.
    expect(accepted).toBeGreaterThan(RUNS / 100);
  },
  TIMEOUT_MS,
);
