/** Two processes that serve one brick. */
import type { Finding } from '../model/plan.ts';
import { servingProcesses, trustedBricks } from '../view/brick.ts';
import { pidFilePath } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';
import { brickOf, endProcess, inTurn, portEdit } from './shared/brick-processes.ts';
import type { Remedy, RepairContext } from './shared/remedy.ts';

export const brickProcessDuplicate = defineFinding({
  code: 'brick-process-duplicate',
  explain: {
    title: 'Two processes for one brick',
    meaning:
      'Two glusterfsd serve the same brick directory at the same time. ' +
      'glusterd sees one of them; clients may talk to either, ' +
      'and their locks do not see each other.',
    cause: 'The pid file was lost while the brick ran, and the brick was started a second time.',
    looksAt: 'The argv of every glusterfsd that listens on a port.',
    repair:
      'The process that the pid file names stays, ' +
      'else the one whose port glusterd gives to clients. ' +
      'The other is ended, and glusterd is restarted: ' +
      'it removes the brick from its port map together with the process that ended. ' +
      'One brick of a volume at a time, and none while another waits for heals.',
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
          message:
            `${String(serving.length)} processes serve brick ${facts.node}:${brick.path} of volume ` +
            volume.name,
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
          remedy:
            `on ${facts.node}, end the one that clients do not use (SIGTERM), ` +
            'one after the other with pending heals in view',
        },
      ];
    }),
  repair: keepOne,
});

/**
 * The one that glusterd believes in stays: by the pid file, else by its port; else the older. When the other
 * goes, glusterd strikes the brick off its port map, and only a glusterd that starts again lists the one that
 * stayed. Clients lose the brick for a moment: one brick of a volume at a time, and none while another still
 * waits for heals.
 */
function keepOne(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const local = brickOf(finding, view);
  if (local === undefined) return [];
  const { facts, volume, brick, believed } = local;
  const serving = [...servingProcesses(local)].sort((x, y) => x.startTicks - y.startTicks);
  const pidFile = pidFilePath(volume.name, brick.hostname, brick.path);
  const pid = facts.pidFiles.find((f) => f.path === pidFile)?.pid;
  const kept =
    serving.find((p) => p.pid === pid) ??
    serving.find((p) => p.ports.includes(believed?.local.port ?? 0)) ??
    serving[0];
  const port = kept?.ports[0];
  if (port === undefined) return [];
  const duplicated = trustedBricks(view).filter((b) => servingProcesses(b).length > 1);
  return inTurn(local, duplicated, view, () => [
    ...serving
      .filter((p) => p !== kept)
      .flatMap((p) => endProcess(facts, p.pid, brick.path, finding.message)),
    portEdit(local, port, finding.message),
  ]);
}
