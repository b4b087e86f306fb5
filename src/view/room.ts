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
const NEEDED_BY_GLUSTERD: readonly string[] = [STORE_ROOT, '/tmp'];
/** A glusterd that cannot write its pid file here does not come up ("pidfile write failed"). */
const RUN = '/run';
/** Pid files, sockets, and what an observation keeps there for its time. /run is often small. */
const RUN_MIN_BYTES = 1024 * 1024;

/** Where glusterd writes, and /var/log. */
export const WATCHED: readonly string[] = [...NEEDED_BY_GLUSTERD, RUN, '/var/log'];

export const isShort = (fs: FilesystemFacts): boolean =>
  fs.totalBytes > 0 && (fs.readOnly || fs.freeBytes < FREE_MIN_BYTES);

/** With so little here, glusterd must not be stopped, and not be started. */
export const isFatal = (path: string, fs: FilesystemFacts): boolean =>
  path === RUN
    ? fs.totalBytes > 0 && (fs.readOnly || fs.freeBytes < RUN_MIN_BYTES)
    : NEEDED_BY_GLUSTERD.includes(path) && isShort(fs);

export const lacksRoom = ({ filesystems }: NodeFacts): boolean =>
  WATCHED.some((path) => {
    const fs = filesystems.get(path);
    return fs !== undefined && isFatal(path, fs);
  });
