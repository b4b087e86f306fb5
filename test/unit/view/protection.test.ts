import { expect, it } from 'vitest';
import { volumeName } from '../../../src/model/names.ts';
import { PROTECTION } from '../../../src/model/protection.ts';
import { isProtectedOnNodes } from '../../../src/view/protection.ts';
import { believeVolume, edit, world } from '../../worlds.ts';

const V = volumeName('v');

it.each([
  [
    'on the disk of one node',
    (node: string) => {
      const w = world();
      edit(w.node(node), 'vols/v/info', (text) => `${text}${PROTECTION}=on\n`);
      return w;
    },
  ],
  [
    'in the memory of one glusterd alone',
    (node: string) => {
      const w = world();
      believeVolume(w.node(node), 'v', (v) => ({ ...v, options: new Map([[PROTECTION, 'on']]) }));
      return w;
    },
  ],
])('a protection holds %s', (_where, laid) => {
  expect(isProtectedOnNodes(world().view(), V)).toBe(false);
  for (const node of ['node01', 'node02', 'node03'])
    expect(isProtectedOnNodes(laid(node).view(), V)).toBe(true);
});
