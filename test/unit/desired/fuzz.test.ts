/** Whatever the file holds, loading ends with a value or with places in the file; and what is accepted keeps its promises. */
import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Desired, DesiredVolume } from '../../../src/model/desired.ts';
import { load } from './example.ts';

/** `FUZZ_RUNS=20000` for a long look. */
const RUNS = Number(process.env['FUZZ_RUNS'] ?? 400);
const TIMEOUT_MS = 20_000 + RUNS * 20;

const root = new URL('../../../playbooks/', import.meta.url);
const playbooks = readdirSync(root).map((name) => readFileSync(new URL(name, root), 'utf8'));

/** Whether the text was accepted. */
function check(text: string): boolean {
  const loaded = load(text);
  if (loaded.ok) {
    promises(loaded.value);
    return true;
  }
  expect(loaded.error.length).toBeGreaterThan(0);
  const lineCount = text.split('\n').length;
  for (const { line, column, message } of loaded.error) {
    expect(line).toBeGreaterThanOrEqual(1);
    expect(line).toBeLessThanOrEqual(lineCount);
    expect(column).toBeGreaterThanOrEqual(1);
    expect(message).not.toMatch(/[\p{Cc}\p{Cs}]/u);
  }
  return false;
}

const survives = (text: string): void => {
  check(text);
};

function promises(desired: Desired): void {
  const names = new Set<string>(desired.nodes.map((node) => node.name));
  expect(names.size).toBe(desired.nodes.length);
  for (const { ssh } of desired.nodes) expect(ssh.knownHostsFile).toMatch(/^\//);
  for (const volume of desired.volumes) volumePromises(volume, names);
  const present = desired.volumes
    .filter((volume) => volume.state !== 'absent')
    .flatMap((volume) => volume.bricks);
  expect(new Set(present.map(({ node, path }) => `${node}:${path}`)).size).toBe(present.length);
}

function volumePromises(
  { name, state, bricks, layout, options, optionPositions }: DesiredVolume,
  names: ReadonlySet<string>,
): void {
  expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9_-]*$/);
  for (const { node, path } of bricks) {
    expect(names).toContain(node);
    expect(path).toMatch(/^(\/[^/\s:]+)+$/);
    expect(path.split('/')).not.toContain('..');
  }
  for (const [key, value] of options) {
    expect(value.trim()).not.toBe('');
    expect(value).not.toMatch(/\p{Cc}/u);
    expect(optionPositions.has(key)).toBe(true);
  }
  if (state === 'absent') return;
  const size =
    layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;
  expect(bricks.length).toBeGreaterThan(0);
  expect(bricks.length % size).toBe(0);
  for (let i = 0; i < bricks.length; i += size)
    expect(new Set(bricks.slice(i, i + size).map((brick) => brick.node)).size).toBe(size);
  if (layout.kind === 'disperse') expect(layout.disperse).toBeGreaterThan(2 * layout.redundancy);
}

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
  'spoilt playbooks',
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
        check(spoilt);
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
          if (check(text)) accepted++;
        },
      ),
      { numRuns: RUNS },
    );
    // Otherwise the promises were put to no test.
    expect(accepted).toBeGreaterThan(RUNS / 100);
  },
  TIMEOUT_MS,
);
