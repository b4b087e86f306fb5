/**
 * Measuring side by side: contenders take turns in one run, and what counts is the ratio of their medians.
 * Judges nothing.
 */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

const COMMAND_LIMIT_MS = 180_000;
const SHOWN_BYTES = 4000;

export interface Command {
  readonly argv: readonly string[];
  /** A file to read from; none: no input. */
  readonly input?: string;
  /** Where both outputs go: a file, because a daemon left behind may hold a pipe open. */
  readonly output: string;
  /** Besides PATH and HOME. Nothing is inherited: the loader of this process would slow its children down. */
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs it to its end; the milliseconds from its start to its exit. Throws on a non-zero exit. */
export async function timed(command: Command): Promise<number> {
  const [program = '', ...args] = command.argv;
  const input = openSync(command.input ?? '/dev/null', 'r');
  const output = openSync(command.output, 'w');
  const began = performance.now();
  const child = spawn(program, args, {
    stdio: [input, output, output],
    timeout: COMMAND_LIMIT_MS,
    killSignal: 'SIGKILL',
    env: { PATH: process.env['PATH'], HOME: dirname(command.output), LC_ALL: 'C.UTF-8', ...command.env },
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', resolve);
  });
  const took = performance.now() - began;
  closeSync(input);
  closeSync(output);
  if (code === 0) return took;
  const said = readFileSync(command.output, 'utf8').slice(-SHOWN_BYTES);
  throw new Error(`exit ${String(code)}: ${command.argv.join(' ')}\n${said}`);
}

export interface Contender {
  readonly name: string;
  /** Brings everything to the state that each round starts from. */
  readonly before?: () => Promise<void>;
  /** Answers milliseconds. */
  readonly run: () => Promise<number>;
  /** Throws where the contender did not do what it was asked. */
  readonly after?: () => Promise<void>;
}

export interface Sample {
  readonly name: string;
  /** One for each round, in their order. */
  readonly ms: readonly number[];
}

/** A warm-up round that does not count, then round by round; each round another contender goes first. */
export async function contest<Key extends string>(
  contenders: Readonly<Record<Key, Contender>>,
  rounds: number,
): Promise<Readonly<Record<Key, Sample>>> {
  const keys = Object.keys(contenders) as Key[];
  const taken = new Map(keys.map((key): [Key, number[]] => [key, []]));
  for (let round = -1; round < rounds; round++) {
    const first = Math.max(round, 0) % keys.length;
    for (const key of [...keys.slice(first), ...keys.slice(0, first)]) {
      const { before, run, after } = contenders[key];
      await before?.();
      const ms = await run();
      await after?.();
      if (round >= 0) taken.get(key)?.push(ms);
    }
  }
  const samples = keys.map((key): [Key, Sample] => [
    key,
    { name: contenders[key].name, ms: taken.get(key) ?? [] },
  ]);
  return Object.fromEntries(samples) as Record<Key, Sample>;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low = NaN, high = low] = sorted.slice(Math.ceil(middle) - 1, Math.floor(middle) + 1);
  return (low + high) / 2;
}

export interface Ratio {
  /** Of the medians. */
  readonly value: number;
  /** Lowest and highest of the single rounds. */
  readonly spread: readonly [number, number];
}

export function ratio(above: Sample, below: Sample): Ratio {
  const rounds = above.ms.map((ms, i) => ms / (below.ms[i] ?? NaN));
  return {
    value: median(above.ms) / median(below.ms),
    spread: [Math.min(...rounds), Math.max(...rounds)],
  };
}
