/**
 * Whether a glusterd remembers a volume as its store has it: two witnesses of one node, held against each
 * other.
 */
import type { StoreVolume } from '../model/observed.ts';

export function sameInMemory(
  disk: StoreVolume | undefined,
  memory:
    | { readonly id: string; readonly status: string; readonly options: ReadonlyMap<string, string> }
    | undefined,
): boolean {
  if (disk === undefined || memory === undefined) return disk === memory;
  return (
    disk.id === memory.id &&
    disk.status === memory.status &&
    [...disk.options].every(([name, value]) => memory.options.get(name) === value)
  );
}
