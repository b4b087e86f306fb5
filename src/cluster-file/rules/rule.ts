/** What a rule is: the written file in, findings out. */
import type { Mistake } from '../mistake.ts';
import type { Written, WrittenVolume } from '../written.ts';

export type Rule = (written: Written) => readonly Mistake[];

/**
 * A rule about each volume that is to exist; what a volume to be deleted was once made of does not matter any
 * more.
 */
export const eachPresentVolume =
  (check: (volume: WrittenVolume, written: Written) => readonly Mistake[]): Rule =>
  (written) =>
    written.volumes.filter((volume) => !volume.absent).flatMap((volume) => check(volume, written));
