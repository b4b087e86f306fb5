/** A volume of a node that has no before-image: as any other had it, or as all of them carry it now. */
import { expect, it } from 'vitest';
import { volumeName } from '../../../../src/model/names.ts';
import { diskDiffers } from '../../../../src/transaction/rollback/images.ts';
import { edit, world } from '../../../worlds.ts';

const NAME = volumeName('v');
const versioned =
  (version: number) =>
  (text: string): string =>
    text.replace(/^version=.*$/m, `version=${String(version)}`);
const WAS = 4;

it.each([
  ['as the others had it', WAS, undefined, false],
  ['as the others had it, while they carry a higher version', WAS, 9, false],
  ['in the version that the others carry', 9, 9, false],
  ['in another version', 7, undefined, true],
  ['in another version, while the others carry that of their images', 7, WAS, true],
] as const)('%s', (_what, is, carried, differs) => {
  const w = world();
  for (const n of ['node01', 'node02', 'node03']) edit(w.node(n), `vols/${NAME}/info`, versioned(WAS));
  const stores = new Map(
    w
      .view()
      .nodes.filter((n) => n.node !== 'node03')
      .map((n) => [n.node, n.store]),
  );
  edit(w.node('node03'), `vols/${NAME}/info`, versioned(is));
  const facts = w.view().nodes.find((n) => n.node === 'node03');
  if (facts === undefined) throw new Error('no node03');
  expect(diskDiffers(facts, { stores } as unknown as Parameters<typeof diskDiffers>[1], NAME, carried)).toBe(
    differs,
  );
});
