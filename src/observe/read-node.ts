/**
 * Makes one node's facts of its probe output. Pure: text in, value out. Refuses output that is cut off. Every
 * value from a node is hostile: one that does not parse is omitted, never executed, never trusted.
 */
import type { Result } from '../core/result.ts';
import { err, ok } from '../core/result.ts';
import { failure, type Failure } from '../core/failure.ts';
import type { NodeName } from '../model/names.ts';
import type {
  DaemonConfig,
  BaselineFacts,
  DrainMark,
  LockFacts,
  Memory,
  NodeFacts,
  PidFile,
  ServiceFacts,
} from '../model/observed.ts';
import { isAbsolute, isAddress, port, whole } from './checked.ts';
import {
  ALWAYS_FRAMES,
  BASELINE_FRAMES,
  type FrameName,
  type PathFrame,
  STORE_FRAMES,
} from './frame-names.ts';
import { splitFrames } from './frames.ts';
import { readGetState } from './get-state.ts';
import { BETWEEN_HOSTS } from './probe-baseline.ts';
import { journalsUnread, readArchive } from './read-archive.ts';
import { readFiles, readOwner } from './read-files.ts';
import { readFilesystems } from './read-paths.ts';
import { readProcesses } from './read-processes.ts';
import { readStore } from './read-store.ts';
import { readAllPaths } from './read-unread-paths.ts';

export interface ProbeAnswer {
  readonly node: NodeName;
  readonly nonce: string;
  readonly output: Buffer;
  /** Our clock when the script was sent and when its answer had arrived, in milliseconds. */
  readonly sentAt: number;
  readonly answeredAt: number;
  /** Known already, and not part of the request. */
  readonly baseline?: BaselineFacts | undefined;
}

export function readNode(answer: ProbeAnswer): Result<NodeFacts, Failure> {
  const split = splitFrames(answer.output, answer.nonce);
  if (!split.ok) return err(unreadable(answer.node, split.error));
  const bodies: Bodies = new Map(split.value.map((f) => [f.name, f.body]));
  const text = (name: FrameName): string => bodies.get(name)?.toString('utf8') ?? '';
  const [date = '', hostname = '', bootId = '', uid = '', ticks = ''] = text('meta').split('\n');
  if (uid !== '0') return err(notRoot(answer.node, uid));
  if (bodies.has('no-scratch')) return err(noScratch(answer.node));
  if (bodies.has('lacking')) return err(lacksPrograms(answer.node, text('lacking')));
  if (bodies.has('elsewhere')) return err(relocated(answer.node, text('elsewhere')));
  const journals = journalsUnread(text('journals'));
  if (journals !== undefined) return err(unreadable(answer.node, `its journals: ${journals}`));
  const { baseline } = answer;
  const required = baseline === undefined ? [...ALWAYS_FRAMES, ...BASELINE_FRAMES] : ALWAYS_FRAMES;
  const missing = required.find((name) => !bodies.has(name));
  const clock = baseline === undefined ? whole(date) : 0;
  if (missing !== undefined || clock === undefined)
    return err(
      unreadable(
        answer.node,
        missing === undefined
          ? `its clock says ${JSON.stringify(date.slice(0, 40))}`
          : `the output has no part named "${missing}"`,
      ),
    );
  const tried = STORE_FRAMES.findLast((name) => bodies.has(`${name}-status`)) ?? 'store';
  const { entries, unread } = readArchive({ archive: bodies.get(tried), status: text(`${tried}-status`) });
  const files = readFiles(text('files'));
  const hashes = baseline?.store.hashes ?? files.hashes;
  return ok({
    node: answer.node,
    clockSkewMs: baseline?.clockSkewMs ?? Math.round(clock - (answer.sentAt + answer.answeredAt) / 2),
    hostname,
    bootId,
    ticks: whole(ticks) ?? 0,
    version: /glusterfs (\d[\w.+~-]*)/.exec(text('version'))?.[1],
    store: readStore(entries, true, hashes, unread),
    memory: readMemory(bodies.has('said') ? text('said') : undefined, text('state')),
    ...readProcesses(split.value, text('tcp'), text('holders')),
    pidFiles: readPidFiles(text('pidfiles')),
    sockets: text('sockets-dir').split('\n').filter(isRunFile),
    ...pathsOf(bodies, baseline),
    service: readService(text('service')),
    resolves: baseline?.resolves ?? readResolves(text('resolve')),
    addresses: readAddresses(text('addresses')),
    daemonConfig: baseline?.daemonConfig ?? readDaemonConfig(text('config'), text('unit'), text('unmounted')),
    lock: baseline?.lock ?? readLock(text('lock'), text('owner')),
    ...(bodies.has('drained') && { drained: readDrainMark(text('drained')) }),
    transactions: baseline?.transactions ?? files.transactions,
    brokenVolfiles: baseline?.brokenVolfiles ?? files.brokenVolfiles,
    marked: readMarked(text('marked')),
    optionCatalogue: bodies.has('catalogue') ? readCatalogue(text('catalogue')) : undefined,
  });
}

/** Read by the names that the script writes. */
interface Bodies {
  get(name: FrameName | `${PathFrame}${string}`): Buffer | undefined;
  has(name: FrameName): boolean;
  keys(): Iterable<string>;
}

/** Frames of paths that were read alone have a number behind their names. */
function pathsOf(
  bodies: Bodies,
  baseline: BaselineFacts | undefined,
): Pick<NodeFacts, 'paths' | 'unreadPaths' | 'filesystems'> {
  if (baseline !== undefined) {
    const { paths, unreadPaths, filesystems } = baseline;
    return { paths, unreadPaths, filesystems };
  }
  const text = (frame: PathFrame, suffix: string): string =>
    bodies.get(`${frame}${suffix}`)?.toString('utf8') ?? '';
  const suffixes = [...bodies.keys()].flatMap((name) => /^paths(-\d+)?$/.exec(name)?.[0].slice(5) ?? []);
  const filesystems = suffixes.map((suffix) => text('filesystems', suffix)).join('\n');
  return {
    ...readAllPaths(suffixes, text, bodies.get('hung')?.toString('utf8') ?? ''),
    filesystems: readFilesystems(filesystems, bodies.get('mounts')?.toString('utf8') ?? ''),
  };
}

const unreadable = (node: NodeName, cause: string): Failure =>
  failure('node-unreadable', `${node} could not be read`, {
    node,
    cause,
    fix: `run "ssh ${node} true" and check for a login message or a full disk`,
  });

const noScratch = (node: NodeName): Failure =>
  failure('node-unreadable', `${node} could not be read`, {
    node,
    cause: 'no directory can be made in /run, which the answer of glusterd needs',
    fix: `run "ssh ${node} df /run"`,
  });

const lacksPrograms = (node: NodeName, programs: string): Failure =>
  failure('node-unreadable', `${node} could not be read`, {
    node,
    cause: `programs that this takes are not installed there: ${programs.trim().slice(0, 300)}`,
    fix: 'install them',
  });

const relocated = (node: NodeName, directory: string): Failure =>
  failure('node-unreadable', `${node} keeps its store in an unsupported directory`, {
    node,
    cause: `glusterd.vol says ${directory.trim().slice(0, 300)}`,
    fix: 'only /var/lib/glusterd and /var/run/gluster are supported; nothing was changed',
  });

const notRoot = (node: NodeName, uid: string): Failure =>
  failure('privilege-denied', `the login on ${node} is not root (uid ${uid})`, {
    node,
    fix: 'log in as root (ssh.user: root) or let the login use sudo without a password (ssh.become: true)',
  });

/** `timeout` answers 124 or 137 when it had to end the command: glusterd did not answer. */
function readMemory(answer: string | undefined, state: string): Memory {
  if (answer === undefined) return { kind: 'absent', detail: 'no gluster program is installed' };
  const [code = '', ...rest] = answer.trim().split('\n');
  const detail = rest.join(' ').slice(0, 300);
  if (code === '124' || code === '137') return { kind: 'hung', detail: 'gluster get-state got no answer' };
  if (code !== '0')
    return { kind: 'down', detail: detail === '' ? `gluster get-state: exit ${code}` : detail };
  const read = readGetState(state);
  return read.ok ? { kind: 'up', state: read.value } : { kind: 'down', detail: read.error };
}

const isRunFile = (path: string): boolean => isAbsolute(path) && path !== '/';

const readPidFiles = (text: string): readonly PidFile[] => [
  ...new Map(
    text.split('\n').flatMap((line): [string, PidFile][] => {
      const match = /^(\d+) ([01]) (.+)$/.exec(line);
      if (match?.[3] === undefined || !isRunFile(match[3])) return [];
      const pid = whole(match[1]) ?? 0;
      return [[match[3], { path: match[3], pid: pid === 0 ? undefined : pid, alive: match[2] === '1' }]];
    }),
  ).values(),
];

function readService(text: string): ServiceFacts {
  const [manager = 'none', ...rest] = text.trim().split('\n');
  const fields = new Map(
    rest.map((l): [string, string] => [l.slice(0, l.indexOf('=')), l.slice(l.indexOf('=') + 1)]),
  );
  return {
    manager: manager === 'systemd' || manager === 'sysv' ? manager : 'none',
    active: fields.get('ActiveState') ?? '',
    result: fields.get('Result') ?? '',
  };
}

/**
 * First all hosts, each behind an "@"; then the answers of `getent` in that order, with a known address
 * between them.
 */
function readResolves(text: string): ReadonlyMap<string, readonly string[]> {
  const lines = text.split('\n');
  const hosts = lines.filter((line) => line.startsWith('@')).map((line) => line.slice(1));
  const found = new Map<string, readonly string[]>();
  let current = new Set<string>();
  for (const line of lines) {
    const [address = '', type] = line.split(/\s+/);
    if (address !== BETWEEN_HOSTS) {
      if (isAddress(address)) current.add(address);
    } else if (type === 'STREAM') {
      const host = hosts[found.size];
      if (host !== undefined) found.set(host, [...current]);
      current = new Set();
    }
  }
  return found;
}

/**
 * fib_trie names a local IPv4 address on the line above "/32 host LOCAL"; if_inet6 starts with 32 hex digits.
 */
function readAddresses(text: string): readonly string[] {
  const found = new Set<string>();
  let above = '';
  for (const line of text.split('\n')) {
    const v4 = line.trim().endsWith('/32 host LOCAL') ? above : '';
    if (v4.includes('.') && isAddress(v4)) found.add(v4);
    const v6 = /^([0-9a-f]{32})(?: |$)/.exec(line.trim())?.[1];
    if (v6 !== undefined) found.add(compressV6(v6));
    above = line.trim().split(/\s/).at(-1) ?? '';
  }
  return [...found];
}

/** Canonical text of an IPv6 address (RFC 5952), as getent prints it. */
function compressV6(hex: string): string {
  const groups = (hex.match(/.{4}/g) ?? []).map((g) => g.replace(/^0{1,3}/, ''));
  const plain = groups.join(':');
  const zeros = [...plain.matchAll(/(?:^|:)(0(?::0)+)(?=:|$)/g)].map((m) => m[1] ?? '');
  const longest = zeros.sort((a, b) => b.length - a.length)[0];
  if (longest === undefined) return plain;
  return plain.replace(new RegExp(`(^|:)${longest}(:|$)`), '::');
}

/**
 * `unit`: a first line "unit" where there is a unit, then the KillMode lines of it and of its drop-ins; the
 * last one counts.
 */
function readDaemonConfig(raw: string, unit: string, unmounted: string): DaemonConfig {
  const options = new Map<string, string>();
  for (const line of raw.split('\n')) {
    const [word, key, value] = line.trim().split(/\s+/, 3);
    if (word === 'option' && key !== undefined && value !== undefined && !options.has(key))
      options.set(key, value);
  }
  const int = (key: string, fallback: number): number => port(options.get(key)) ?? fallback;
  const killModes = [...unit.matchAll(/^\s*KillMode\s*=\s*(\S+)\s*$/gm)].map((m) => m[1]);
  const [mountPoint = ''] = unmounted.split('\n');
  return {
    listenPort: int('transport.socket.listen-port', 24007),
    basePort: int('base-port', 49152),
    maxPort: int('max-port', 65535),
    raw,
    killMode: unit.startsWith('unit') ? (killModes.at(-1) ?? 'control-group') : undefined,
    unmounted: isAbsolute(mountPoint) ? mountPoint : undefined,
  };
}

/** "free" or "held", then the pid of the process that has the lock's file open as a holder does. */
function readLock(lock: string, owner: string): LockFacts | undefined {
  const [state = '', pid = ''] = lock.split('\n');
  if (state !== 'free' && state !== 'held') return undefined;
  return {
    held: state === 'held',
    pid: whole(pid),
    owner: readOwner(owner),
  };
}

/** One that cannot be understood still says that somebody works on the node. */
export function readDrainMark(text: string): DrainMark {
  const string = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 256) : '');
  try {
    const value: unknown = JSON.parse(text);
    const fields = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    return { who: string(fields['who']), when: string(fields['when']), why: string(fields['why']) };
  } catch {
    return { who: '', when: '', why: '' };
  }
}

const readMarked = (text: string): NodeFacts['marked'] =>
  text.split('\n').flatMap((line) => {
    const match = /^\/proc\/(\d+)\/environ GLUSTERCTL_TRANSACTION=([0-9A-Za-z-]{1,64})$/.exec(line);
    const pid = whole(match?.[1]);
    return match?.[2] === undefined || pid === undefined || pid === 0 ? [] : [{ pid, transaction: match[2] }];
  });

/** `gluster volume set help-xml`: `<option><name>…</name><defaultValue>…`. */
function readCatalogue(xml: string): ReadonlyMap<string, string> | undefined {
  const found = new Map<string, string>();
  for (const match of xml.matchAll(
    /<name>([^<]{1,200})<\/name>(?:\s*<defaultValue>([^<]*)<\/defaultValue>)?/g,
  ))
    found.set((match[1] ?? '').trim(), (match[2] ?? '').trim());
  return found.size === 0 ? undefined : found;
}
