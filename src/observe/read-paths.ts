/**
 * Brick paths and file systems of a node. Owns how the output of `stat`, `getfattr`, `ls` and mountinfo
 * becomes facts.
 */
import type { FilesystemFacts, PathFacts } from '../model/observed.ts';
import { clamped, isAbsolute, large, whole } from './checked.ts';

interface PathFrames {
  readonly paths: string;
  readonly xattrs: string;
  readonly entries: string;
}

export function readPaths(frames: PathFrames): ReadonlyMap<string, PathFacts> {
  const xattrs = readXattrs(frames.xattrs);
  const entries = readEntries(frames.entries);
  const lone = readLone(frames.entries);
  const facts = new Map<string, PathFacts>();
  for (const line of frames.paths.split('\n')) {
    const [device, inode, type, mountPoint, ...rest] = line.split('\t');
    const path = rest.join('\t');
    const deviceId = large(device);
    if (!isAbsolute(path) || mountPoint === undefined || deviceId === undefined) continue;
    const attributes = xattrs.get(path);
    const listed = entries.get(path);
    facts.set(path, {
      path,
      kind: type === 'directory' ? 'directory' : type?.startsWith('regular') === true ? 'file' : 'other',
      device: deviceId,
      inode: large(inode) ?? 0,
      mountPoint,
      volumeId: attributes?.volumeId,
      gfid: attributes?.gfid ?? false,
      ...(attributes?.ecVersion !== undefined && { ecVersion: attributes.ecVersion }),
      ...(attributes?.takesFiles !== undefined && { takesFiles: attributes.takesFiles }),
      ...(lone.has(path) && { isLone: lone.get(path) }),
      entries: listed?.names,
      ...(listed?.hidden !== undefined && { hidden: listed.hidden }),
      pendingHeals: listed?.heals,
    });
  }
  return facts;
}

interface Attributes {
  volumeId?: string;
  gfid: boolean;
  ecVersion?: number;
  takesFiles?: boolean;
}

/**
 * The output of `getfattr -e hex`: `# file: PATH`, then `name=0xHEX` lines; special characters in PATH are
 * written as \ooo.
 */
function readXattrs(text: string): ReadonlyMap<string, Attributes> {
  const found = new Map<string, Attributes>();
  let current: Attributes | undefined;
  for (const line of text.split('\n')) {
    if (line.startsWith('# file: ')) {
      current = { gfid: false };
      found.set(unescapeOctal(line.slice(8)), current);
    } else if (current !== undefined) {
      const hex = /^trusted\.glusterfs\.volume-id=0x([0-9a-f]{32})$/i.exec(line)?.[1];
      if (hex !== undefined) current.volumeId = hexToUuid(hex);
      if (line.startsWith('trusted.gfid=')) current.gfid = true;
      const version = /^trusted\.ec\.version=0x([0-9a-f]{16})[0-9a-f]{16}$/i.exec(line)?.[1];
      if (version !== undefined) current.ecVersion = Number.parseInt(version, 16);
      const range = /^trusted\.glusterfs\.dht=0x[0-9a-f]{16}([0-9a-f]{16})$/i.exec(line)?.[1];
      if (range !== undefined) current.takesFiles = /[1-9a-f]/i.test(range);
    }
  }
  return found;
}

/**
 * Brick → whether all names in its directories lead there. `getfattr` prints of some directories in each
 * brick, as `readXattrs` says, behind the lines of entries.
 */
function readLone(text: string): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  let brick = '';
  for (const line of text.split('\n'))
    if (line.startsWith('# file: ')) brick = unescapeOctal(line.slice(8)).replace(/\/[^/]*$/, '');
    else if (line.startsWith('trusted.glusterfs.dht='))
      found.set(brick, found.get(brick) !== false && /=0x[0-9a-f]{8}0{16}f{8}$/i.test(line));
  return found;
}

/** As getfattr and the kernel write special characters: \ooo. */
export const unescapeOctal = (path: string): string =>
  path.includes('\\')
    ? Buffer.from(
        path.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8))),
        'latin1',
      ).toString('utf8')
    : path;

export const hexToUuid = (hex: string): string =>
  hex.toLowerCase().replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

interface Listed {
  readonly names: readonly string[];
  readonly hidden: string | undefined;
  readonly heals: number | undefined;
}

/** Lines of heals, names, what they hide, and the path. */
function readEntries(text: string): ReadonlyMap<string, Listed> {
  const found = new Map<string, Listed>();
  for (const line of text.split('\n')) {
    const first = line.indexOf('\t');
    const last = line.lastIndexOf('\t');
    if (first === -1 || last === first) continue;
    const [names = '', hidden = ''] = line.slice(first + 1, last).split('\t');
    found.set(line.slice(last + 1), {
      names: names.split('/').filter((n) => n !== ''),
      hidden: hidden === '' ? undefined : hidden.replace(/^[.][/]/, ''),
      heals: whole(line.slice(0, first)),
    });
  }
  return found;
}

export function readFilesystems(text: string, mountinfo: string): ReadonlyMap<string, FilesystemFacts> {
  const readOnly = readOnlyMounts(mountinfo);
  const facts = new Map<string, FilesystemFacts>();
  for (const line of text.split('\n')) {
    const [block, available, total, inodes, ...rest] = line.split('\t');
    const path = rest.join('\t');
    const [size, free, all, freeInodes] = [large(block), large(available), large(total), large(inodes)];
    if (!isAbsolute(path) || size === undefined || free === undefined) continue;
    if (all === undefined || freeInodes === undefined) continue;
    facts.set(path, {
      path,
      freeBytes: clamped(size * free),
      totalBytes: clamped(size * all),
      freeInodes,
      readOnly: readOnly(path),
    });
  }
  return facts;
}

/**
 * Whether the file system of a path is mounted read-only: the longest mount point above it decides.
 */
function readOnlyMounts(mountinfo: string): (path: string) => boolean {
  const mounts = mountinfo
    .split('\n')
    .map((line) => {
      const [before = '', after = ''] = line.split(' - ');
      const fields = before.split(' ');
      const superOptions = after.split(' ')[2] ?? '';
      const ro = [...(fields[5] ?? '').split(','), ...superOptions.split(',')].includes('ro');
      return { point: unescapeOctal(fields[4] ?? ''), ro };
    })
    .filter((m) => m.point !== '')
    .sort((a, b) => b.point.length - a.point.length);
  return (path) =>
    mounts.find((m) => m.point === '/' || path === m.point || path.startsWith(`${m.point}/`))?.ro ?? false;
}
