/**
 * A FUSE client on one of the lab's hosts, and a writer that never stops, to see the effect of a change on
 * the users of a volume.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { NodeCore } from './node.ts';

const MOUNT_LIMIT_MS = 120_000;
const IO_LIMIT_MS = 240_000;

export interface ClientMount {
  readonly node: NodeCore;
  /** Inside the node. */
  readonly path: string;
  /** Writes the file whole and returns when it is on the bricks. */
  write(name: string, data: string): Promise<void>;
  read(name: string): Promise<string>;
  unmount(): Promise<void>;
}

let mounts = 0;

export async function mountClient(
  servers: readonly NodeCore[],
  volume: string,
  node: NodeCore,
): Promise<ClientMount> {
  mounts += 1;
  const path = `/mnt/${volume}-${String(mounts)}`;
  const [first, ...others] = servers.map((server) => server.name);
  if (first === undefined) throw new Error('a lab without nodes has nothing to mount from');
  const backup = others.length > 0 ? ['-o', `backup-volfile-servers=${others.join(':')}`] : [];
  await node.run(['mkdir', '-p', path]);
  const limit = Math.max(...servers.map((server) => server.patience(MOUNT_LIMIT_MS)));
  await node.run(['mount', '-t', 'glusterfs', ...backup, `${first}:/${volume}`, path], {
    timeoutMs: limit,
  });
  return {
    node,
    path,
    async write(name, data) {
      const command = ['dd', `of=${path}/${name}`, 'conv=fsync', 'status=none'];
      await node.run(command, { input: data, timeoutMs: IO_LIMIT_MS });
    },
    read: async (name) => (await node.run(['cat', `${path}/${name}`], { timeoutMs: IO_LIMIT_MS })).stdout,
    async unmount() {
      await node.run(['umount', '-l', path]);
    },
  };
}

export interface WriterReport {
  readonly writes: number;
  readonly errors: readonly string[];
  /** Between two writes that succeeded, or from the last one to the stop. */
  readonly longestGapMs: number;
}

export interface Writer {
  /** So far. */
  writes(): number;
  errors(): readonly string[];
  stop(): Promise<WriterReport>;
}

// The descriptor stays open as an application's would; `sync FILE` is fsync. One line out for each try. It
// takes what the cluster then does not have, so the shell itself does all but the sync.
const WRITE_LOOP = String.raw`
said=$(mktemp) || exit
note() {
  IFS=., read -r seconds micros <<<"$EPOCHREALTIME"; printf '%s %s%.3s%s\n' "$1" "$seconds" "$micros" "$2"
}
exec 3>>"$1" || { note E ' cannot open'; exit; }
i=0
while :; do
  i=$((i + 1))
  if { echo "$i" >&3 && sync "$1"; } 2>"$said"; then note W; else note E " $(<"$said")"; fi
  read -r -t 0.1 _ <&4 || [ $? -gt 128 ] || break
done 4<&0
rm -f "$said"
`;

/** Appends about ten times a second from inside the node, until stopped. Returns after the first write. */
export async function startWriter(mount: Pick<ClientMount, 'node' | 'path'>): Promise<Writer> {
  const [program = '', ...words] = mount.node.enter();
  // Its own end of input is what stops it: no signal has to find its way into the node.
  const loop = spawn(program, [...words, 'bash', '-c', WRITE_LOOP, 'writer', `${mount.path}/writer.log`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let output = '';
  loop.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  const closed = once(loop, 'close');
  loop.stdin.on('error', () => undefined);
  await once(loop.stdout, 'data', { signal: AbortSignal.timeout(IO_LIMIT_MS) });
  return {
    writes: () => report(output.split('\n'), Date.now()).writes,
    errors: () => report(output.split('\n'), Date.now()).errors,
    async stop() {
      const stopped = Date.now();
      const limit = setTimeout(() => loop.kill('SIGKILL'), IO_LIMIT_MS);
      loop.stdin.end();
      await closed;
      clearTimeout(limit);
      return report(output.split('\n'), stopped);
    },
  };
}

function report(lines: readonly string[], stopped: number): WriterReport {
  const times = lines.filter((line) => line.startsWith('W ')).map((line) => Number(line.slice(2)));
  const gaps = [...times, stopped].map((time, i, all) => time - (all[i - 1] ?? time));
  return {
    writes: times.length,
    errors: lines.filter((line) => line.startsWith('E ')).map((line) => line.slice(2)),
    longestGapMs: Math.max(0, ...gaps),
  };
}
