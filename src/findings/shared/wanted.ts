/** What the cluster file wants of a volume, as far as findings and repairs ask. */
import type { Desired, DesiredVolume } from '../../model/desired.ts';

export const wantedVolume = (desired: Desired, volume: string): DesiredVolume | undefined =>
  desired.volumes.find((v) => v.name === volume);

export const isAbsent = (desired: Desired, volume: string): boolean =>
  desired.volumes.some((v) => v.name === volume && v.state === 'absent');
