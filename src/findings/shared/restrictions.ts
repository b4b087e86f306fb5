/** Options that keep somebody out or hold something back. Owns which, and what it means that one is lost. */
import { isOn } from '../../model/option-value.ts';
import type { StoreVolume } from '../../model/observed.ts';
import { PROTECTION } from '../../model/protection.ts';

/** Of each, whether the value restricts; without a value none does. */
const RESTRICTS: ReadonlyMap<string, (value: string) => boolean> = new Map([
  ['auth.allow', (value) => !value.split(',').some((pattern) => pattern.trim() === '*')],
  ['auth.reject', (value) => value.trim() !== ''],
  ['auth.ssl-allow', (value) => value.trim() !== '*'],
  ...[
    'client.ssl',
    'server.ssl',
    'features.quota',
    'features.inode-quota',
    'features.read-only',
    'features.worm',
    'features.worm-file-level',
    'server.all-squash',
    'server.root-squash',
    PROTECTION,
  ].map((key) => [key, (value: string) => isOn(value) === true] as const),
]);

/** What the one copy restricts and the other does not. */
export const restrictionsLost = (from: StoreVolume, to: StoreVolume): readonly string[] =>
  [...RESTRICTS].flatMap(([key, restricts]) => {
    const isIn = ({ options }: StoreVolume): boolean => restricts(options.get(key) ?? '') && options.has(key);
    return isIn(from) && !isIn(to) ? [`${key}=${from.options.get(key) ?? ''}`] : [];
  });
