/**
 * Whether a path may become a brick, judged by its facts before glusterd is asked. glusterd's stage phase
 * makes directories and stamps xattrs that it does not remove, and `force` switches most of its checks off.
 */
import type { Brick, Policy } from '../model/desired.ts';
import type { NodeFacts, PathFacts } from '../model/observed.ts';
import type { View } from '../view/view.ts';

/** Below this a brick's file system, the store or /tmp counts as full: glusterd's own files must fit. */
export const FREE_MIN_BYTES = 16 * 1024 * 1024;

export const brickPathProblems = (bricks: readonly Brick[], view: View, policy: Policy): readonly string[] =>
  bricks.flatMap((brick) => {
    const facts = view.facts(brick.node);
    if (facts === undefined) return [`node ${brick.node} was not read`];
    return onePath(brick, facts, policy).map((problem) => `${brick.node}:${brick.path} ${problem}`);
  });

function onePath({ path }: Brick, facts: NodeFacts, policy: Policy): readonly string[] {
  const problems: string[] = [];
  const parent = parentOf(path);
  const at = facts.paths.get(path);
  const above = facts.paths.get(parent);
  const unread = [path, ...ancestorsOf(path)].flatMap((p) => facts.unreadPaths.get(p) ?? [])[0];
  if (unread !== undefined) return [`could not be read: ${unread}`];
  if (at !== undefined && at.kind !== 'directory') problems.push('is not a directory');
  if (at === undefined && above === undefined)
    return [`cannot be made: ${parent} does not exist. Make it, or mount the brick's file system`];
  if (above !== undefined && above.kind !== 'directory')
    problems.push(`cannot be made: ${parent} is not a directory`);
  if (at !== undefined && at.mountPoint === path)
    problems.push('is itself a mount point: use a directory below it');
  return [...problems, ...filesystemProblems(path, facts, policy), ...markProblems(path, at, facts)];
}

/** Of the file system that a brick lies on, or would. */
export function filesystemProblems(path: string, facts: NodeFacts, policy: Policy): readonly string[] {
  const place = facts.paths.has(path) ? path : parentOf(path);
  const isOnRoot = facts.paths.get(place)?.mountPoint === '/';
  return [
    ...(isOnRoot && !policy.allowBricksOnRootPartition
      ? ['is on the root file system: mount its own, or set policy.allowBricksOnRootPartition']
      : []),
    ...spaceProblems(place, facts),
  ];
}

/** A volume-id on the path, or on anything above it, means that it is, or was, a brick. */
function markProblems(path: string, at: PathFacts | undefined, facts: NodeFacts): readonly string[] {
  const problems: string[] = [];
  if (at?.volumeId !== undefined)
    problems.push(`carries the volume-id ${at.volumeId}: it is or was a brick of another volume`);
  else if (at?.gfid === true) problems.push('carries trusted.gfid: it was a brick or is inside one');
  else if ((at?.entries?.length ?? 0) > 0)
    problems.push(`is not empty: it holds ${(at?.entries ?? []).join(', ')}`);
  else if (at?.kind === 'directory' && at.entries === undefined)
    problems.push('could not be listed: whether it is empty is not known');
  for (const above of ancestorsOf(path)) {
    const id = facts.paths.get(above)?.volumeId;
    if (id !== undefined) problems.push(`lies inside ${above}, a brick of the volume with id ${id}`);
  }
  for (const volume of facts.store.volumes.values())
    for (const brick of volume.bricks)
      if (
        brick.ownerUuid === facts.store.uuid &&
        (brick.path === path || brick.path.startsWith(`${path}/`) || path.startsWith(`${brick.path}/`))
      )
        problems.push(`is, contains or lies inside ${brick.path}, a brick of volume ${volume.name}`);
  return problems;
}

function spaceProblems(path: string, facts: NodeFacts): readonly string[] {
  const fs = facts.filesystems.get(path);
  if (fs === undefined) return [];
  if (fs.readOnly) return ['is on a file system that is mounted read-only'];
  if (fs.freeBytes < FREE_MIN_BYTES) return [`is on a full file system (${String(fs.freeBytes)} bytes free)`];
  return [];
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

function ancestorsOf(path: string): readonly string[] {
  const found: string[] = [];
  for (let at = parentOf(path); at !== '/'; at = parentOf(at)) found.push(at);
  return found;
}

/**
 * What glusterd takes only with `force`, and our own checks have let pass: bricks on the root file system,
 * where the policy allows them, and several bricks of a disperse set on one node.
 */
export const needForce = (sets: readonly (readonly Brick[])[], view: View): boolean =>
  sets.some((set) => new Set(set.map((b) => b.node)).size < set.length) ||
  sets.flat().some((b) => onRootPartition(b, view));

function onRootPartition({ node, path }: Brick, view: View): boolean {
  const paths = view.facts(node)?.paths;
  return (paths?.get(path) ?? paths?.get(parentOf(path)))?.mountPoint === '/';
}
