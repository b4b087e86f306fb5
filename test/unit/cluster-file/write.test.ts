/** What is written of a living cluster reads the same in YAML 1.1, which PyYAML and so ansible speak. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDocument } from 'yaml';
import { withVolumes } from '../../../src/cluster-file/write.ts';
import type { VolumeEntry } from '../../../src/model/desired.ts';
import { brickPath, nodeName, volumeName } from '../../../src/model/names.ts';

/** Text that YAML 1.1 takes for a boolean, null, a number, a date, a merge, a tag, an anchor, or refuses. */
const TRAPS =
  'off on yes no y n Y N On OFF true False null Null NULL ~ = << 12:30:45 -1:30 1:20.5 1_000 0o7 010 08 ' +
  '0x1F 0b11 1e3 E0 1.5e+3 6.02E23 +1 -1 .5 -.5 1. 2026-01-01 2001-12-14t21:59:43.10-05:00 .inf -.INF .nan ' +
  '+.inf !x !!int &x *x *.example %x @x `x |x >x #x ? - : ?x -x :x --- ... [a] {a} , a: a:b "q" \' 1,000';
const traps = ['', ' ', ' x', 'x ', '2001-12-14 21:59:43', 'a: b', 'a #b', '- a', ...TRAPS.split(' ')];
const HEAD = 'cluster: c\nnodes: { a: { address: 10.0.0.1 } }\n';

const volume = (text: string): VolumeEntry => ({
  name: volumeName(text),
  state: 'started',
  layout: { kind: 'distribute' },
  transport: 'tcp',
  bricks: [{ node: nodeName(text), path: brickPath(`/${text}`) }],
  options: new Map([[text, text]]),
  optionsMode: 'merge',
  rebalance: 'auto',
  protect: false,
});

function writtenOf(head: string, volumes: readonly VolumeEntry[]): string {
  const written = withVolumes(head, volumes);
  if (!written.ok) throw new Error(written.error.title);
  return written.value;
}

function readAsYaml11(text: string): unknown {
  const document = parseDocument(text, { version: '1.1' });
  expect([...document.errors, ...document.warnings], text).toEqual([]);
  return document.toJS({ mapAsMap: true });
}

/** Numbers with the same characters are as good as text. */
const asText = (value: unknown): unknown =>
  value instanceof Map
    ? new Map([...value].map(([k, v]): [unknown, unknown] => [k, asText(v)]))
    : typeof value === 'number'
      ? String(value)
      : value;

const expected = (text: string): unknown =>
  new Map<unknown, unknown>([
    ['bricks', [`${text}:/${text}`]],
    ['options', new Map([[text, text]])],
  ]);

const volumesIn = (file: unknown): unknown => (file instanceof Map ? file.get('volumes') : undefined);

describe('a written cluster file', () => {
  it.each(traps)('has the same volume, brick and option for YAML 1.1: %j', (text) => {
    const file = writtenOf(HEAD, [volume(text)]);
    expect(asText(volumesIn(readAsYaml11(file))), file).toEqual(new Map([[text, expected(text)]]));
  });

  it('has them for any text', () => {
    const printable = fc.string({ unit: 'grapheme-composite', maxLength: 12 });
    const odd = fc.stringMatching(/^[01289.:_+eExobnyT~=<!&*% -]{0,8}$/);
    fc.assert(
      fc.property(fc.oneof(printable, odd), (text) => {
        const file = writtenOf(HEAD, [volume(text)]);
        expect(asText(volumesIn(readAsYaml11(file))), file).toEqual(new Map([[text, expected(text)]]));
      }),
      { numRuns: 500 },
    );
  });

  it.each(['=', '<<', 'on', '1:20', '2026-01-01'])(
    'quotes %s, also where the file had it unquoted',
    (word) => {
      const file = writtenOf(`${HEAD}x-note: ${word === '<<' ? '"<<"' : word}\n`, [volume(word)]);
      expect(file).toContain(`x-note: "${word}"`);
      expect(file).toContain(`"${word}": "${word}"`);
    },
  );

  it('leaves merges, addresses, paths and small numbers of the file as they were written', () => {
    const head =
      'cluster: c\nx-login: &login { port: 2222, knownHostsFile: ~/.ssh/known } # for all\n' +
      'nodes:\n  10.0.0.1: { address: fd00::1, ssh: { <<: *login } }\n';
    expect(writtenOf(head, [])).toBe(`${head}volumes: {}\n`);
  });
});
