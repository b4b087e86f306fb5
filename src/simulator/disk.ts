/**
 * One node's files: directories, files, extended attributes, mounts, and the ways in which a disk refuses.
 * Owns the errno words; knows nothing of gluster. Contents are text, as everything in gluster's store.
 */
import { parentOf, PathTree } from './path-tree.ts';

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
  /** To a temporary name, then renamed, as glusterd and our scripts write; the parent must be there. */
  write(path: string, content: string): DiskError | undefined;
  /** One level: the parent must be there. Nothing to do where it is there already. */
  mkdir(path: string): DiskError | undefined;
  mkdirs(path: string): DiskError | undefined;
  /** With everything below; what cannot be removed stays, and the first error is returned. */
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

export const makeDisk = (now: () => number, device: number): Disk => new ModelDisk(now, device);

class ModelDisk implements Disk {
  readonly entries = new Map<string, Entry>();
  readonly mounts: Mount[];
  readonly immutable = new Set<string>();
  readonly #root: Mount;
  readonly #tree = new PathTree();
  readonly #now: () => number;
  #inode = 2;

  constructor(now: () => number, device: number) {
    this.#now = now;
    this.#root = { point: '/', device, totalBytes: 8 * 1024 ** 3, full: false, readOnly: false };
    this.mounts = [this.#root];
    this.#add('/', 'directory', '');
  }

  revision(path: string): number {
    return this.#tree.revision(path);
  }

  has(path: string): boolean {
    return this.entries.has(path);
  }

  isDirectory(path: string): boolean {
    return this.entries.get(path)?.kind === 'directory';
  }

  read(path: string): string | undefined {
    const entry = this.entries.get(path);
    return entry?.kind === 'file' ? entry.content : undefined;
  }

  write(path: string, content: string): DiskError | undefined {
    const refused = this.refuses(path);
    if (refused === undefined) this.#add(path, 'file', content);
    return refused;
  }

  mkdir(path: string): DiskError | undefined {
    if (this.entries.has(path)) return undefined;
    const refused = this.refuses(path);
    if (refused === undefined) this.#add(path, 'directory', '');
    return refused;
  }

  mkdirs(path: string): DiskError | undefined {
    const missing: string[] = [];
    for (let at = path; !this.entries.has(at); at = parentOf(at)) missing.unshift(at);
    for (const at of missing) {
      const refused = this.mkdir(at);
      if (refused !== undefined) return refused;
    }
    return undefined;
  }

  remove(path: string): DiskError | undefined {
    if (!this.entries.has(path)) return undefined;
    const errors = [...this.below(path).toReversed(), path].map((p) => this.#removeOne(p));
    return errors.find((e) => e !== undefined);
  }

  rename(from: string, to: string): DiskError | undefined {
    const refused = this.#mayRemove(from) ?? this.#mayRemove(to);
    if (refused !== undefined) return refused;
    for (const path of [from, ...this.below(from)]) {
      const entry = this.entries.get(path);
      if (entry === undefined) continue;
      this.#unlink(path);
      this.#link(to + path.slice(from.length), entry);
      if (this.immutable.delete(path)) this.immutable.add(to + path.slice(from.length));
    }
    return undefined;
  }

  setXattr(path: string, name: string, value: string): DiskError | undefined {
    if (this.immutable.has(path)) return 'Operation not permitted';
    if (this.mountOf(path).readOnly) return 'Read-only file system';
    this.#tree.touch(path);
    this.entries.get(path)?.xattrs.set(name, value);
    return this.entries.has(path) ? undefined : 'No such file or directory';
  }

  removeXattr(path: string, name: string): DiskError | undefined {
    if (this.immutable.has(path)) return 'Operation not permitted';
    this.#tree.touch(path);
    this.entries.get(path)?.xattrs.delete(name);
    return undefined;
  }

  list(path: string): readonly string[] {
    return this.#tree.list(path);
  }

  below(path: string): readonly string[] {
    return this.#tree.below(path);
  }

  mountOf(path: string): Mount {
    let best = this.#root;
    for (const m of this.mounts)
      if (m.point.length > best.point.length && (path === m.point || path.startsWith(`${m.point}/`)))
        best = m;
    return best;
  }

  refuses(path: string): DiskError | undefined {
    const above = this.#tree.parent(path);
    if (this.entries.get(above)?.kind !== 'directory') return 'No such file or directory';
    const { readOnly, full } = this.mountOf(path);
    if (readOnly) return 'Read-only file system';
    if (this.immutable.has(path) || this.immutable.has(above)) return 'Operation not permitted';
    return full ? 'No space left on device' : undefined;
  }

  #add(path: string, kind: Entry['kind'], content: string): void {
    const mtime = Math.floor(this.#now() / 1000);
    this.#link(path, { kind, content, inode: this.#inode++, mtime, xattrs: new Map() });
  }

  #link(path: string, entry: Entry): void {
    this.entries.set(path, entry);
    this.#tree.add(path);
  }

  #unlink(path: string): void {
    this.entries.delete(path);
    this.#tree.remove(path);
  }

  /** A full disk still lets go of entries. */
  #mayRemove(path: string): DiskError | undefined {
    const refused = this.refuses(path);
    return refused === 'No space left on device' ? undefined : refused;
  }

  #removeOne(path: string): DiskError | undefined {
    if (!this.#tree.isEmpty(path)) return 'Operation not permitted';
    const refused = this.#mayRemove(path);
    if (refused === undefined) this.#unlink(path);
    return refused;
  }
}
