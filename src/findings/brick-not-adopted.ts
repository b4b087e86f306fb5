/** A brick that runs without glusterd knowing. */
import { brickStart, brickStartForce } from '../actions/brick-start.ts';
import { brickSocket } from '../actions/launch.ts';
import { brickRestart } from '../actions/process.ts';
import type { GlusterProcess } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { type LocalBrick, servingProcesses, trustedBricks, unrelatedPidFile } from '../view/brick.ts';
import { isStuckStarting, waitsForPeers } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { defineFinding, onOneNode, witness } from './finding.ts';
import { argsOf, brickOf, correctPort, inTurn, startBrick } from './shared/brick-processes.ts';
import { editOf, type Remedy, type RepairContext, stepAfter } from './shared/remedy.ts';

export const brickNotAdopted = defineFinding({
  code: 'brick-not-adopted',
  explain: {
    title: 'A brick runs, but glusterd does not know',
    meaning:
      'The process of a brick is there, but glusterd shows it as offline: ' +
      'it has no connection to it, it never signed in, or glusterd has missed that the connection stands. ' +
      'Clients may reach it; commands do not.',
    cause:
      'glusterd was restarted and did not find the socket of the brick, ' +
      'or the brick was started by hand on another port. ' +
      'Or a peer stood under the host name of the brick while glusterd connected.',
    looksAt:
      'status and port_registered of the brick in gluster get-state, against the process that serves it.',
    repair:
      '"volume start V force" adopts it where the ports agree; ' +
      'else its port is written to the store with glusterd stopped, ' +
      'which finds it when it starts. One that stays "Starting" is seen after a restart of glusterd alone. ' +
      'The brick goes on running.',
    risk:
      'A restart of the brick is seen by clients and followed by a heal: ' +
      'never restart two bricks of one set together.',
    byHand: [
      'gluster volume start VOLUME force',
      'if get-state says "Starting": restart glusterd on that node, with KillMode=process in its unit',
      'if it stays: kill (SIGTERM) the brick, then the same again',
    ],
  },
  effectOf: [{ codes: ['peer-name-wrong'], when: onOneNode }],
  detect: (view) =>
    trustedBricks(view).flatMap((local) => {
      const { facts, volume, brick, subject, believed } = local;
      const [process, second] = servingProcesses(local);
      if (process === undefined || second !== undefined || believed === undefined) return [];
      if (volume.status !== 'started' || believed.volume.status !== 'started') return [];
      if (unrelatedPidFile(local) !== undefined || waitsForPeers(facts)) return [];
      const { status, registered, port } = believed.local;
      const isStuck = isStuckStarting(local);
      if (!isStuck && (status === 'Starting' || (status === 'Started' && registered))) return [];
      return [
        {
          severity: 'error' as const,
          subject,
          nodes: [facts.node],
          message:
            `brick ${facts.node}:${brick.path} of volume ${volume.name} runs, ` +
            'but glusterd takes it for offline',
          evidence: [
            witness(
              facts.node,
              `/proc/${String(process.pid)}`,
              `serves ${brick.path} on port ${process.ports.join(', ')}`,
            ),
            witness(
              facts.node,
              'gluster get-state',
              `status ${status}, port ${String(port)}, ${registered ? 'registered' : 'not registered'}`,
            ),
          ],
          remedy: isStuck
            ? '"glusterctl recover FILE" restarts glusterd there, the brick runs on'
            : `"glusterctl recover FILE", or gluster volume start ${volume.name} force`,
        },
      ];
    }),
  repair: adopt,
  repairedBy: [brickStart.name, brickStartForce.name],
});

/**
 * "start force" adopts a brick on the socket that glusterd expects, unless it thinks that it has done so:
 * then glusterd is restarted. A brick on another socket needs a restart. A wrong port is corrected in the
 * store.
 */
function adopt(finding: Finding, context: RepairContext): readonly Remedy[] {
  const { view } = context;
  const local = brickOf(finding, view);
  if (local === undefined) return [];
  if (isStuckStarting(local)) return [editOf(local.facts, { kind: 'restart' }, finding.message)];
  const serving = servingProcesses(local);
  if (serving.some((p) => !isReachable(p, local)))
    return inTurn(local, unreachable(view), view, () => [
      stepAfter(brickRestart.intent(argsOf(local)), finding.message),
    ]);
  const isOnPort = serving[0]?.ports.includes(local.believed?.local.port ?? 0) === true;
  return isOnPort ? startBrick(local, view, finding.message) : correctPort(finding, context);
}

/** By file name: the directory has two names, /run and /var/run. */
const isReachable = (process: GlusterProcess, { volume, brick }: LocalBrick): boolean =>
  fileName(process.argv[process.argv.indexOf('-S') + 1] ?? '') === fileName(brickSocket(volume.name, brick));

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

const unreachable = (view: View): readonly LocalBrick[] =>
  trustedBricks(view).filter(
    (b) => b.believed?.local.status !== 'Started' && servingProcesses(b).some((p) => !isReachable(p, b)),
  );
