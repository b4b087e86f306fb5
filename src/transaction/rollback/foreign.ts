/**
 * What others have changed since a transaction: by node, volume and key, neither as it was before nor as any
 * step of ours left it. Pure. Judges definitions, not files that glusterd writes again by itself.
 */
import { actionNamed } from '../../actions/index.ts';
import { type Definition, definitionIn, type Definitions, SET_BY_GLUSTERD } from '../../model/definition.ts';
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { Store } from '../../model/observed.ts';
import type { Step } from '../../model/plan.ts';
import type { View } from '../../view/view.ts';
import { becomesOf } from '../becomes.ts';
import type { Before } from '../journal.ts';

/** A key that is not as it was before; the other keys are. */
export interface Difference {
  readonly node: NodeName;
  readonly volume: VolumeName;
  /** An option, or one of `existence`, `volume-id`, `status`, `type`, `bricks`. */
  readonly key: string;
  /** Undefined: not set. */
  readonly was: string | undefined;
  readonly is: string | undefined;
  /** As some step of ours left it; else somebody else has changed it since. */
  readonly isOurs: boolean;
  /** Some step of ours changes this key. */
  readonly isTouched: boolean;
}

/** A volume that others have changed since. */
export interface Foreign {
  readonly volume: VolumeName;
  /** What they changed; empty where they did no more than use it. */
  readonly keys: readonly Difference[];
  /** Taking our part back would take theirs too: it is left as it is. */
  readonly isHeld: boolean;
}

/** What a volume has been, on any node, before the transaction and by it. */
export interface Known {
  readonly states: readonly (Definition | null)[];
  /** A step may have made anything of it. */
  readonly isUnknown: boolean;
}

const EXISTENCE = 'existence';
/** What no option command sets back. */
const STRUCTURE: ReadonlySet<string> = new Set([EXISTENCE, 'volume-id', 'type', 'bricks']);

type Keys = ReadonlyMap<string, string>;

const keysOf = ({ id, status, type, bricks, options }: Definition): Keys =>
  new Map([
    [EXISTENCE, 'there'],
    ...(id === null ? [] : [['volume-id', id] as const]),
    ['status', status],
    ['type', type],
    ['bricks', bricks.join(' ')],
    ...Object.entries(options),
  ]);

/** The definition of one volume on one node, key by key. */
export function differencesOf(
  is: Definition | null,
  was: Definition | null,
  known: Known,
): readonly Omit<Difference, 'node' | 'volume'>[] {
  const states = [was, ...known.states];
  const made = states.flatMap((s) => (s === null ? [] : [keysOf(s)]));
  const comesOrGoes = states.includes(null) && made.length > 0;
  if (is === null || made.length === 0) {
    if (is === was) return [];
    const words = (d: Definition | null): string | undefined => (d === null ? undefined : 'there');
    const isOurs = comesOrGoes && !known.isUnknown;
    return [
      { key: EXISTENCE, was: words(was), is: words(is), isOurs, isTouched: comesOrGoes || known.isUnknown },
    ];
  }
  const [now, before] = [keysOf(is), was === null ? undefined : keysOf(was)];
  return [...new Set([...now.keys(), ...made.flatMap((keys) => [...keys.keys()])])].flatMap((key) => {
    const [value, old] = [now.get(key), before?.get(key)];
    if (value === old || (before === undefined && SET_BY_GLUSTERD.has(key))) return [];
    // The id of a volume that we created is not known before.
    const candidates = made.filter((keys) => key !== 'volume-id' || keys.has(key));
    const values = new Set(candidates.map((keys) => keys.get(key)));
    const isOurs = (candidates.length === 0 || values.has(value)) && !known.isUnknown;
    const isTouched = known.isUnknown || values.size > 1 || (key === EXISTENCE && comesOrGoes);
    return [{ key, was: old, is: value, isOurs, isTouched }];
  });
}

/** In the journal; computed from its plan where it was written before there was such a record. */
function becomesIn({ journal, stores }: Before): NonNullable<Before['journal']['becomes']> {
  if (journal.becomes !== undefined) return journal.becomes;
  const names = new Set([...stores.values()].flatMap((s) => [...s.volumes.keys()]));
  const before: Definitions = new Map(
    [...names].map((name) => {
      const store = [...stores.values()].find((s) => s.volumes.has(name));
      return [name, definitionIn(store, name)];
    }),
  );
  return becomesOf(journal.plan.steps, (step) => journal.inverses[step.id] ?? null, before);
}

function knownOf(volume: VolumeName, before: Before): Known {
  const made = Object.values(becomesIn(before)).flatMap((volumes) => {
    const states = volumes[volume];
    return states === undefined ? [] : [states];
  });
  return {
    states: [
      ...[...before.stores.values()].map((store) => definitionIn(store, volume)),
      ...made.flatMap((states) => (states === 'unknown' ? [] : states)),
    ],
    isUnknown: made.includes('unknown'),
  };
}

/** Of these volumes, on the nodes that have a before-image; `also`: others that are finished together. */
export function differencesIn(
  view: View,
  before: Before,
  volumes: Iterable<VolumeName>,
  also: readonly Before[] = [],
): readonly Difference[] {
  return [...volumes].flatMap((volume) => {
    const all = [before, ...also].map((b) => knownOf(volume, b));
    const known = { states: all.flatMap((k) => k.states), isUnknown: all.some((k) => k.isUnknown) };
    return view.nodes.flatMap(({ node, store }) => {
      const image = before.stores.get(node);
      if (image === undefined) return [];
      const [is, was] = [definitionIn(store, volume), definitionIn(image, volume)];
      if (is === null && isDamaged(store, volume)) return was === null ? [] : [damaged(node, volume)];
      const found = differencesOf(is, was, known);
      return found.map((d): Difference => ({ node, volume, ...d }));
    });
  });
}

/** Half written: by us, or by a glusterd that ended; nobody decided that. */
const isDamaged = ({ problems }: Store, volume: VolumeName): boolean =>
  problems.some(({ path }) => path === `vols/${volume}` || path.startsWith(`vols/${volume}/`));

const damaged = (node: NodeName, volume: VolumeName): Difference => ({
  node,
  volume,
  key: EXISTENCE,
  was: 'there',
  is: undefined,
  isOurs: true,
  isTouched: true,
});

/**
 * The volumes that others have changed since, but for those whose foreign changes are to be discarded; and
 * those that are held because clients use them.
 */
export function foreignIn(
  view: View,
  before: Before,
  volumes: Iterable<VolumeName>,
  also: readonly Before[] = [],
): ReadonlyMap<VolumeName, Foreign> {
  const isHeldByUse = (v: VolumeName): boolean => before.held?.has(v) === true;
  const wanted = [...volumes].filter((v) => isHeldByUse(v) || before.discarded?.has(v) !== true);
  const all = differencesIn(view, before, wanted, also);
  return new Map(
    wanted.flatMap((volume): readonly (readonly [VolumeName, Foreign])[] => {
      if (isHeldByUse(volume)) return [[volume, { volume, keys: [], isHeld: true }]];
      const keys = all.filter((d) => d.volume === volume && !d.isOurs);
      const changed = all.filter((d) => d.volume === volume && STRUCTURE.has(d.key));
      const isHeld =
        keys.some((k) => STRUCTURE.has(k.key)) || isWhole(volume, before) || isSplit(changed, view, before);
      return keys.length === 0 ? [] : [[volume, { volume, keys, isHeld }]];
    }),
  );
}

/** Our bricks are on some nodes only: no command takes them back, and an image takes more along. */
function isSplit(changed: readonly Difference[], view: View, { stores }: Before): boolean {
  const nodes = new Set(changed.map((d) => d.node));
  return nodes.size > 0 && view.nodes.some(({ node }) => stores.has(node) && !nodes.has(node));
}

/** Some step of ours is undone by a before-image alone, or makes the volume come or go. */
const isWhole = (volume: VolumeName, before: Before): boolean =>
  before.journal.plan.steps.some((step) => {
    if (!changes(step, volume)) return false;
    const inverse = before.journal.inverses[step.id] ?? null;
    return inverse === null || inverse.some(({ action }) => actionNamed(action).restoresImage === true);
  }) || knownOf(volume, before).states.includes(null);

const changes = (step: Step, volume: VolumeName): boolean =>
  actionNamed(step.action).volumes(step.args).includes(volume);

/** "node01: volume data: auth.allow is 10.*, was not set; the transaction did not touch it". */
export function foreignWords({ node, volume, key, was, is, isTouched }: Difference): string {
  const words = (value: string | undefined): string => value ?? (key === EXISTENCE ? 'gone' : 'not set');
  const whose = isTouched ? 'the transaction changes it too' : 'the transaction did not touch it';
  return `${node}: volume ${volume}: ${key} is ${words(is)}, was ${words(was)}; ${whose}`;
}

/** Nodes without a before-image that have one of the volumes otherwise than it was, each a sentence. */
export const unkeptIn = (view: View, before: Before, volumes: Iterable<VolumeName>): readonly string[] =>
  [...volumes].flatMap((volume) => {
    const words = (d: Definition | null): string =>
      JSON.stringify(d && [...keysOf(d)].map((pair) => pair.join('=')).sort());
    const were = new Set([...before.stores.values()].map((store) => words(definitionIn(store, volume))));
    return view.nodes.flatMap(({ node, store }) =>
      before.stores.has(node) || were.has(words(definitionIn(store, volume)))
        ? []
        : [`${node} keeps no journal of it, and has volume ${volume} otherwise than it was`],
    );
  });
