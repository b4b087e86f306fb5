/** Where a brick lies on its file system. Owns glusterd's way of counting it, which is not stat's. */
import type { NodeFacts } from '../model/observed.ts';

/**
 * As glusterd counts it (glusterd_get_brick_root): up the path while the device stays the same. A bind mount
 * of the same file system is no boundary, and a symbolic link leads away from the mount point that stat
 * names.
 */
export function relativeToMount(facts: NodeFacts, path: string): string {
  const device = facts.paths.get(path)?.device;
  let top = path;
  for (;;) {
    const parent = top.slice(0, top.lastIndexOf('/')) || '/';
    if (top === '/' || facts.paths.get(parent)?.device !== device) break;
    top = parent;
  }
  return top === '/' ? path : path.slice(top.length) || '/';
}
