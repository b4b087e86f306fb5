/**
 * The archive of a node's store, and what of it is not known. Owns the meaning of tar's words: only "No such
 * file" says that something is not there; whatever else keeps it from being read makes it unread.
 */
import type { Unread } from '../model/observed.ts';
import { readTar, type TarEntry } from './tar.ts';

/** One try; `status` is the exit code of tar, then its words, or "absent". */
interface Try {
  readonly archive: Buffer | undefined;
  readonly status: string;
}

interface ReadArchive {
  /** In order; undefined: there is no store. */
  readonly entries: readonly TarEntry[] | undefined;
  readonly unread: readonly Unread[];
}

export function readArchive({ archive, status }: Try): ReadArchive {
  const [code = '', ...said] = status.split('\n').map((line) => line.trimEnd());
  if (code === 'absent') return { entries: undefined, unread: [] };
  const unread = unreadOf(
    code,
    said.filter((line) => line !== ''),
  );
  const { entries, complete } = readTar(archive ?? Buffer.alloc(0));
  const isCutOff = !complete && unread.length === 0;
  return {
    entries: entries.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    unread: isCutOff ? [{ path: '.', reason: 'its archive is cut off' }] : unread,
  };
}

const ABSENT = /: Cannot stat: No such file or directory$/;
/** glusterd writes a file under such a name and moves it; nobody reads it. */
const REMOVED = /\.tmp: File removed before we read it$/;
const SUMMARY = /: Exiting with failure status due to previous errors$/;

/** Of an exit code that its words do not explain, nothing is known. */
function unreadOf(code: string, said: readonly string[]): readonly Unread[] {
  const reasons = said.filter((line) => ![ABSENT, REMOVED, SUMMARY].some((known) => known.test(line)));
  if (reasons.length > 0) return reasons.map(reasonOf);
  const explains = code === '1' ? REMOVED : code === '2' ? SUMMARY : undefined;
  const isExplained = code === '0' || said.some((line) => explains?.test(line) === true);
  return isExplained ? [] : [{ path: '.', reason: endWords(code) }];
}

/** `timeout` answers 124 or 137 when it had to end tar. */
const endWords = (code: string): string =>
  code === '124' || code === '137'
    ? 'its disk did not answer in time'
    : `tar ended with code ${code.slice(0, 20)}`;

/** "tar: vols/v/info: Cannot open: Input/output error". */
function reasonOf(line: string): Unread {
  const [, path, reason] = /^tar: (.+?): ((?:Cannot|File|file|Read error)\b.*)$/.exec(line) ?? [];
  if (path === undefined || reason === undefined) return { path: '.', reason: line.slice(0, 300) };
  return { path: path.slice(0, 300), reason: reason.slice(0, 300) };
}

const GONE = /: No such file or directory$/;
const ENDED = /^find ended with code 1$/;

/**
 * Why it is not known which transactions a node keeps; undefined: it is. A journal that is removed meanwhile
 * is a finished one.
 */
export function journalsUnread(said: string): string | undefined {
  const lines = said.split('\n').filter((line) => line !== '');
  const isExplained = lines.some((line) => GONE.test(line));
  return lines.find((line) => !GONE.test(line) && !(isExplained && ENDED.test(line)))?.slice(0, 300);
}
