/**
 * Whether the files of sets that leave a volume fit on those that stay. Pure. Owns how much is kept free
 * there; what cannot be measured is no obstacle: glusterfs moves no file to where it does not fit.
 */
import { bytesWords } from '../core/text.ts';
import type { FilesystemFacts, StoreVolume } from '../model/observed.ts';
import type { View } from './view.ts';
import { type BrickSet, memberOf, setsOf } from './whole.ts';

/** storage.reserve, in percent. */
const RESERVE = 1;
/** cluster.min-free-disk, in percent, where it is not set, or is no percentage. */
const MIN_FREE = 10;

interface Measured extends FilesystemFacts {
  /** The node and its device: bricks may share one. */
  readonly id: string;
}

/** Undefined: they fit, or it is not known. */
export function roomProblem(
  volume: StoreVolume,
  leaving: ReadonlySet<string>,
  view: View,
): { readonly needed: number; readonly free: number; readonly message: string } | undefined {
  const isLeaving = ({ bricks }: BrickSet): boolean => bricks.some((b) => leaving.has(b.file));
  const [going, staying] = [setsOf(volume).filter(isLeaving), setsOf(volume).filter((s) => !isLeaving(s))];
  const from = going.map((set) => measured(set, view));
  const to = staying.map((set) => measured(set, view));
  const targets = new Set(to.flat().map(({ id }) => id));
  // Where a file system holds bricks of both, what is used there is not what has to be moved.
  if (from.flat().some(({ id }) => targets.has(id))) return undefined;
  if ([...from, ...to].some((set) => set.length === 0)) return undefined;
  const needed = sum(once(from, (set) => most(set.map((f) => f.totalBytes - f.freeBytes))));
  const kept = (RESERVE + minFree(volume)) / 100;
  const free = sum(once(to, (set) => least(set.map((f) => f.freeBytes - f.totalBytes * kept))));
  if (needed <= free) return undefined;
  const message =
    `the sets that stay in volume ${volume.name} have room for ${bytesWords(Math.max(0, free))}, ` +
    `and those that leave it have ${bytesWords(needed)}`;
  return { needed, free, message };
}

function measured({ volume, bricks }: BrickSet, view: View): readonly Measured[] {
  const found = bricks.flatMap((brick) => {
    const facts = memberOf(volume, brick, view)?.facts;
    const at = facts?.paths.get(brick.path);
    const fs = facts?.filesystems.get(brick.path);
    if (facts === undefined || at === undefined || fs === undefined || fs.totalBytes === 0) return [];
    return [{ ...fs, id: `${facts.node} ${String(at.device)}` }];
  });
  return found.length === bricks.length ? found : [];
}

/** Sets on the same file systems count once. */
function once(
  sets: readonly (readonly Measured[])[],
  value: (set: readonly Measured[]) => number,
): readonly number[] {
  const seen = new Map(
    sets.map((set) => [
      set
        .map(({ id }) => id)
        .sort()
        .join(),
      set,
    ]),
  );
  return [...seen.values()].map(value);
}

function minFree({ options }: StoreVolume): number {
  const percent = /^([0-9.]+)%$/.exec(options.get('cluster.min-free-disk') ?? '')?.[1];
  return percent === undefined ? MIN_FREE : Number.parseFloat(percent);
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const most = (numbers: readonly number[]): number => Math.max(0, ...numbers);
const least = (numbers: readonly number[]): number => Math.max(0, Math.min(...numbers));
