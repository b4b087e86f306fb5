/** A pid file that names a living process which is not this brick. */
import { brickStart, brickStartForce } from '../actions/brick-start.ts';
import { pidfileRemove } from '../actions/process.ts';
import type { Finding } from '../model/plan.ts';
import { servingProcesses, trustedBricks, unrelatedPidFile } from '../view/brick.ts';
import { brickProcesses } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';
import { brickOf, startBrick } from './shared/brick-processes.ts';
import { type Remedy, type RepairContext, stepBefore } from './shared/remedy.ts';

export const brickPidfileStale = defineFinding({
  code: 'brick-pidfile-stale',
  explain: {
    title: 'Stale pid file of a brick',
    meaning:
      'The pid file of a brick names a living process that is something else. ' +
      'glusterd takes that process for the brick: ' +
      'it does not start the brick, and "volume stop" would kill the stranger.',
    cause:
      'The brick was killed without cleaning up, ' +
      'and the system gave its pid to another process; or /run survived a reboot.',
    looksAt: 'The pid in the pid file against the argv of the process with that pid.',
    repair: 'The pid file is removed, then the brick is started.',
    risk: 'Until then, do not stop the volume: an innocent process would get the signal.',
    byHand: ['cat /proc/PID/cmdline', 'rm PIDFILE', 'gluster volume start VOLUME force'],
  },
  detect: (view) =>
    trustedBricks(view).flatMap((local) => {
      const file = unrelatedPidFile(local);
      if (file === undefined) return [];
      const { facts, volume, brick, subject } = local;
      const { node } = facts;
      const running = brickProcesses(facts, volume.name, brick.path);
      const other = facts.processes.find((p) => p.pid === file.pid);
      const isOffline = running.length === 0 && volume.status === 'started';
      return [
        {
          severity: 'error' as const,
          subject,
          nodes: [node],
          message:
            `the pid file of brick ${node}:${brick.path} names another ` +
            `process${isOffline ? ', and the brick has none' : ''}`,
          evidence: [
            witness(node, file.path, String(file.pid)),
            witness(
              node,
              `/proc/${String(file.pid)}/cmdline`,
              other === undefined ? 'is no process of GlusterFS' : other.argv.slice(0, 6).join(' '),
            ),
            ...running.map((p) => witness(node, '/proc', `pid ${String(p.pid)} serves ${brick.path}`)),
          ],
          remedy: `do not stop volume ${volume.name} before "glusterctl recover FILE" has put it right`,
        },
      ];
    }),
  repair: removePidFile,
  repairedBy: [brickStart.name, brickStartForce.name],
});

function removePidFile(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const local = brickOf(finding, view);
  const file = local === undefined ? undefined : unrelatedPidFile(local);
  if (local === undefined || file?.pid === undefined) return [];
  const args = { node: local.facts.node, file: file.path, pid: file.pid, path: local.brick.path };
  const isOffline = local.volume.status === 'started' && servingProcesses(local).length === 0;
  return [
    stepBefore(pidfileRemove.intent(args), finding.message),
    ...(isOffline ? startBrick(local, view, finding.message) : []),
  ];
}
