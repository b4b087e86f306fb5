/**
 * Whether a volume is protected, as its nodes remember it: by an option that gluster keeps for us and never
 * reads. It holds where a cluster file no longer says so.
 */
import { isOn } from '../model/option-value.ts';
import { PROTECTION } from '../model/protection.ts';
import type { VolumeName } from '../model/names.ts';
import { stateOf, type View } from './view.ts';

/** On any disk or in any memory: nodes that disagree do not take a protection away. */
export const isProtectedOnNodes = (view: View, volume: VolumeName): boolean =>
  view.nodes.some(
    (facts) =>
      isProtectedBy(facts.store.volumes.get(volume)?.options) ||
      isProtectedBy(stateOf(facts)?.volumes.get(volume)?.options),
  );

export const isProtectedBy = (options: ReadonlyMap<string, string> | undefined): boolean =>
  isOn(options?.get(PROTECTION) ?? 'off') === true;
