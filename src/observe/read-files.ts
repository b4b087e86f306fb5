/**
 * What "find" has found: volfiles by their hashes, and those that are broken; modes of hooks; journals, their
 * states and owners. Owns how these lines are read; one that does not parse is left out.
 */
import { type LockOwner, TRANSACTION_STATES, type TransactionRecord } from '../model/transaction.ts';
import { staysInside } from './checked.ts';

interface Files {
  /** By path: the hash of a volfile, the mode of a hook. */
  readonly hashes: ReadonlyMap<string, string>;
  /** What is wrong with a volfile, by its path. */
  readonly brokenVolfiles: ReadonlyMap<string, string>;
  readonly transactions: readonly TransactionRecord[];
}

/** Lines that begin with a blank are of the file on the line before them. */
export function readFiles(text: string): Files {
  const hashes = new Map<string, string>();
  const said = new Map<string, string[]>();
  let path = '';
  for (const line of text.split('\n')) {
    if (line.startsWith(' ')) {
      said.get(path)?.push(line.slice(1));
      continue;
    }
    const [, digest, digested = ''] = DIGEST.exec(line) ?? MODE.exec(line) ?? [];
    path = digest === undefined ? line : '';
    if (digest === undefined) said.set(path, said.get(path) ?? []);
    else if (staysInside(digested)) hashes.set(digested, digest);
  }
  return { hashes, brokenVolfiles: brokenOf(said, hashes), transactions: transactionsOf(said) };
}

const DIGEST = /^([0-9a-f]{64}) [ *](.+)$/;
const MODE = /^(\d{3,4}) (hooks\/.+)$/;
const VOLFILE = /^vols\/.+\.vol$/;
const JOURNAL = /^\/var\/lib\/glusterctl\/transactions\/([0-9A-Za-z-]{1,64})\/(owner\.json|state)$/;
/** Of no bytes. */
const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

type Said = ReadonlyMap<string, readonly string[]>;

/** "cut", or "type" and a translator. */
function brokenOf(said: Said, hashes: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const empty = [...hashes].flatMap(([path, hash]): [string, string][] =>
    hash === EMPTY ? [[path, 'is empty']] : [],
  );
  const others = [...said].flatMap(([path, words]): [string, string][] => {
    if (!VOLFILE.test(path) || !staysInside(path)) return [];
    const type = words.find((word) => word.startsWith('type '))?.slice(5);
    if (words.includes('cut')) return [[path, 'is cut off']];
    return type === undefined ? [] : [[path, `names ${type}, which is not installed`]];
  });
  return new Map([...others, ...empty]);
}

/** A file without lines was listed, and no more is known of it. */
function transactionsOf(said: Said): readonly TransactionRecord[] {
  const byId = new Map<string, Map<string, string>>();
  for (const [path, words] of said) {
    const [, id, file] = JOURNAL.exec(path) ?? [];
    if (id === undefined || file === undefined) continue;
    const files = byId.get(id) ?? new Map<string, string>();
    byId.set(id, files.set(file, words.join('\n')));
  }
  return [...byId]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([id, files]) => ({
      id,
      state: TRANSACTION_STATES.find((s) => s === files.get('state')?.trim()) ?? 'unreadable',
      owner: readOwner(files.get('owner.json') ?? ''),
    }));
}

const TRANSACTION = /^[0-9A-Za-z-]{1,64}$/;

export function readOwner(text: string): LockOwner | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null) return undefined;
    const field = (key: string): unknown => (value as Record<string, unknown>)[key];
    const string = (key: string): string => {
      const found = field(key);
      return typeof found === 'string' ? found.slice(0, 256) : '';
    };
    const transaction = string('transaction');
    if (!TRANSACTION.test(transaction)) return undefined;
    const pid = field('pid');
    const without = field('without');
    const names = Array.isArray(without) ? without.filter((n) => typeof n === 'string') : [];
    return {
      transaction,
      user: string('user'),
      host: string('host'),
      pid: typeof pid === 'number' && Number.isSafeInteger(pid) && pid >= 0 ? pid : 0,
      since: string('since'),
      command: string('command'),
      ...(names.length > 0 && { without: names.slice(0, 256).map((n) => n.slice(0, 256)) }),
    };
  } catch {
    return undefined;
  }
}
