/**
 * A forced start stamps what it finds: each node checks its bricks right before, whichever action asks for
 * the start.
 */
import { expect, it } from 'vitest';
import { forceStart } from '../../../src/actions/common.ts';
import { filesUnder, read } from '../../house/sources.ts';
import { volumeId, world } from '../../worlds.ts';

it('comes after a check of every brick on its own node', () => {
  const w = world();
  const [checks, start] = forceStart('v', w.view());
  expect(checks).toEqual(
    w.nodes.map((n) => ({
      node: n.node,
      op: {
        kind: 'check-bricks',
        bricks: [{ path: '/bricks/d1/v', volumeId: volumeId(1), mountPoint: '/bricks/d1' }],
      },
    })),
  );
  expect(start).toMatchObject({ op: { kind: 'gluster', argv: ['volume', 'start', 'v', 'force'] } });
});

it('is asked for in no other way', () => {
  const others = filesUnder('src', '.ts').filter((f) => f !== 'src/actions/common.ts');
  expect(others.filter((f) => /'start',[^\]]*'force'/.test(read(f)))).toEqual([]);
});
