/**
 * The hash by which glusterd names sockets: vectors of the specification, and names seen on real glusterd
 * 10.3.
 */
import { expect, it } from 'vitest';
import { xxh64 } from '../../../src/core/xxh64.ts';

it.each([
  ['', 'ef46db3751d8e999'],
  ['a', 'd24ec4f1a98c6e5b'],
  ['abc', '44bc2cf5ad770999'],
  ['/var/run/gluster/vols/vol/run/gn1-bricks-b1', '74e2e03d5f5139f4'],
  ['/var/run/gluster/vols/v1/run/node02-bricks-d1-b', '60ad9e71d8006dda'],
])('%j', (text, hash) => {
  expect(xxh64(text)).toBe(hash);
});
