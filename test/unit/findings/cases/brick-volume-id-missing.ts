/** Worlds that give `brick-volume-id-missing`. */
import { edit, world } from '../../../worlds.ts';
import { BRICK, brickFile, broken, type FindingCase, killBrick, on, replace } from '../case.ts';

const EMPTY = { volumeId: undefined, gfid: false, entries: [] };

export const CASES: readonly FindingCase[] = [
  {
    name: 'a new disk',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, EMPTY);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['and is empty', 'glusterctl apply FILE" resets the brick'],
    recovery: [],
  },
  {
    name: 'an empty directory on the root file system, which a person has to call new',
    world: broken((w) => {
      for (const n of w.nodes) edit(n, brickFile(2), replace(/^mount_dir=.*$/m, `mount_dir=${BRICK}`));
      const n = w.node('node02');
      killBrick(n);
      for (const path of ['/bricks/d1', BRICK])
        Object.assign(n.paths.get(path) ?? {}, { mountPoint: '/', device: 1 });
      Object.assign(n.paths.get(BRICK) ?? {}, EMPTY);
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: [`glusterctl apply FILE --new-disk brick/node02:${BRICK}`],
  },
  {
    name: 'files from a backup',
    world: on('node02', (n) => {
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, { ...EMPTY, entries: ['letters'] });
    }),
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['holds letters', 'find out whose files these are'],
  },
  {
    name: 'a new disk of a distribute volume',
    world: () => {
      const w = world({ volumes: [{ name: 'v', layout: { kind: 'distribute' } }] });
      const n = w.node('node02');
      killBrick(n);
      Object.assign(n.paths.get(BRICK) ?? {}, EMPTY);
      return w;
    },
    subject: `brick/node02:${BRICK}`,
    nodes: ['node02'],
    says: ['its files are on its old disk alone'],
  },
];
