/** Two processes that serve one brick. */
import { servingProcesses, trustedBricks } from '../view/brick.ts';
import { defineFinding, witness } from './finding.ts';

export const brickProcessDuplicate = defineFinding({
  code: 'brick-process-duplicate',
  explain: {
    title: 'Two processes for one brick',
    meaning:
      'Two glusterfsd serve the same brick directory at the same time. glusterd sees one of them; clients may talk to either, and their locks do not see each other.',
    cause: 'The pid file was lost while the brick ran, and the brick was started a second time.',
    looksAt: 'The argv of every glusterfsd that listens on a port.',
    repair:
      'The process that the pid file names stays, else the one whose port glusterd tells. The other is ended, and glusterd started anew, for it strikes the brick off its port map with the one that goes. One brick of a volume at a time, and none while another waits for heals.',
    risk: 'Ending the one that clients use interrupts them until they reconnect; then a heal follows.',
    byHand: [
      'ss -tnp | grep PORT, for both: which one has clients?',
      'kill (SIGTERM) the other',
      'gluster volume status VOLUME',
    ],
  },
  detect: (view) =>
    trustedBricks(view).flatMap((local) => {
      const serving = servingProcesses(local);
      if (serving.length < 2) return [];
      const { facts, volume, brick, subject, believed } = local;
      return [
        {
          severity: 'error' as const,
          subject,
          nodes: [facts.node],
          message: `${String(serving.length)} processes serve brick ${facts.node}:${brick.path} of volume ${volume.name}`,
          evidence: [
            ...serving.map((p) =>
              witness(
                facts.node,
                `/proc/${String(p.pid)}`,
                `--brick-name ${brick.path}, listens on ${p.ports.join(', ')}`,
              ),
            ),
            ...(believed === undefined
              ? []
              : [witness(facts.node, 'gluster get-state', `port ${String(believed.local.port)}`)]),
          ],
          remedy: `on ${facts.node}, end the one that clients do not use (SIGTERM), one after the other with pending heals in view`,
        },
      ];
    }),
});
