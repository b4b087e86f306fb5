/**
 * Gluster processes of a node, and who else listens on it, from /proc. Owns how argv, listening ports and
 * roles are read; refuses to trust a pid file.
 */
import type { BrickArgv, GlusterProcess, PortHolder } from '../model/observed.ts';
import { isBrickPath, port, whole } from './checked.ts';
import type { Frame } from './frames.ts';

/** `tcp`: lines of sockets that listen; `holders`: whose the sockets are, as far as it was asked. */
export function readProcesses(
  frames: readonly Frame[],
  tcp: string,
  holders: string,
): {
  readonly processes: readonly GlusterProcess[];
  readonly otherPorts: ReadonlyMap<number, PortHolder>;
} {
  const sockets = listeningSockets(tcp);
  const found = new Map<number, { stat: string; argv: readonly string[]; cgroup: string; fds: string }>();
  for (const frame of frames) {
    const match = /^(process|argv|cgroup|sockets) (\d+)$/.exec(frame.name);
    if (match === null) continue;
    const pid = whole(match[2]) ?? 0;
    if (pid === 0) continue;
    const entry = found.get(pid) ?? { stat: '', argv: [], cgroup: '', fds: '' };
    found.set(pid, entry);
    if (match[1] === 'process') entry.stat = frame.body.toString('latin1');
    else if (match[1] === 'argv') entry.argv = splitArgv(frame.body);
    else if (match[1] === 'cgroup') entry.cgroup = frame.body.toString('latin1');
    else entry.fds = frame.body.toString('latin1');
  }
  const own = new Set<string>();
  const processes = [...found].flatMap(([pid, { stat, argv, cgroup, fds }]) => {
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const startTicks = whole(fields[19]);
    if (argv.length === 0 || startTicks === undefined) return [];
    const inodes = [...fds.matchAll(/\[(\d+)\]/g)].map((m) => m[1] ?? '');
    for (const inode of inodes) own.add(inode);
    const role = roleOf(argv);
    return [
      {
        pid,
        startTicks,
        state: fields[0] ?? '?',
        argv,
        role,
        brick: role === 'brick' ? readBrickArgv(argv) : undefined,
        ports: [...new Set(inodes.flatMap((inode) => sockets.get(inode)?.port ?? []))].sort((a, b) => a - b),
        cgroup: /^(?:0::|1:name=systemd:)(.*)$/m.exec(cgroup)?.[1] ?? '',
      },
    ];
  });
  return { processes, otherPorts: readOtherPorts(sockets, own, readHolders(holders)) };
}

/** Sockets of gluster's processes are not in it, nor those of one that began after they were read. */
function readOtherPorts(
  sockets: ReadonlyMap<string, ListeningSocket>,
  own: ReadonlySet<string>,
  holders: ReadonlyMap<string, PortHolder>,
): ReadonlyMap<number, PortHolder> {
  const others = new Map<number, PortHolder>();
  const ownPorts = new Set([...own].map((inode) => sockets.get(inode)?.port));
  for (const [inode, { port, address }] of sockets) {
    const holder = holders.get(inode);
    if (own.has(inode) || ownPorts.has(port) || !IN_THE_WAY.test(address)) continue;
    if (holder !== undefined || !others.has(port)) others.set(port, holder ?? UNKNOWN);
  }
  return others;
}

const UNKNOWN: PortHolder = { pid: undefined, name: '' };

/** "INODE PID NAME", the name as /proc/PID/comm has it: any text. */
function readHolders(text: string): ReadonlyMap<string, PortHolder> {
  const holders = new Map<string, PortHolder>();
  for (const line of text.split('\n')) {
    const [, inode = '', pid, name = ''] = /^(\d+) (\d+) (.*)$/.exec(line) ?? [];
    if (inode !== '' && !holders.has(inode)) holders.set(inode, { pid: whole(pid), name });
  }
  return holders;
}

function splitArgv(body: Buffer): readonly string[] {
  const words = body.toString('utf8').split('\0');
  if (words.at(-1) === '') words.pop();
  return words;
}

function roleOf(argv: readonly string[]): GlusterProcess['role'] {
  const program = (argv[0] ?? '').split('/').at(-1);
  if (program === 'glusterd') return 'glusterd';
  if (program === 'glusterfsd' && argv.includes('--brick-name')) return 'brick';
  const volfile = argv[argv.indexOf('--volfile-id') + 1] ?? '';
  if (argv.includes('--volfile-id') && volfile.startsWith('shd/')) return 'self-heal';
  return program === 'glusterfs' || program === 'glusterfsd' ? 'client' : 'other';
}

/** Argv of a brick in glusterd_volume_start_glusterfs: every flag is followed by its value. */
function readBrickArgv(argv: readonly string[]): BrickArgv | undefined {
  const after = (flag: string): string => argv[argv.indexOf(flag) + 1] ?? '';
  const flags = ['-s', '--volfile-id', '-p', '-S', '--brick-name', '--brick-port'];
  if (!flags.every((flag) => argv.includes(flag))) return undefined;
  const host = after('-s');
  const path = after('--brick-name');
  if (!isBrickPath(path)) return undefined;
  const tail = `.${host}.${path.slice(1).replaceAll('/', '-')}`;
  const volfile = after('--volfile-id');
  return {
    volume: volfile.endsWith(tail) ? volfile.slice(0, -tail.length) : volfile,
    host,
    path,
    pidFile: after('-p'),
    socket: after('-S'),
    port: port(after('--brick-port')) ?? 0,
  };
}

interface ListeningSocket {
  readonly port: number;
  /** In hexadecimal, as the kernel has it. */
  readonly address: string;
}

/** Who listens on an IPv6 address of its own does not keep anybody from 0.0.0.0. */
const IN_THE_WAY = /^([0-9A-F]{8}|0{32}|0{16}FFFF0000[0-9A-F]{8})$/i;

/** By inode, from the LISTEN lines of /proc/net/tcp and tcp6. */
function listeningSockets(tcp: string): ReadonlyMap<string, ListeningSocket> {
  const sockets = new Map<string, ListeningSocket>();
  for (const line of tcp.split('\n')) {
    const fields = line.trim().split(/\s+/);
    const [, address = '', hex] = /^([0-9A-F]+):([0-9A-F]{4})$/i.exec(fields[1] ?? '') ?? [];
    const inode = fields[9];
    if (inode !== undefined && hex !== undefined && hex !== '0000')
      sockets.set(inode, { port: parseInt(hex, 16), address });
  }
  return sockets;
}
