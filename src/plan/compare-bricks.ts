/**
 * What the bricks of a file and of a cluster differ in, as data: sets are compared by their members, never by
 * their place. Pure. Owns which differences there are, and which of them no command of glusterd can make.
 */
import type { Layout } from '../model/desired.ts';
import {
  conversionRefused,
  type Impossible,
  isArbitrated,
  setSize,
  shrinksFirst,
} from './layout-conversion.ts';

/** A brick by the node that owns it and its path: "node01:/bricks/d1/data". */
export type BrickName = string;

/** In the order that glusterd or the file has: consecutive bricks form a set. */
export interface BrickLayout {
  readonly layout: Layout;
  readonly bricks: readonly BrickName[];
}

/** The bricks of one set that a change is about. */
export interface ChangedSet {
  /** The place of the set in the cluster, from 1. */
  readonly set: number;
  readonly bricks: readonly BrickName[];
}

export interface Replacement {
  /** The place of the set in the cluster, from 1. */
  readonly set: number;
  readonly from: BrickName;
  readonly to: BrickName;
}

export type BrickChange =
  /** Each set gets further members; as glusterd takes them, in the order of the sets in the cluster. */
  | {
      readonly kind: 'moreCopies';
      readonly from: Layout;
      readonly to: Layout;
      readonly sets: readonly ChangedSet[];
    }
  /** Each set loses members, in the order of the sets in the cluster. */
  | {
      readonly kind: 'fewerCopies';
      readonly from: Layout;
      readonly to: Layout;
      readonly sets: readonly ChangedSet[];
    }
  /** Members of sets that keep at least one: set by set, one after the other. */
  | { readonly kind: 'replace'; readonly replacements: readonly Replacement[] }
  /** Sets of the file that share no brick with the cluster, in the order of the file. */
  | { readonly kind: 'grow'; readonly sets: readonly (readonly BrickName[])[] }
  /** Sets of the cluster that share no brick with the file. */
  | { readonly kind: 'shrink'; readonly sets: readonly ChangedSet[] }
  /** Bricks of a distribute volume that come for others: first all come, then the others go. */
  | { readonly kind: 'move'; readonly added: readonly BrickName[]; readonly removed: readonly BrickName[] };

export type BrickRefusal =
  | Impossible
  /** A brick with data would become the arbiter of the set, or its arbiter a brick with data. */
  | {
      readonly kind: 'arbiterMoved';
      /** The place of the set in the cluster, from 1. */
      readonly set: number;
      /** Undefined: the cluster has none. */
      readonly was: BrickName | undefined;
      /** Undefined: the file has none. */
      readonly is: BrickName | undefined;
    }
  /** A brick of one set is in another one: glusterd would have to copy through an empty brick. */
  | {
      readonly kind: 'bricksRegrouped';
      readonly brick: BrickName;
      /** Its set in the cluster. */
      readonly live: readonly BrickName[];
      /** Its set in the file. */
      readonly wanted: readonly BrickName[];
    };

export interface BrickComparison {
  /** Where there is one, nothing of the volume can be changed, and `changes` is empty. */
  readonly refusals: readonly BrickRefusal[];
  /** In the order in which they are to be done, at most one of each kind. */
  readonly changes: readonly BrickChange[];
  /** The bricks as glusterd orders them after all changes. */
  readonly after: readonly BrickName[];
  /** The file has the same sets in another order of sets or members, which glusterd cannot change. */
  readonly isReordered: boolean;
}

interface Pair {
  readonly set: number;
  readonly live: readonly BrickName[];
  readonly wanted: readonly BrickName[];
}

/** What becomes of one set that both have. */
interface SetChange {
  readonly set: number;
  readonly added: readonly BrickName[];
  readonly removed: readonly BrickName[];
  readonly replacements: readonly Replacement[];
  /** Its members then, as glusterd orders them: a new one stands in the place of its predecessor, or last. */
  readonly after: readonly BrickName[];
}

const refused = (live: BrickLayout, refusals: readonly BrickRefusal[]): BrickComparison => ({
  refusals,
  changes: [],
  after: live.bricks,
  isReordered: false,
});

/** Neither has a brick twice, and both have whole sets. */
export function compareBricks(live: BrickLayout, wanted: BrickLayout): BrickComparison {
  const [from, to] = [live.layout, wanted.layout];
  const impossible = conversionRefused(from, to);
  if (impossible !== undefined) return refused(live, [impossible]);
  const [liveSets, wantedSets] = [setsOf(live), setsOf(wanted)];
  const pairs = pairSets(liveSets, wantedSets);
  const paired = new Set(pairs.flatMap((p) => [p.live, p.wanted]));
  const grown = wantedSets.filter((set) => !paired.has(set));
  const shrunk = liveSets.map((bricks, i) => ({ set: i + 1, bricks })).filter((s) => !paired.has(s.bricks));
  const moved = [...regrouped(liveSets, wantedSets, pairs), ...arbitersMoved(from, to, pairs)];
  if (moved.length > 0) return refused(live, moved);
  if (shrunk.length > 0 && setSize(from) !== setSize(to)) return refused(live, [shrinksFirst(from, to)]);
  const changed = pairs.map(changeOf);
  const after = [...changed.flatMap((c) => c.after), ...grown.flat()];
  return {
    refusals: [],
    changes: [...copies(from, to, changed), ...replaced(changed), ...wholeSets(to, grown, shrunk)],
    after,
    isReordered: after.join(' ') !== wanted.bricks.join(' '),
  };
}

function setsOf({ layout, bricks }: BrickLayout): readonly (readonly BrickName[])[] {
  const size = setSize(layout);
  const count = Math.ceil(bricks.length / size);
  return Array.from({ length: count }, (_, i) => bricks.slice(i * size, (i + 1) * size));
}

/** By most bricks in common; where that is equal, in the order of the file. In the order of the cluster. */
function pairSets(
  liveSets: readonly (readonly BrickName[])[],
  wantedSets: readonly (readonly BrickName[])[],
): readonly Pair[] {
  const liveOf = new Map(liveSets.flatMap((set, i) => set.map((brick): [BrickName, number] => [brick, i])));
  const common = wantedSets.flatMap((set, wanted) => {
    const counts = new Map<number, number>();
    for (const brick of set) {
      const live = liveOf.get(brick);
      if (live !== undefined) counts.set(live, (counts.get(live) ?? 0) + 1);
    }
    return [...counts].map(([live, count]) => ({ live, wanted, count }));
  });
  const order = common.sort((a, b) => b.count - a.count || a.wanted - b.wanted || a.live - b.live);
  const pairs = new Map<number, Pair>();
  const paired = new Set<number>();
  for (const { live, wanted } of order) {
    if (pairs.has(live) || paired.has(wanted)) continue;
    paired.add(wanted);
    pairs.set(live, { set: live + 1, live: liveSets[live] ?? [], wanted: wantedSets[wanted] ?? [] });
  }
  return [...pairs.values()].sort((a, b) => a.set - b.set);
}

/** Bricks that the file has in another set than the cluster. */
function regrouped(
  liveSets: readonly (readonly BrickName[])[],
  wantedSets: readonly (readonly BrickName[])[],
  pairs: readonly Pair[],
): readonly BrickRefusal[] {
  const liveOf = new Map(liveSets.flatMap((live) => live.map((brick) => [brick, live] as const)));
  const partnerOf = new Map(pairs.map((p) => [p.wanted, p.live]));
  return wantedSets.flatMap((wanted) =>
    wanted.flatMap((brick): readonly BrickRefusal[] => {
      const live = liveOf.get(brick);
      if (live === undefined || live === partnerOf.get(wanted)) return [];
      return [{ kind: 'bricksRegrouped', brick, live, wanted }];
    }),
  );
}

/**
 * glusterd takes the last brick of each set for its arbiter: the one of the file is that of the cluster, or
 * both are no part of the other.
 */
function arbitersMoved(live: Layout, wanted: Layout, pairs: readonly Pair[]): readonly BrickRefusal[] {
  return pairs.flatMap((pair): readonly BrickRefusal[] => {
    const was = isArbitrated(live) ? pair.live.at(-1) : undefined;
    const is = isArbitrated(wanted) ? pair.wanted.at(-1) : undefined;
    const isKept = was !== undefined && pair.wanted.includes(was);
    const isKnown = is !== undefined && pair.live.includes(is);
    if (was === is || (!isKept && !isKnown)) return [];
    return [{ kind: 'arbiterMoved', set: pair.set, was, is }];
  });
}

/**
 * Bricks that come take the place of those that go, in order. What is over of those that come is added, what
 * is over of those that go is removed: the last ones, so that an arbiter comes or goes by itself.
 */
function changeOf({ set, live, wanted }: Pair): SetChange {
  const gone = live.filter((brick) => !wanted.includes(brick));
  const come = wanted.filter((brick) => !live.includes(brick));
  const count = Math.min(gone.length, come.length);
  const places = new Map(gone.slice(0, count).map((from, i) => [from, come[i] ?? '']));
  const [removed, added] = [gone.slice(count), come.slice(count)];
  return {
    set,
    added,
    removed,
    replacements: [...places].map(([from, to]) => ({ set, from, to })),
    after: [
      ...live.filter((brick) => !removed.includes(brick)).map((brick) => places.get(brick) ?? brick),
      ...added,
    ],
  };
}

function copies(from: Layout, to: Layout, changed: readonly SetChange[]): readonly BrickChange[] {
  const more = setSize(to) - setSize(from);
  if (more === 0) return [];
  const sets = changed.map(({ set, added, removed }) => ({ set, bricks: more > 0 ? added : removed }));
  return [{ kind: more > 0 ? 'moreCopies' : 'fewerCopies', from, to, sets }];
}

function replaced(changed: readonly SetChange[]): readonly BrickChange[] {
  const replacements = changed.flatMap((c) => c.replacements);
  return replacements.length === 0 ? [] : [{ kind: 'replace', replacements }];
}

function wholeSets(
  layout: Layout,
  grown: readonly (readonly BrickName[])[],
  shrunk: readonly ChangedSet[],
): readonly BrickChange[] {
  if (layout.kind === 'distribute' && grown.length > 0 && shrunk.length > 0)
    return [{ kind: 'move', added: grown.flat(), removed: shrunk.flatMap((s) => s.bricks) }];
  return [
    ...(grown.length > 0 ? [{ kind: 'grow', sets: grown } as const] : []),
    ...(shrunk.length > 0 ? [{ kind: 'shrink', sets: shrunk } as const] : []),
  ];
}
