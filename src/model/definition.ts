/**
 * What of a volume is somebody's decision: its options by key, its bricks in order, its status, its type.
 * Owns what counts as that: not what glusterd keeps beside it for itself, as versions and volfiles.
 */
import { layoutWords } from './layout.ts';
import type { VolumeName } from './names.ts';
import type { Store, StoreVolume, VolumeStatus } from './observed.ts';

export type Definition = {
  /** Null: glusterd chooses it when the volume is created. */
  readonly id: string | null;
  readonly status: VolumeStatus;
  /** Layout and transport. */
  readonly type: string;
  /** "node01:/bricks/d1/v", in order; one that is about to be removed says so. */
  readonly bricks: readonly string[];
  readonly options: { readonly [name: string]: string };
};

/** Null: there is no such volume. */
export type Definitions = ReadonlyMap<VolumeName, Definition | null>;

export const definitionOf = (volume: StoreVolume): Definition => ({
  id: volume.id,
  status: volume.status,
  type: `${layoutWords(volume.layout)}, ${volume.transport}`,
  bricks: volume.bricks.map((b) => `${b.hostname}:${b.path}${b.decommissioned ? ' (being removed)' : ''}`),
  options: Object.fromEntries(volume.options),
});

export function definitionIn(store: Store | undefined, name: VolumeName): Definition | null {
  const volume = store?.volumes.get(name);
  return volume === undefined ? null : definitionOf(volume);
}

/** Keys that glusterd itself sets in a new volume, or as a volume gains or loses replication (10.3). */
export const SET_BY_GLUSTERD: ReadonlySet<string> = new Set([
  'cluster.granular-entry-heal',
  'nfs.disable',
  'performance.client-io-threads',
  'storage.fips-mode-rchecksum',
  'transport.address-family',
]);

/** As a definition is without these options, and with those. */
export const withOptions = (
  { options, ...volume }: Definition,
  set: { readonly [name: string]: string },
  reset: readonly string[],
): Definition => ({
  ...volume,
  options: { ...Object.fromEntries(Object.entries(options).filter(([k]) => !reset.includes(k))), ...set },
});

/** The change of one volume, where there is one by that name. */
export const changed = (
  before: Definitions,
  volume: VolumeName,
  change: (definition: Definition) => Definition | null,
): Definitions => {
  const was = before.get(volume);
  return new Map([[volume, was === undefined || was === null ? null : change(was)]]);
};
