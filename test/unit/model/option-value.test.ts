import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { sameOptionValue, type OptionKind } from '../../../src/model/option-value.ts';

const cases: [name: string, a: string, b: string, same: boolean, kind?: OptionKind][] = [
  // Booleans: gf_string2boolean.
  ['nfs.disable', 'on', 'true', true],
  ['nfs.disable', 'ON', 'yes', true],
  ['nfs.disable', 'enable', '1', true],
  ['nfs.disable', 'off', 'disable', true],
  ['nfs.disable', 'off', '0', true],
  ['nfs.disable', 'on', 'off', false],
  ['nfs.disable', 'on', 'enabled', false],
  ['x.y', '1', '01', false],
  ['x.y', '1', '0', false],
  ['x.y', '1', 'on', true, 'boolean'],
  ['x.y', 'on', 'yes', false, 'string'],
  // Sizes: gf_string2bytesize_range.
  ['performance.cache-size', '1GB', '1073741824', true],
  ['performance.cache-size', '1gb', '1024MB', true],
  ['performance.cache-size', '1.5KB', '1536', true],
  ['performance.cache-size', '10B', '10', true],
  ['performance.cache-size', '1GB', '1000MB', false],
  ['performance.cache-size', '1GB', '1GiB', false],
  ['performance.cache-size', '1G', '1GB', false],
  ['performance.cache-size', '020', '20', true, 'size'],
  ['performance.cache-size', '020', '20', false],
  ['performance.cache-size', '020KB', '20480', false],
  ['performance.cache-size', '-1KB', '-1024', false],
  // Times: gf_string2time.
  ['x.timeout', '10min', '600', true],
  ['x.timeout', '1h', '1hr', true],
  ['x.timeout', '2w', '14days', true],
  ['x.timeout', '1d', '24hr', true],
  ['x.timeout', '1day', '1d', false],
  ['x.timeout', '2hours', '2h', false],
  ['x.timeout', '010', '8', true, 'time'],
  ['x.timeout', '-1', '-1s', false, 'time'],
  // Whole numbers: strtoll with base 0.
  ['x.count', '0x10', '16', true, 'integer'],
  ['x.count', '020', '16', true, 'integer'],
  ['x.count', '08', '8', false, 'integer'],
  ['x.count', '+5', '5', true, 'integer'],
  ['x.count', '0010', '10', false],
  // Percentages.
  ['x.p', '10%', '10', true, 'percent'],
  ['x.p', '10.0%', '10', true, 'percent'],
  ['x.p', '10%', '10', false],
  ['x.p', '10%', '10', false, 'percent-or-size'],
  ['x.p', '10%', '10.0%', true, 'percent-or-size'],
  ['x.p', '1KB', '1024', true, 'percent-or-size'],
  ['x.d', '1.50', '1.5', true, 'double'],
  // Address lists: order and repetition do not matter.
  ['auth.allow', '10.0.0.1,10.0.0.2', '10.0.0.2, 10.0.0.1', true],
  ['auth.reject', 'a,b,a', 'b,a', true],
  ['auth.allow', 'a,b', 'a', false],
  ['x.list', 'a,b', 'b,a', false],
  // gluster strips the ends, but not of user.*.
  ['x.y', ' 20', '20', true],
  ['user.note', ' 20', '20', false],
  ['user.note', 'on', 'yes', false],
];

describe('sameOptionValue', () => {
  test.each(cases)('%s: %j and %j: %j (%s)', (name, a, b, same, kind) => {
    expect(sameOptionValue(name, a, b, kind)).toBe(same);
    expect(sameOptionValue(name, b, a, kind)).toBe(same);
  });

  const value = fc.oneof(
    fc.constantFrom('on', 'OFF', '1', '0', '1KB', '1024', '60', '1min', '10%', '08', '0x10', '', ' '),
    fc.string(),
  );
  const kind = fc.constantFrom<(OptionKind | undefined)[]>(
    undefined,
    'boolean',
    'integer',
    'size',
    'percent',
    'percent-or-size',
    'time',
    'double',
    'address-list',
    'string',
  );
  test('is reflexive and symmetric, and never throws', () => {
    fc.assert(
      fc.property(value, value, kind, (a, b, k) => {
        expect(sameOptionValue('x.y', a, a, k)).toBe(true);
        expect(sameOptionValue('x.y', a, b, k)).toBe(sameOptionValue('x.y', b, a, k));
      }),
      { numRuns: 2000 },
    );
  });
});
