/**
 * Bricks whose disk was exchanged: nothing of their volume is on it. Owns when that is proved by where the
 * directory lies; refuses nothing.
 */
import type { PathFacts } from '../model/observed.ts';
import { isOnlyMarked, type LocalBrick } from './brick.ts';
import { holdsNoFile } from './brick-marks.ts';
import { relativeToMount } from './mount.ts';
import type { View } from './view.ts';

/**
 * `proved`: its file system is mounted where that of the brick was. `unproved`: the directory is empty, and
 * may be what lies below a disk that is not mounted.
 */
export type NewDisk = 'proved' | 'unproved';

/** Undefined: it is none, or that cannot be seen. */
export function newDiskOf(local: LocalBrick, view: View): NewDisk | undefined {
  const { facts, volume, brick } = local;
  if (volume.status !== 'started' || facts.unreadPaths.has(brick.path)) return undefined;
  const at = facts.paths.get(brick.path);
  if (at === undefined) return isToBeMade(local) ? 'proved' : undefined;
  if (at.kind !== 'directory' || at.gfid || !holdsNoFile(at)) return undefined;
  if (at.volumeId !== undefined && !isOnlyMarked(local, view)) return undefined;
  return isMounted(at, relativeToMount(facts, brick.path), brick.mountDir) ? 'proved' : 'unproved';
}

/** On the root file system, a new disk and a directory that somebody has made again are the same. */
const isMounted = ({ mountPoint }: PathFacts, place: string, mountDir: string): boolean =>
  mountDir !== '' && mountPoint !== '/' && place === mountDir;

/** The file system is mounted, and the directory is not there: glusterd makes it. */
function isToBeMade({ facts, brick: { path, mountDir } }: LocalBrick): boolean {
  const cut = path.lastIndexOf('/');
  const parent = path.slice(0, cut) || '/';
  const above = facts.paths.get(parent);
  if (above?.kind !== 'directory') return false;
  const inMount = above.mountPoint === parent ? '' : relativeToMount(facts, parent);
  return isMounted(above, `${inMount}${path.slice(cut)}`, mountDir);
}
