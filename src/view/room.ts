/**
 * Room on the file systems that glusterd writes on. Owns how little is too little; what follows from it is
 * the finding's, and the plan's.
 */
import { type FilesystemFacts, type NodeFacts, STORE_ROOT } from '../model/observed.ts';

/** A store of a hundred volumes is rewritten within this, temporary files included. */
export const FREE_MIN_BYTES = 8 * 1024 * 1024;
/**
 * Without room here every change of a volume fails to commit on the node, and a glusterd that starts loses
 * files of its store, or does not come up.
 */
export const NEEDED_BY_GLUSTERD: readonly string[] = [STORE_ROOT, '/tmp'];

export const isShort = (fs: FilesystemFacts): boolean =>
  fs.totalBytes > 0 && (fs.readOnly || fs.freeBytes < FREE_MIN_BYTES);

/** It must not be stopped, and not be started. */
export const lacksRoom = ({ filesystems }: NodeFacts): boolean =>
  NEEDED_BY_GLUSTERD.some((path) => {
    const fs = filesystems.get(path);
    return fs !== undefined && isShort(fs);
  });
