/**
 * Reads a tar stream (ustar with GNU long names) in memory. Refuses nothing, because a damaged node must
 * still be readable: a damaged archive gives the entries before the damage, and is not `complete`.
 */
export interface TarEntry {
  readonly path: string;
  readonly kind: 'file' | 'directory' | 'other';
  readonly content: Buffer;
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
}

const BLOCK = 512;
const NOT_A_NUMBER = -1;

export function readTar(archive: Buffer): {
  readonly entries: readonly TarEntry[];
  readonly complete: boolean;
} {
  const entries: TarEntry[] = [];
  let longName: string | undefined;
  for (let at = 0; at + BLOCK <= archive.length;) {
    const header = archive.subarray(at, at + BLOCK);
    if (header.every((byte) => byte === 0)) return { entries, complete: true };
    const size = number(header, 124, 12);
    const end = at + BLOCK + size;
    if (size < 0 || !checksumHolds(header) || end > archive.length) return { entries, complete: false };
    const content = archive.subarray(at + BLOCK, end);
    const type = String.fromCharCode(header[156] ?? 0);
    if (type === 'L') longName = text(content, 0, content.length);
    else {
      entries.push({
        path: clean(longName ?? plainName(header)),
        kind: type === '5' ? 'directory' : type === '0' || type === '\0' ? 'file' : 'other',
        content,
        mode: number(header, 100, 8),
        mtime: number(header, 136, 12),
      });
      longName = undefined;
    }
    at += BLOCK + Math.ceil(size / BLOCK) * BLOCK;
  }
  return { entries, complete: false };
}

function plainName(header: Buffer): string {
  const name = text(header, 0, 100);
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? text(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

const clean = (path: string): string => path.replace(/^\.\//, '').replace(/\/+$/, '');

function text(buffer: Buffer, start: number, length: number): string {
  const end = buffer.indexOf(0, start);
  return buffer.toString('utf8', start, end === -1 || end > start + length ? start + length : end);
}

function number(buffer: Buffer, start: number, length: number): number {
  const first = buffer[start] ?? 0;
  if (first >= 0x80) {
    // Base 256; the first byte holds the sign. A negative or inexact number is neither a size nor a time.
    const value = Number(`0x${buffer.toString('hex', start + 1, start + length)}`);
    return first === 0x80 && Number.isSafeInteger(value) ? value : NOT_A_NUMBER;
  }
  const digits = text(buffer, start, length).trim();
  return /^[0-7]+$/.test(digits) ? parseInt(digits, 8) : digits === '' ? 0 : NOT_A_NUMBER;
}

function checksumHolds(header: Buffer): boolean {
  let sum = 0;
  header.forEach((byte, i) => {
    sum += i >= 148 && i < 156 ? 32 : byte;
  });
  return sum === number(header, 148, 8);
}
