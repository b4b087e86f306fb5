/** A rule: from the written file to its mistakes. */
import type { Mistake } from '../mistake.ts';
import type { Written, WrittenVolume } from '../written.ts';

export type Rule = (written: Written) => readonly Mistake[];

/**
 * A rule about each volume that is to exist. The definition of a volume that is to be deleted does not
 * matter.
 */
export const eachPresentVolume =
  (check: (volume: WrittenVolume, written: Written) => readonly Mistake[]): Rule =>
  (written) =>
    written.volumes.filter((volume) => !volume.absent).flatMap((volume) => check(volume, written));
