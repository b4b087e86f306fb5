/**
 * The tree of paths that a disk has or had: what lies below a path, in order, and how often it changed. Knows
 * nothing of contents.
 */

/** Where an entry is or was: kept, so that a revision only grows and a path is split once. */
interface Place {
  readonly path: string;
  readonly above: Place | undefined;
  readonly inside: Set<Place>;
  revision: number;
  /** What is inside, sorted; and all paths below. Undefined: something has changed since. */
  inOrder: readonly Place[] | undefined;
  below: readonly string[] | undefined;
}

export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

export class PathTree {
  readonly #places = new Map<string, Place>();

  add(path: string): void {
    const place = this.#placeOf(path);
    touch(place);
    if (place.above === undefined || place.above.inside.has(place)) return;
    place.above.inside.add(place);
    place.above.inOrder = undefined;
  }

  remove(path: string): void {
    const place = this.#placeOf(path);
    touch(place);
    if (place.above?.inside.delete(place) === true) place.above.inOrder = undefined;
  }

  /** Something changed at this path. */
  touch(path: string): void {
    touch(this.#placeOf(path));
  }

  /** Grows with every change at this path and below. */
  revision(path: string): number {
    return this.#placeOf(path).revision;
  }

  parent(path: string): string {
    return this.#placeOf(path).above?.path ?? '/';
  }

  isEmpty(path: string): boolean {
    return this.#placeOf(path).inside.size === 0;
  }

  /** Names directly below, sorted. */
  list(path: string): readonly string[] {
    return inside(this.#placeOf(path)).map((p) => p.path.slice(p.path.lastIndexOf('/') + 1));
  }

  /** All paths below, sorted. */
  below(path: string): readonly string[] {
    return allBelow(this.#placeOf(path));
  }

  #placeOf(path: string): Place {
    const known = this.#places.get(path);
    if (known !== undefined) return known;
    const place: Place = {
      path,
      above: path === '/' ? undefined : this.#placeOf(parentOf(path)),
      inside: new Set(),
      revision: 0,
      inOrder: undefined,
      below: undefined,
    };
    this.#places.set(path, place);
    return place;
  }
}

function touch(place: Place): void {
  for (let at: Place | undefined = place; at !== undefined; at = at.above) {
    at.revision += 1;
    at.below = undefined;
  }
}

const inside = (place: Place): readonly Place[] =>
  (place.inOrder ??= [...place.inside].sort((a, b) => (a.path < b.path ? -1 : 1)));

const allBelow = (place: Place): readonly string[] =>
  (place.below ??= inside(place).flatMap((p) => [p.path, ...allBelow(p)]));
