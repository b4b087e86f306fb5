/** Worlds that give `brick-leftover-xattrs`, and what `recover` would do. */
import { brickPath, nodeName, volumeName } from '../../../../src/model/names.ts';
import { directory, volumeId } from '../../../worlds.ts';
import { BRICK, broken, type FindingCase, killBrick, removeVolume } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'of a volume that is gone',
    world: broken((w) => {
      for (const n of w.nodes) {
        removeVolume(n);
        killBrick(n);
      }
      for (const n of w.nodes.slice(1))
        Object.assign(n.paths.get(BRICK) ?? {}, { volumeId: undefined, gfid: false });
    }),
    subject: `brick/node01:${BRICK}`,
    nodes: ['node01'],
    says: [volumeId(1)],
    recovery: [`take gluster's marks off the empty directory node01:${BRICK}`],
  },
  {
    name: 'on the directory above',
    world: broken((w) => {
      const [first] = w.desired.volumes;
      const n = w.node('node01');
      if (first === undefined) return;
      w.desired = {
        ...w.desired,
        volumes: [
          ...w.desired.volumes,
          {
            ...first,
            name: volumeName('w'),
            bricks: [{ node: nodeName('node01'), path: brickPath('/bricks/d9/old/new') }],
          },
        ],
      };
      n.paths.set('/bricks/d9/old', {
        ...directory('/bricks/d9/old', '/bricks/d9', 9),
        volumeId: volumeId(7),
      });
    }),
    subject: 'brick/node01:/bricks/d9/old/new',
    nodes: ['node01'],
    says: ['/bricks/d9/old carries the marks'],
    recovery: [],
  },
];
