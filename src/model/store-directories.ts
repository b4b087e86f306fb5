/** Directories of a store that should be volumes or snapshots, and are not. */
import type { Store } from './observed.ts';

/** Those below vols/ and snaps/ that have no info. */
export const directoriesWithoutInfo = ({
  directories,
  files,
}: Pick<Store, 'directories' | 'files'>): readonly string[] =>
  directories.filter((d) => /^(vols|snaps)\/[^/]+$/.test(d) && !files.has(`${d}/info`));
