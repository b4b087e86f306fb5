/**
 * One node's files: directories, files, extended attributes, mounts, and the ways in which a disk says no.
 * Owns the errno words; knows nothing of gluster. Contents are text, because everything gluster's store is
 * made of is.
 */
export interface Entry {
  readonly kind: 'file' | 'directory';
  readonly content: string;
  /** Of the content, once somebody has asked. */
  sha256?: string;
  readonly inode: number;
  readonly mtime: number;
  readonly xattrs: Map<string, string>;
}

export interface Mount {
  readonly point: string;
  readonly device: number;
  readonly totalBytes: number;
  full: boolean;
  readOnly: boolean;
}

/** Undefined: it went well; otherwise the words of the errno. */
export type DiskError =
  | 'No space left on device'
  | 'Operation not permitted'
  | 'Read-only file system'
  | 'No such file or directory';

export interface Disk {
  readonly entries: ReadonlyMap<string, Entry>;
  /** Grows with every change at this path and below. */
  revision(path: string): number;
  readonly mounts: Mount[];
  readonly immutable: Set<string>;
  has(path: string): boolean;
  isDirectory(path: string): boolean;
  read(path: string): string | undefined;
  /**
   * As glusterd and our scripts write: to a temporary name, then renamed; directories above must be there.
   */
  write(path: string, content: string): DiskError | undefined;
  /** One level: the parent must be there. Nothing to do where it is there already. */
  mkdir(path: string): DiskError | undefined;
  mkdirs(path: string): DiskError | undefined;
  /** With everything below; what cannot be removed stays, and the first error is told. */
  remove(path: string): DiskError | undefined;
  rename(from: string, to: string): DiskError | undefined;
  setXattr(path: string, name: string, value: string): DiskError | undefined;
  removeXattr(path: string, name: string): DiskError | undefined;
  /** Names directly below, sorted. */
  list(path: string): readonly string[];
  /** All paths below, sorted. */
  below(path: string): readonly string[];
  mountOf(path: string): Mount;
  /** Whether a write at this path would fail, and how. */
  refuses(path: string): DiskError | undefined;
}

/** Where an entry is or was: kept, so that a revision only grows and a path is taken apart once. */
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

export function makeDisk(now: () => number, device: number): Disk {
  const root: Mount = { point: '/', device, totalBytes: 8 * 1024 ** 3, full: false, readOnly: false };
  const mounts: Mount[] = [root];
  const entries = new Map<string, Entry>();
  const immutable = new Set<string>();
  const places = new Map<string, Place>();
  let inode = 2;

  const placeOf = (path: string): Place => {
    const known = places.get(path);
    if (known !== undefined) return known;
    const above = path === '/' ? undefined : placeOf(parentOf(path));
    const place: Place = {
      path,
      above,
      inside: new Set(),
      revision: 0,
      inOrder: undefined,
      below: undefined,
    };
    places.set(path, place);
    return place;
  };
  const changed = (place: Place): void => {
    for (let at: Place | undefined = place; at !== undefined; at = at.above) {
      at.revision += 1;
      at.below = undefined;
    }
  };
  const link = (path: string, entry: Entry): void => {
    const place = placeOf(path);
    entries.set(path, entry);
    changed(place);
    if (place.above === undefined || place.above.inside.has(place)) return;
    place.above.inside.add(place);
    place.above.inOrder = undefined;
  };
  const unlink = (path: string): void => {
    const place = placeOf(path);
    entries.delete(path);
    changed(place);
    if (place.above?.inside.delete(place) === true) place.above.inOrder = undefined;
  };

  const add = (path: string, kind: Entry['kind'], content: string): void => {
    link(path, { kind, content, inode: inode++, mtime: Math.floor(now() / 1000), xattrs: new Map() });
  };
  add('/', 'directory', '');

  const mountOf = (path: string): Mount => {
    let best = root;
    for (const m of mounts)
      if (m.point.length > best.point.length && (path === m.point || path.startsWith(`${m.point}/`)))
        best = m;
    return best;
  };
  const refuses = (path: string): DiskError | undefined => {
    const above = placeOf(path).above?.path ?? '/';
    if (entries.get(above)?.kind !== 'directory') return 'No such file or directory';
    const { readOnly, full } = mountOf(path);
    if (readOnly) return 'Read-only file system';
    if (immutable.has(path) || immutable.has(above)) return 'Operation not permitted';
    return full ? 'No space left on device' : undefined;
  };
  const mkdir = (path: string): DiskError | undefined => {
    if (entries.has(path)) return undefined;
    const refused = refuses(path);
    if (refused === undefined) add(path, 'directory', '');
    return refused;
  };
  const inside = (place: Place): readonly Place[] =>
    (place.inOrder ??= [...place.inside].sort((a, b) => (a.path < b.path ? -1 : 1)));
  const allBelow = (place: Place): readonly string[] =>
    (place.below ??= inside(place).flatMap((p) => [p.path, ...allBelow(p)]));
  const below = (path: string): readonly string[] => allBelow(placeOf(path));
  const mayRemove = (path: string): DiskError | undefined => {
    const refused = refuses(path);
    return refused === 'No space left on device' ? undefined : refused;
  };
  const removeOne = (path: string): DiskError | undefined => {
    if (placeOf(path).inside.size > 0) return 'Operation not permitted';
    const refused = mayRemove(path);
    if (refused === undefined) unlink(path);
    return refused;
  };

  return {
    entries,
    revision: (path) => placeOf(path).revision,
    mounts,
    immutable,
    has: (path) => entries.has(path),
    isDirectory: (path) => entries.get(path)?.kind === 'directory',
    read: (path) => (entries.get(path)?.kind === 'file' ? entries.get(path)?.content : undefined),
    write(path, content) {
      const refused = refuses(path);
      if (refused === undefined) add(path, 'file', content);
      return refused;
    },
    mkdir,
    mkdirs(path) {
      const missing: string[] = [];
      for (let at = path; !entries.has(at); at = parentOf(at)) missing.unshift(at);
      for (const at of missing) {
        const refused = mkdir(at);
        if (refused !== undefined) return refused;
      }
      return undefined;
    },
    remove(path) {
      if (!entries.has(path)) return undefined;
      const errors = [...below(path).toReversed(), path].map(removeOne);
      return errors.find((e) => e !== undefined);
    },
    rename(from, to) {
      const refused = mayRemove(from) ?? mayRemove(to);
      if (refused !== undefined) return refused;
      for (const path of [from, ...below(from)]) {
        const entry = entries.get(path);
        if (entry === undefined) continue;
        unlink(path);
        link(to + path.slice(from.length), entry);
        if (immutable.delete(path)) immutable.add(to + path.slice(from.length));
      }
      return undefined;
    },
    setXattr(path, name, value) {
      if (immutable.has(path)) return 'Operation not permitted';
      if (mountOf(path).readOnly) return 'Read-only file system';
      changed(placeOf(path));
      entries.get(path)?.xattrs.set(name, value);
      return entries.has(path) ? undefined : 'No such file or directory';
    },
    removeXattr(path, name) {
      if (immutable.has(path)) return 'Operation not permitted';
      changed(placeOf(path));
      entries.get(path)?.xattrs.delete(name);
      return undefined;
    },
    list: (path) => inside(placeOf(path)).map((p) => p.path.slice(p.path.lastIndexOf('/') + 1)),
    below,
    mountOf,
    refuses,
  };
}
