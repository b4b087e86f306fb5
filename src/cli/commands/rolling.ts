/** `glusterctl rolling`: a command on one node after the other, each out of service meanwhile. */
import { rolling, type WorkEnd } from '../../change/rolling.ts';
import { failure, type Failure, FailureError } from '../../core/failure.ts';
import type { Result } from '../../core/result.ts';
import { quote, type Script, sh } from '../../core/shell.ts';
import type { Connection } from '../../model/connection.ts';
import type { Desired } from '../../model/desired.ts';
import type { NodeName } from '../../model/names.ts';
import { runOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import { newOwner } from '../owner.ts';
import { runHere } from '../process.ts';
import { contactOf, type Session } from '../session.ts';
import { namedNode } from './drain.ts';

export interface RollingFlags extends SshFlags, ChangeFlags {
  /** Names of the file, separated by commas. */
  readonly nodes?: string;
  readonly local?: boolean;
  /** Milliseconds. */
  readonly wait?: number;
}

/** For a node to be back, and for its heals, unless a flag says otherwise. */
const WAIT_MS = 15 * 60_000;
/** A command that takes longer is ended here; on a node it is no longer waited for. */
const COMMAND_MAX_MS = 24 * 3600_000;
const LOOK_MS = 20_000;
const LOOK_BYTES = 4096;

export async function rollingCommand(
  file: string,
  words: readonly string[],
  flags: RollingFlags,
  session: Session,
): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const { user, host, since } = newOwner();
  const work = words.length === 1 ? (words[0] ?? '') : words.map(quote).join(' ');
  const mark = { who: `${user}@${host}`, when: since, why: `rolling: ${work}` };
  const nodes = nodesOf(flags.nodes, desired);
  const hands = new Hands(desired, session);
  const isQuiet = flags.format === 'json';
  const options = {
    desired,
    nodes,
    file: quote(file),
    work: `"${work}"`,
    mark,
    waitMs: flags.wait ?? WAIT_MS,
    isUp: (node: NodeName) => hands.isUp(node),
    doWork: (node: NodeName) =>
      flags.local === true ? hands.here(words, node, isQuiet) : hands.there(words, node, isQuiet),
  };
  await runOnTerminal({ name: 'rolling', desired }, (on) => rolling(options, on), flags, session);
}

function nodesOf(given: string | undefined, desired: Desired): readonly NodeName[] {
  const all = desired.nodes.filter((n) => n.isAbsent !== true).map((n) => n.name);
  const names = given?.split(',').filter((n) => n !== '');
  const nodes = names === undefined ? all : names.map((name) => namedNode(name, desired));
  if (nodes.length > 0 && new Set(nodes).size === nodes.length) return nodes;
  throw new FailureError(
    failure('invalid-input', '--nodes names no node, or one of them twice', {
      fix: `give names of the file, in the order of the work: --nodes ${all.join(',')}`,
    }),
  );
}

/** One word is a line for a shell, as ssh and docker take it; several are a program and its arguments. */
const commandLine = (words: readonly string[]): readonly string[] =>
  words.length === 1 ? ['sh', '-c', words[0] ?? ''] : words;

/** What is done on the nodes, and beside them, while nothing is locked. */
class Hands {
  readonly #desired: Desired;
  readonly #session: Session;

  constructor(desired: Desired, session: Session) {
    this.#desired = desired;
    this.#session = session;
  }

  /** Not one whose shutdown has begun: it still answers for some seconds. */
  async isUp(node: NodeName): Promise<boolean> {
    const ran = await this.#run(node, sh`[ "$(systemctl is-system-running 2>/dev/null)" != stopping ]`, {
      timeoutMs: LOOK_MS,
      maxOutputBytes: LOOK_BYTES,
    });
    return ran.ok && ran.value.code === 0;
  }

  /** `isQuiet`: standard output is taken by the events of the run. */
  async there(words: readonly string[], node: NodeName, isQuiet: boolean): Promise<WorkEnd> {
    const { out, err } = this.#session.terminal;
    const ran = await this.#run(node, sh`exec ${commandLine(words)}`, {
      timeoutMs: COMMAND_MAX_MS,
      maxOutputBytes: LOOK_BYTES,
      onOutput: (stream, chunk) => {
        (stream === 'stdout' && !isQuiet ? out : err)(chunk.toString());
      },
    });
    if (ran.ok) return { kind: 'ended', code: ran.value.code ?? 128 };
    if (ran.error.code === 'connection-lost') return { kind: 'gone' };
    if (this.#session.signal.aborted) return { kind: 'gone' };
    throw new FailureError(ran.error);
  }

  async here(words: readonly string[], node: NodeName, isQuiet: boolean): Promise<WorkEnd> {
    const address = this.#desired.nodes.find((n) => n.name === node)?.address ?? node;
    const variables = { GLUSTERCTL_NODE: node, GLUSTERCTL_ADDRESS: address };
    const limits = { timeoutMs: COMMAND_MAX_MS, signal: this.#session.signal };
    const code = await runHere(commandLine(words), variables, isQuiet, limits);
    return { kind: 'ended', code };
  }

  async #run(
    node: NodeName,
    script: Script,
    options: Parameters<Connection['exec']>[1],
  ): Promise<Awaited<ReturnType<Connection['exec']>>> {
    const { signal } = this.#session;
    const { connectTo } = await import('../cluster.ts');
    const contact = await contactOf(this.#desired, this.#session);
    const connected: Result<Connection, Failure> = await connectTo(this.#desired, node, signal, contact);
    if (!connected.ok) return connected;
    await using connection = connected.value;
    return await connection.exec(script, { ...options, signal });
  }
}
