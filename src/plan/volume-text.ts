/**
 * A volume in the words of the cluster file, for people to compare before and after. Owns that text; never
 * shows credentials.
 */
import type { DesiredVolume, Layout } from '../model/desired.ts';
import { layoutKeys } from '../model/layout.ts';
import { PROTECTION } from '../model/protection.ts';
import type { StoreVolume } from '../model/observed.ts';
import { isProtectedBy } from '../view/protection.ts';
import type { View } from '../view/view.ts';

export interface VolumeWords {
  readonly name: string;
  readonly state: string;
  readonly layout: Layout;
  readonly transport: string;
  readonly bricks: readonly string[];
  readonly options: ReadonlyMap<string, string>;
}

export const observedWords = (volume: StoreVolume, view: View): VolumeWords => ({
  name: volume.name,
  state: volume.status === 'started' ? 'started' : 'stopped',
  layout: volume.layout,
  transport: volume.transport,
  bricks: volume.bricks.map((b) => `${view.ownerOf(b) ?? b.hostname}:${b.path}`),
  options: volume.options,
});

/** What will be: the file's words over what is there. */
export const plannedWords = (wanted: DesiredVolume, options: ReadonlyMap<string, string>): VolumeWords => ({
  name: wanted.name,
  state: wanted.state,
  layout: wanted.layout,
  transport: wanted.transport,
  bricks: wanted.bricks.map((b) => `${b.node}:${b.path}`),
  options,
});

export function volumeText(volume: VolumeWords): string {
  const options = [...volume.options]
    .filter(([name]) => name !== PROTECTION)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return [
    `${volume.name}:`,
    `  state: ${volume.state}`,
    ...Object.entries(layoutKeys(volume.layout)).map(([key, value]) => `  ${key}: ${String(value)}`),
    ...(volume.transport === 'tcp' ? [] : [`  transport: ${volume.transport}`]),
    '  bricks:',
    ...volume.bricks.map((b) => `    - ${b}`),
    ...(options.length === 0 ? [] : ['  options:']),
    ...options.map(([name, value]) => `    ${name}: ${value}`),
    ...(isProtectedBy(volume.options) ? ['  protect: true'] : []),
    '',
  ].join('\n');
}
