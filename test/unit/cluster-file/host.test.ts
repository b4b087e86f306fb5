import { describe, expect, test } from 'vitest';
import { isHost, isLoopback, isSshHost } from '../../../src/cluster-file/host.ts';

describe('isHost', () => {
  test.each([
    'node01',
    'a.b-c.example',
    '192.0.2.1',
    '2001:db8::1',
    '::1',
    'fe80::1%eth0',
    '1:2:3:4:5:6:7:8',
    '1node',
  ])('%s', (text) => {
    expect(isHost(text)).toBe(true);
    expect(isSshHost(text)).toBe(true);
  });
  test.each([
    '',
    '-a',
    'a-',
    'a..b',
    '.a',
    'a.',
    'a b',
    '256.0.0.1',
    '1.2.3',
    '1:2',
    ':::',
    '1::2::3',
    'g::1',
    'a\n',
    '192.0.2.*',
    `${'a'.repeat(64)}.b`,
  ])('not %j', (text) => {
    expect(isHost(text)).toBe(false);
    expect(isSshHost(text)).toBe(false);
  });
  test('only SSH accepts underscores', () => {
    expect(isHost('a_b')).toBe(false);
    expect(isSshHost('a_b')).toBe(true);
  });
});

test.each([
  ['localhost', true],
  ['127.0.0.1', true],
  ['0.0.0.0', true],
  ['::1', true],
  ['127.example', false],
  ['192.0.2.1', false],
])('isLoopback %s is %j', (text, expected) => {
  expect(isLoopback(text)).toBe(expected);
});
