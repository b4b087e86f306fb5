/** Cluster files that several faults share, and what a store without volumes lists. */
import { VOL } from '../recover-case.ts';

export const STOPPED = `${VOL}\n    state: stopped`;
export const ABSENT = '  vol: { state: absent }';
export const UNNAMED = '  other: { state: absent }';
export const NO_VOLUMES: readonly [string, RegExp] = ['ls -A /var/lib/glusterd/vols', /^$/];
