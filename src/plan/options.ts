/**
 * Options of one volume: which to set, which to reset. Owns names (catalogue, short names) and which options
 * are glusterd's own.
 */
import { isForGood } from '../actions/volume-options.ts';
import type { Diagnostic } from '../core/diagnostic.ts';
import { isOn, sameOptionValue } from '../model/option-value.ts';
import { didYouMean } from '../core/suggest.ts';
import type { DesiredVolume } from '../model/desired.ts';
import { PROTECTION } from '../model/protection.ts';
import { LOOKUP_OPTIMIZE } from '../view/rebalance.ts';
import type { View } from '../view/view.ts';
import { setSize } from '../view/whole.ts';
import { UNDOCUMENTED_OPTIONS } from './undocumented-options.ts';

export interface OptionChange {
  readonly set: ReadonlyMap<string, string>;
  readonly reset: readonly string[];
  /** What `exact` would reset, and gluster cannot. */
  readonly stuck: readonly string[];
}

/**
 * What glusterd 10 sets by itself when it makes a volume, and to what. `optionsMode: exact` leaves these
 * options alone.
 */
const GLUSTERDS_OWN: ReadonlyMap<string, string> = new Map([
  ['cluster.granular-entry-heal', 'on'],
  ['storage.fips-mode-rchecksum', 'on'],
  ['transport.address-family', 'inet'],
  ['nfs.disable', 'on'],
  ['performance.client-io-threads', 'off'],
]);
/**
 * Options of other commands (quota, bitrot, geo-replication, snapshots): `volume set` refuses them, and
 * `exact` leaves them alone.
 */
const COMMAND_FEATURES: readonly string[] = [
  'quota',
  'inode-quota',
  'quota-deem-statfs',
  'bitrot',
  'scrub',
  'scrub-freq',
  'scrub-throttle',
  'barrier',
  'expiry-time',
  'signer-threads',
  'soft-timeout',
  'hard-timeout',
  'alert-time',
  'default-soft-limit',
];
const OWNED_BY_COMMANDS = new RegExp(
  `^(features\\.(${COMMAND_FEATURES.join('|')})|geo-replication\\..*|changelog\\..*)$`,
);

/** Options that exact mode leaves alone. */
const isOwnedByOthers = (name: string): boolean =>
  GLUSTERDS_OWN.has(name) || OWNED_BY_COMMANDS.test(name) || name === PROTECTION;

/** A rebalance turns it off for good: files may be elsewhere than their names lead, and nobody knows. */
const isOffForRebalances = (
  name: string,
  { layout, bricks }: DesiredVolume,
  current: ReadonlyMap<string, string>,
): boolean =>
  name === LOOKUP_OPTIMIZE &&
  bricks.length > setSize({ layout }) &&
  isOn(current.get(name) ?? 'on') === false;

/** All option names that may be written; undefined when no node could say. */
export function knownOptions(view: View): ReadonlySet<string> | undefined {
  const catalogue = view.nodes.find((n) => n.optionCatalogue !== undefined)?.optionCatalogue;
  if (catalogue === undefined) return undefined;
  const inUse = [...view.volumes.values()].flatMap((v) => [...v.best.options.keys()]);
  return new Set([...catalogue.keys(), ...UNDOCUMENTED_OPTIONS, ...inUse]);
}

/**
 * The full name that glusterd stores for what the user wrote: as it is, or with its only possible domain in
 * front.
 */
export function fullOptionName(name: string, known: ReadonlySet<string> | undefined): string | undefined {
  if (known === undefined || known.has(name) || name.startsWith('user.')) return name;
  const matches = [...known].filter((k) => k.endsWith(`.${name}`));
  return matches.length === 1 ? matches[0] : undefined;
}

export function unknownOptions(
  volumes: readonly DesiredVolume[],
  known: ReadonlySet<string> | undefined,
): readonly Diagnostic[] {
  return volumes.flatMap((volume) =>
    [...volume.options.keys()].flatMap((name): Diagnostic[] => {
      if (volume.state === 'absent' || fullOptionName(name, known) !== undefined) return [];
      const position = volume.optionPositions.get(name) ?? volume.position;
      const hint = didYouMean(name, known ?? []);
      const message =
        `volumes.${volume.name}.options.${name}: ` + `the installed glusterd knows no such option${hint}`;
      return [{ severity: 'error', message, ...position }];
    }),
  );
}

export function optionChange(
  wanted: DesiredVolume,
  current: ReadonlyMap<string, string>,
  known: ReadonlySet<string> | undefined,
): OptionChange {
  const set = new Map<string, string>();
  const named = new Set<string>();
  for (const [written, value] of wanted.options) {
    const name = fullOptionName(written, known) ?? written;
    named.add(name);
    const now = current.get(name);
    if (now === undefined || !sameOptionValue(name, now, value)) set.set(name, value);
  }
  const unnamed = wanted.optionsMode === 'merge' ? [] : [...current.keys()].filter((n) => !named.has(n));
  const isKept = (name: string): boolean =>
    isOwnedByOthers(name) || isOffForRebalances(name, wanted, current);
  const surplus = unnamed.filter((n) => !isKept(n)).sort();
  return { set, reset: surplus.filter((n) => !isForGood(n)), stuck: surplus.filter(isForGood) };
}

/** What a cluster file has to say of the options of a volume that is there. */
export const optionsToWrite = (current: ReadonlyMap<string, string>): ReadonlyMap<string, string> =>
  new Map(
    [...current]
      .filter(
        ([name, value]) =>
          GLUSTERDS_OWN.get(name) !== value && !OWNED_BY_COMMANDS.test(name) && name !== PROTECTION,
      )
      .sort(byName),
  );

const byName = ([a]: readonly [string, string], [b]: readonly [string, string]): number => (a < b ? -1 : 1);

export function optionsAfter(
  current: ReadonlyMap<string, string>,
  change: OptionChange,
): ReadonlyMap<string, string> {
  const after = new Map([...current, ...change.set]);
  for (const name of change.reset) after.delete(name);
  return after;
}
