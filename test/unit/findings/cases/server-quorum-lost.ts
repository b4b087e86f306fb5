/** Worlds that give `server-quorum-lost`. */
import { believePeer, believeVolume, nodeUuid } from '../../../worlds.ts';
import { broken, type FindingCase, killBrick, setOption } from '../case.ts';

export const CASES: readonly FindingCase[] = [
  {
    name: 'cut off from both others, its brick stopped on purpose',
    world: broken((w) => {
      for (const n of w.nodes) {
        setOption(n, 'cluster.server-quorum-type', 'server');
        const isCut = n === w.node('node02');
        for (const peer of isCut ? [1, 3] : [2]) believePeer(n, nodeUuid(peer), { connected: false });
        if (!isCut) continue;
        killBrick(n);
        believeVolume(n, 'v', (v) => ({ ...v, quorumStatus: 'does_not_meet' }));
      }
    }),
    subject: 'node/node02',
    nodes: ['node02'],
    severity: 'error',
    also: ['peer-disconnected', 'peer-disconnected'],
    says: ['server quorum is lost', '1 of 2 glusterds'],
  },
];
