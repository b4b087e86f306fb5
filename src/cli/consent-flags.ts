/** Flags that decide about unfinished transactions, read as the consent of a change. */
import type { Consent } from '../change/change.ts';
import { failure, FailureError } from '../core/failure.ts';
import { isVolumeName, type VolumeName, volumeName } from '../model/names.ts';

export interface ConsentFlags {
  readonly finish?: readonly string[];
  readonly discardChanges?: readonly string[];
}

export const consentOf = (
  { finish = [], discardChanges = [] }: ConsentFlags,
  abandon: readonly string[] = [],
): Consent => ({
  finish: new Set(finish),
  abandon: new Set(abandon),
  discard: new Set(discardChanges.map(readVolume)),
});

function readVolume(text: string): VolumeName {
  const name = /^volume\/(.+)$/.exec(text)?.[1];
  if (name !== undefined && isVolumeName(name)) return volumeName(name);
  throw new FailureError(
    failure('invalid-input', `--discard-changes ${text} is not understood`, {
      fix: 'write --discard-changes volume/NAME',
    }),
  );
}
