/**
 * Whether a glusterd remembers a volume as its store has it: two witnesses of one node, held against each
 * other.
 */
import type { DaemonVolume, StoreVolume } from '../model/observed.ts';

export function sameInMemory(
  disk: StoreVolume | undefined,
  memory: Pick<DaemonVolume, 'id' | 'status' | 'options' | 'bricks'> | undefined,
): boolean {
  if (disk === undefined || memory === undefined) return disk === memory;
  return (
    disk.id === memory.id &&
    disk.status === memory.status &&
    brickWords(disk) === brickWords(memory) &&
    [...disk.options].every(([name, value]) => memory.options.get(name) === value)
  );
}

const brickWords = ({ bricks }: Pick<StoreVolume, 'bricks'> | Pick<DaemonVolume, 'bricks'>): string =>
  bricks.map((b) => `${b.hostname}:${b.path}`).join(' ');
