/**
 * Brick paths, and those above them, of which nothing is known, or not what marks they carry. Owns the
 * meaning of the words of `stat` and `getfattr`: only "No such file" says that something is not there.
 */
import { NO_ANSWER, type PathFacts } from '../model/observed.ts';
import { isAbsolute } from './checked.ts';
import type { PathFrame } from './frame-names.ts';
import { readPaths, unescapeOctal } from './read-paths.ts';

interface AllPaths {
  readonly paths: ReadonlyMap<string, PathFacts>;
  readonly unreadPaths: ReadonlyMap<string, string>;
}

/**
 * Of all paths, wherever they were read: `suffixes` of the frames. `hung`: bricks that did not answer, a line
 * each.
 */
export function readAllPaths(
  suffixes: readonly string[],
  text: (frame: PathFrame, suffix: string) => string,
  hung: string,
): AllPaths {
  const all = suffixes.map((suffix) => {
    const paths = readPaths({
      paths: text('paths', suffix),
      xattrs: text('xattrs', suffix),
      entries: text('entries', suffix),
    });
    const unread = readUnreadPaths(paths, text('unread-paths', suffix), text('xattrs-status', suffix));
    return { paths, unread };
  });
  const silent = hung.split('\n').filter(isAbsolute);
  return {
    paths: new Map(all.flatMap(({ paths }) => [...paths])),
    unreadPaths: new Map([
      ...all.flatMap(({ unread }) => [...unread]),
      ...silent.map((path): [string, string] => [path, NO_ANSWER]),
    ]),
  };
}

/**
 * `unread`: lines of a reason and a path. `marks`: the exit code of getfattr, then its words.
 */
export function readUnreadPaths(
  paths: ReadonlyMap<string, PathFacts>,
  unread: string,
  marks: string,
): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const line of unread.split('\n')) {
    const split = line.indexOf('\t');
    const path = line.slice(split + 1);
    if (split > 0 && isAbsolute(path)) found.set(path, line.slice(0, split).slice(0, 300));
  }
  for (const [path, reason] of unreadMarks(paths, found, marks))
    if (!found.has(path)) found.set(path, reason);
  return found;
}

const NOT_THERE = /: (No such file or directory|Not a directory)$/;
/** A file system without extended attributes carries no marks. */
const WITHOUT_MARKS = /: Operation not supported$/;

/** Where it is not clear whose marks were not read, it is those of all. */
function unreadMarks(
  paths: ReadonlyMap<string, PathFacts>,
  unread: ReadonlyMap<string, string>,
  marks: string,
): readonly (readonly [path: string, reason: string])[] {
  const [code = '', ...said] = marks.split('\n').map((line) => line.trimEnd());
  const all = (reason: string): readonly (readonly [string, string])[] =>
    [...paths.keys()].map((path) => [path, reason]);
  const lines = said.filter((line) => line !== '');
  if (code === '127') return all('getfattr is not installed, so its marks were not read');
  // xargs answers 123 for a program that has failed on some.
  const isExplained = code === '0' || ((code === '1' || code === '123') && lines.length > 0);
  if (!isExplained) return all(`getfattr ended with code ${code.slice(0, 20)}`);
  return lines
    .filter((line) => !NOT_THERE.test(line) && !WITHOUT_MARKS.test(line))
    .flatMap((line) => {
      const text = unescapeOctal(line.replace(/^getfattr: /, ''));
      const isOf = (path: string): boolean => text.startsWith(`${path}: `);
      const path = [...paths.keys(), ...unread.keys()].filter(isOf).sort((a, b) => b.length - a.length)[0];
      return path === undefined
        ? all(text.slice(0, 300))
        : [[path, text.slice(path.length + 2).slice(0, 300)]];
    });
}
