/** What lies in a store where only volumes and snapshots may, and is none. */
import type { Store } from './observed.ts';

/** Directories below vols/ and snaps/ that have no info. */
export const directoriesWithoutInfo = ({
  directories,
  files,
}: Pick<Store, 'directories' | 'files'>): readonly string[] =>
  directories.filter((d) => /^(vols|snaps)\/[^/]+$/.test(d) && !files.has(`${d}/info`));

/** Of these glusterd reads the list, and removes what a write of it left. */
const OWN_IN_SNAPS: ReadonlySet<string> = new Set(['snaps/missed_snaps_list', 'snaps/missed_snaps_list.tmp']);

/** In snaps/ glusterd takes every entry for a snapshot; in vols/ it passes over plain files. */
export const filesAmongSnapshots = ({ files }: Pick<Store, 'files'>): readonly string[] =>
  [...files.keys()].filter((path) => /^snaps\/[^/]+$/.test(path) && !OWN_IN_SNAPS.has(path));
