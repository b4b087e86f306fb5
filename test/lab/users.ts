/**
 * Users of a mounted volume: one writes on, one reads each file by its name and renames it there and back, as
 * long as a test changes the volume. Owns what counts as an error of theirs.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { ClientMount } from './client.ts';
import { startWriter } from './client.ts';

const MAKE_LIMIT_MS = 240_000;
const STOP_LIMIT_MS = 240_000;
const MESSAGES_MAX = 20;

// Each file holds its own name. A listing would cure a client of what it misses, so there is none. gluster
// itself may refuse to rename a file that it is moving: that is tried again, as an application would.
const LOOP = String.raw`
cd "$1" || exit
holds() { said=$(cat "$1" 2>&1); [ "$said" = "$n" ] || echo "E $1 of $n:" $said; }
renamed() {
  for try in 1 2 3 4 5 6; do
    said=$(mv "$1" "$2" 2>&1) && return
    [ -e "$1" ] || { [ -e "$2" ] && return; }
    echo "T $1: $said"
    sleep 0.5
  done
  echo "E $1 to $2:" $said
}
n=0
while :; do
  n=$((n % $2 + 1))
  holds "old/$n"
  renamed "old/$n" old/sub/moved
  holds old/sub/moved
  renamed old/sub/moved "old/$n"
  echo R
  read -r -t 0.02 _ <&4 || [ $? -gt 128 ] || break
done 4<&0
`;

export interface UsersReport {
  /** Rounds of read, rename, read, rename back. */
  readonly rounds: number;
  readonly writes: number;
  /** Renames that were tried again, and why. */
  readonly retried: readonly string[];
  readonly errors: readonly string[];
}

export interface Users {
  stop(): Promise<UsersReport>;
}

/** Files `old/1` to `old/COUNT` are made first; each holds its name. */
export async function startUsers(mount: ClientMount, count: number): Promise<Users> {
  await mount.node.run(
    `cd ${mount.path} && mkdir -p old/sub && for i in $(seq ${String(count)}); do echo $i >old/$i; done`,
    { timeoutMs: MAKE_LIMIT_MS },
  );
  const writer = await startWriter(mount);
  const [program = '', ...words] = mount.node.enter();
  const loop = spawn(program, [...words, 'bash', '-c', LOOP, 'users', mount.path, String(count)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let rounds = 0;
  const errors: string[] = [];
  const retried: string[] = [];
  let rest = '';
  loop.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line === 'R') rounds++;
      else if (line.startsWith('T ')) retried.push(line.slice(2));
      else if (errors.length < MESSAGES_MAX) errors.push(line);
  });
  const closed = once(loop, 'close');
  loop.stdin.on('error', () => undefined);
  return {
    async stop() {
      const limit = setTimeout(() => loop.kill('SIGKILL'), STOP_LIMIT_MS);
      loop.stdin.end();
      await closed;
      clearTimeout(limit);
      const written = await writer.stop();
      return { rounds, retried, writes: written.writes, errors: [...errors, ...written.errors] };
    },
  };
}

/** Each of the files that holds something else, by its name, as this client reads it. */
export async function misread(mount: ClientMount, count: number): Promise<string> {
  const script =
    `cd ${mount.path} && for i in $(seq ${String(count)}); do ` +
    'x=$(cat old/$i 2>&1); [ "$x" = $i ] || echo "$i: $x"; done';
  return (await mount.node.run(script, { timeoutMs: MAKE_LIMIT_MS })).stdout;
}
