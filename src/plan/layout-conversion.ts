/**
 * Which layouts a volume can be given by a change of its number of copies, and in which edits of the file the
 * others are reached. Pure. Owns what glusterd 10 refuses to convert.
 */
import type { Layout } from '../model/desired.ts';

/** No command of glusterd makes the one of the other, or none in one step. */
export interface Impossible {
  readonly kind: 'impossible';
  readonly from: Layout;
  readonly to: Layout;
  readonly why: string;
  /** What to write instead, one edit after the other, each applied before the next; none: there is no way. */
  readonly edits: readonly string[];
}

export const isArbitrated = (layout: Layout): boolean => layout.kind === 'replicate' && layout.arbiter === 1;

/** Bricks of a set; of a distribute volume each stands for itself. */
export const setSize = (layout: Layout): number =>
  layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;

const OUT = 'replica: 2 without arbiter, and without the last brick of each set';

/** Undefined: the sets can be compared. */
export function conversionRefused(from: Layout, to: Layout): Impossible | undefined {
  const impossible = (why: string, ...edits: readonly string[]): Impossible => ({
    kind: 'impossible',
    from,
    to,
    why,
    edits,
  });
  if (from.kind === 'disperse' || to.kind === 'disperse') {
    if (from.kind !== to.kind) return impossible('a disperse volume holds fragments and no copies of files');
    const isSame = setSize(from) === setSize(to) && redundancyOf(from) === redundancyOf(to);
    return isSame ? undefined : impossible('the fragments of files that are there fit the old numbers alone');
  }
  if (isArbitrated(from) === isArbitrated(to)) return undefined;
  if (isArbitrated(from)) {
    if (to.kind === 'replicate' && to.replica === 2) return undefined;
    const [why, next] =
      setSize(to) === 1
        ? ['the arbiter holds no files, and leaves alone', 'then neither replica nor arbiter']
        : [
            'an arbiter holds no files, and glusterd does not fill it',
            `then replica: ${String(setSize(to))}, with new bricks on paths that are empty`,
          ];
    return impossible(why, OUT, next);
  }
  if (setSize(from) === 2) return undefined;
  return impossible(
    'glusterd adds an arbiter to two copies alone',
    'replica: 2, with two bricks of each set',
    'then replica: 3 and arbiter: 1, with the arbiter, on an empty path, as the last brick of each set',
  );
}

const redundancyOf = (layout: Layout): number => (layout.kind === 'disperse' ? layout.redundancy : 0);

/** A set that leaves would need bricks of the new number of copies first. */
export const shrinksFirst = (from: Layout, to: Layout): Impossible => ({
  kind: 'impossible',
  from,
  to,
  why: 'all sets change their number of bricks together, those too that the file no longer has',
  edits: ['the number of copies as it is, without the sets that leave', 'then the new number of copies'],
});
