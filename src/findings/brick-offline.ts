/** A brick of a started volume that no process serves, though nothing below it is wrong. */
import { brickReplace } from '../actions/brick-replace.ts';
import { brickReset } from '../actions/brick-reset.ts';
import { brickStart, brickStartForce } from '../actions/brick-start.ts';
import { volumeRemoveCopies } from '../actions/volume-remove-copies.ts';
import { volumeRemoveLost } from '../actions/volume-remove-lost.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import {
  brickFitness,
  isOnlyMarked,
  type LocalBrick,
  trustedBricks,
  unrelatedPidFile,
  volfileProblems,
} from '../view/brick.ts';
import { isDrained } from '../view/drained.ts';
import { isStoppedByQuorum } from '../view/quorum.ts';
import { brickProcesses, servedByMultiplex, type View } from '../view/view.ts';
import { defineFinding, type Found, onOneNode, witness } from './finding.ts';
import { brickOf, startBrick } from './shared/brick-processes.ts';

export const brickOffline = defineFinding({
  code: 'brick-offline',
  explain: {
    title: 'Brick offline',
    meaning:
      'The volume is started, but no process serves one of its bricks. ' +
      'Clients do without it, if the layout lets them.',
    cause:
      'The process crashed or was killed. Nothing supervises bricks: ' +
      'glusterd starts them only when it starts itself.',
    looksAt: 'The status in vols/V/info, and the argv of every glusterfsd on the node that owns the brick.',
    repair:
      'The process is started with exactly the argv that glusterd would use, or by "volume start V force".',
    risk: 'None to data. Heals towards the brick follow.',
    byHand: ['Check that the file system of the brick is mounted.', 'gluster volume start VOLUME force'],
  },
  effectOf: [
    // It starts its bricks with itself.
    { codes: ['glusterd-down', 'glusterd-hung', 'brick-ports-used-up'], when: onOneNode },
  ],
  // What the brick stands on, a pid file or a volfile that keeps it from starting, and a volume that glusterd
  // does not know, are findings of their own.
  detect: (view) =>
    trustedBricks(view)
      .filter((b) => isOffline(b, view) && brickFitness(b) === 'fit' && unrelatedPidFile(b) === undefined)
      .filter((b) => volfileProblems(b).length === 0)
      .map((local) => found(local, view)),
  repair: (finding, { view }) => {
    const local = brickOf(finding, view);
    return local === undefined ? [] : startBrick(local, view, finding.message);
  },
  repairedBy: [
    brickStart.name,
    brickStartForce.name,
    brickReplace.name,
    volumeRemoveCopies.name,
    volumeRemoveLost.name,
    brickReset.name,
  ],
});

function isOffline({ facts, volume, brick, believed }: LocalBrick, view: View): boolean {
  return (
    isToRun(view, volume, brick) &&
    !isDrained(facts) &&
    (facts.memory.kind !== 'up' || believed !== undefined) &&
    believed?.volume.status !== 'stopped' &&
    believed?.local.status !== 'Starting' &&
    brickProcesses(facts, volume.name, brick.path).length === 0 &&
    servedByMultiplex(facts, brick, volume.name) === undefined &&
    !isStoppedByQuorum(facts, volume.name, view)
  );
}

/** By every copy: one that other nodes have stopped, or no longer have, waits until they agree. */
const isToRun = (view: View, { name }: StoreVolume, { ownerUuid, path }: StoreBrick): boolean =>
  [...(view.volumes.get(name)?.copies.values() ?? [])].every(
    ({ status, bricks }) =>
      status === 'started' && bricks.some((b) => b.ownerUuid === ownerUuid && b.path === path),
  );

function found(local: LocalBrick, view: View): Found {
  const { facts, volume, brick, subject } = local;
  const { node } = facts;
  const isReadOnly = facts.filesystems.get(brick.path)?.readOnly === true;
  return {
    severity: 'error',
    subject,
    nodes: [node],
    message:
      `brick ${node}:${brick.path} of started volume ${volume.name} has no ` +
      `process${isReadOnly ? ', and its file system is read-only' : ''}`,
    evidence: [
      witness(node, `vols/${volume.name}/info`, 'status=1'),
      witness(node, '/proc', `no glusterfsd has --brick-name ${brick.path}`),
      ...(isReadOnly ? [witness(node, '/proc/self/mountinfo', `${brick.path} is read-only`)] : []),
    ],
    remedy: isOnlyMarked(local, view)
      ? 'do not start it: it is empty, and would count as a copy. "glusterctl apply FILE" resets it'
      : isReadOnly
        ? 'check the disk first: a file system that turns read-only has had errors'
        : facts.memory.kind === 'up'
          ? 'start it: "glusterctl apply FILE", or "glusterctl recover FILE"'
          : 'glusterd starts it when it starts itself: see the finding about glusterd of this node',
  };
}
