/**
 * Removes gluster's marks from a modelled brick, with the meaning of the scripts in node/brick-marks.ts. A
 * file has one link here, so that each below .glusterfs is linked nowhere else.
 */
import type { NodeOp, OpOutcome } from '../model/op.ts';
import { GFID, VOLUME_ID } from './brick.ts';
import { dataIn, fileIn } from './brick-data.ts';
import type { Disk } from './disk.ts';
import { storeOf } from './observe.ts';
import type { Node } from './world.ts';

const done: OpOutcome = { kind: 'done', output: '' };
const failed = (message: string): OpOutcome => ({ kind: 'failed', message });

/** Why none of the marks may go; undefined: they may. */
function claimed(
  node: Node,
  path: string,
  volumeId: string | undefined,
  mayBeKnown = false,
): OpOutcome | undefined {
  const id = node.disk.entries.get(path)?.xattrs.get(VOLUME_ID);
  if (id === undefined) return undefined;
  if (volumeId !== undefined && id !== volumeId) return failed(`${path} carries another volume-id`);
  return !mayBeKnown && [...storeOf(node).volumes.values()].some((v) => v.id === id)
    ? failed(`${path} carries the volume-id of a volume`)
    : undefined;
}

type Clean = Extract<NodeOp, { kind: 'clean-brick' }>;

function clean(node: Node, { path, volumeId, existedBefore }: Clean): OpOutcome {
  const { disk } = node;
  if (disk.entries.get(path)?.kind !== 'directory') return done;
  const refused = claimed(node, path, volumeId);
  if (refused !== undefined) return refused;
  if (dataIn(disk, path) !== undefined) return failed(`${path} is not empty`);
  for (const name of disk.list(path)) {
    const error = disk.remove(`${path}/${name}`);
    if (error !== undefined) return failed(`rm: cannot remove '${path}/${name}': ${error}`);
  }
  if (!existedBefore) {
    const error = disk.remove(path);
    return error === undefined ? done : failed(`rmdir: failed to remove '${path}': ${error}`);
  }
  return unmarkRoot(disk, path);
}

type Vacate = Extract<NodeOp, { kind: 'vacate-brick' }>;

function vacate(node: Node, { path, volumeId, existedBefore, hasCopies, isCheck }: Vacate): OpOutcome {
  const { disk } = node;
  const at = disk.entries.get(path);
  if (at?.kind !== 'directory' || !at.xattrs.has(VOLUME_ID)) return done;
  const refused = claimed(node, path, volumeId, true);
  if (refused !== undefined) return refused;
  const lost = hasCopies === true ? owedBy(node, path) : writtenTo(disk, path);
  if (lost !== undefined) return lost;
  if (isCheck) return done;
  const store = storeOf(node);
  const isListed = [...store.volumes.values()].some((v) =>
    v.bricks.some((b) => b.path === path && b.ownerUuid === store.uuid),
  );
  if (isListed) return failed(`${path} is a brick of a volume`);
  const serving = servedBy(node, path);
  if (serving !== undefined) return serving;
  for (const name of disk.list(path)) {
    const error = disk.remove(`${path}/${name}`);
    if (error !== undefined) return failed(`rm: cannot remove '${path}/${name}': ${error}`);
  }
  if (existedBefore) return unmarkRoot(disk, path);
  const error = disk.remove(path);
  return error === undefined ? done : failed(`rmdir: failed to remove '${path}': ${error}`);
}

function writtenTo(disk: Disk, path: string): OpOutcome | undefined {
  const file = fileIn(disk, path);
  return file === undefined ? undefined : failed(`a client has written to ${path}: ${file}`);
}

/** What heals are waiting is a number here, and names only where a test has put them. */
function owedBy(node: Node, path: string): OpOutcome | undefined {
  const index = '.glusterfs/indices/xattrop';
  const name = node.disk.list(`${path}/${index}`).find((n) => !n.startsWith('xattrop-'));
  if (name === undefined && (node.pendingHeals.get(path) ?? 0) === 0) return undefined;
  return failed(`others of its set may lack what is on ${path}: ${index}/${name ?? ''}`);
}

function servedBy(node: Node, path: string): OpOutcome | undefined {
  const serving = [...node.processes.values()].find((p) => p.role === 'brick' && p.argv.includes(path));
  return serving && failed(`a process serves ${path} already: pid ${String(serving.pid)}`);
}

function unmarkRoot(disk: Disk, path: string): OpOutcome {
  disk.removeXattr(path, GFID);
  disk.removeXattr(path, VOLUME_ID);
  return done;
}

/** Its own words, for a brick that leaves. */
export function checkEmptied(
  { disk }: Node,
  { path, volumeId }: Extract<NodeOp, { kind: 'check-emptied' }>,
): OpOutcome {
  const at = disk.entries.get(path);
  if (at === undefined) return failed(`the marks of ${path} cannot be read: No such file or directory`);
  if (at.xattrs.get(VOLUME_ID) !== volumeId)
    return failed(`${path} does not carry the volume-id of its volume`);
  const file = fileIn(disk, path);
  return file === undefined ? done : failed(`files are left on ${path}, and would be lost:\n${file}`);
}

type Unmark = Extract<NodeOp, { kind: 'unmark-brick' }>;

/** Below .glusterfs, and no file of a person. */
const BOOKKEEPING = /^(indices|changelogs|landfill|health_check)($|\/)|^[^/]*[.]db[^/]*$/;

function unmark(node: Node, { path, volumeId, isCheck }: Unmark): OpOutcome {
  const { disk } = node;
  const at = disk.entries.get(path);
  if (at?.kind !== 'directory' || !at.xattrs.has(VOLUME_ID)) return done;
  const refused = claimed(node, path, volumeId, isCheck);
  if (refused !== undefined) return refused;
  const marks = `${path}/.glusterfs`;
  const lone = disk
    .below(marks)
    .find((p) => (disk.read(p) ?? '') !== '' && !BOOKKEEPING.test(p.slice(marks.length + 1)));
  if (lone !== undefined)
    return failed(
      `the content of ${lone} would be lost: it is linked nowhere outside of .glusterfs; ` +
        'move it away, or do not name this brick',
    );
  if (isCheck) return done;
  const serving = servedBy(node, path);
  if (serving !== undefined) return serving;
  disk.remove(marks);
  return disk.has(marks)
    ? failed(`${marks} could not be removed; ${path} keeps its volume-id`)
    : unmarkRoot(disk, path);
}

export function takeOffMarks(node: Node, op: Clean | Vacate | Unmark): OpOutcome {
  switch (op.kind) {
    case 'clean-brick':
      return clean(node, op);
    case 'vacate-brick':
      return vacate(node, op);
    case 'unmark-brick':
      return unmark(node, op);
  }
}
