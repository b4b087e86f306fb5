/** What the cluster file wants of a volume, as far as findings and repairs ask. */
import type { Desired } from '../../model/desired.ts';
import type { VolumeName } from '../../model/names.ts';

export const isAbsent = (desired: Desired, volume: VolumeName): boolean =>
  desired.volumes.some((v) => v.name === volume && v.state === 'absent');
