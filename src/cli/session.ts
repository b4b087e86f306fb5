/**
 * What every command is given: the terminal, the signal to stop, and how to open a cluster. Refuses, where a
 * command asks for it, a cluster with a node that does not answer.
 */
import { type Diagnostic, formatDiagnostic } from '../core/diagnostic.ts';
import { FailureError } from '../core/failure.ts';
import { orWithoutIt } from '../model/left-out.ts';
import type { Cluster } from '../model/cluster.ts';
import { contacted, type Desired } from '../model/desired.ts';
import type { Event } from '../model/event.ts';
import { printable } from '../report/printable.ts';
import type { Terminal } from '../report/terminal.ts';
import type { CallLog } from './call-log.ts';
import { passwordOf, type PasswordOf } from './become-password.ts';
import type { ContactFlags } from './contact-flags.ts';
import type { Contact, OpenCluster } from './cluster.ts';
import { waitingLine } from './waiting-line.ts';

export interface Session {
  readonly terminal: Terminal;
  readonly signal: AbortSignal;
  readonly warn: (warnings: readonly Diagnostic[]) => void;
  /** How this command contacts nodes. */
  readonly contact?: ContactFlags;
  /** Of what is asked of the nodes. */
  readonly log?: CallLog;
  /** Over SSH; a simulated cluster puts its own here. */
  readonly open: OpenCluster;
  /** The cluster file is another than the argument: a saved plan holds it. */
  readonly onClusterFile?: (file: string) => void;
}

export const warner =
  (terminal: Terminal) =>
  (warnings: readonly Diagnostic[]): void => {
    for (const w of warnings) terminal.err(`${formatDiagnostic(w)}\n`);
  };

/** Opens the cluster and throws, with every node's failure, if one could not be read. */
export async function observeCluster(
  desired: Desired,
  session: Session,
  emit: (event: Event) => void = () => undefined,
): Promise<Cluster> {
  const cluster = await openAny(desired, session, emit);
  const failures = [...cluster.observed.nodes.values()].flatMap((r) =>
    r.kind === 'failed' ? [orWithoutIt(r.failure)] : [],
  );
  if (failures.length === 0) return cluster;
  await cluster[Symbol.asyncDispose]();
  throw new FailureError(...failures);
}

/** Opens the cluster as it is, with nodes that did not answer among the readings. */
export async function openAny(
  desired: Desired,
  session: Session,
  emit: (event: Event) => void = () => undefined,
): Promise<Cluster> {
  emit({ type: 'phase', phase: 'observe', status: 'started' });
  const contact = await contactOf(desired, session);
  const waiting = waitingLine(
    session.terminal,
    contacted(desired).map((n) => n.name),
  );
  const cluster = await session
    .open(
      desired,
      session.signal,
      (node, status, detail) => {
        waiting.onNode(node, status);
        emit({ type: 'node', phase: 'observe', node, status, ...(detail !== undefined && { detail }) });
      },
      {
        ...contact,
        onHostKey: (host, fingerprint) => {
          waiting.wipe();
          contact.onHostKey(host, fingerprint);
        },
        onNotice: (sentence) => {
          waiting.wipe();
          contact.onNotice(sentence);
        },
        becomePassword: async (node) => await waiting.paused(async () => await contact.becomePassword(node)),
      },
    )
    .finally(waiting.end);
  const good = [...cluster.observed.nodes.values()].every((r) => r.kind !== 'failed');
  emit({ type: 'phase', phase: 'observe', status: good ? 'done' : 'failed' });
  return cluster;
}

/** How nodes are contacted by this command. */
export async function contactOf(desired: Desired, session: Session): Promise<Contact> {
  const say = (sentence: string): void => {
    session.terminal.err(`${sentence}\n`);
  };
  const passwords = await passwordsOf(desired, session);
  return {
    onHostKey: (host, fingerprint) => {
      say(`${host}: new host key ${fingerprint} recorded (accept-new)`);
    },
    onNotice: (sentence) => {
      say(printable(sentence));
    },
    atOnce: session.contact?.forks,
    becomePassword: async (node) => {
      const given = await passwords(node);
      if (given.ok && given.value !== undefined) session.log?.hide(given.value);
      return given;
    },
    ...(session.log !== undefined && { log: session.log }),
  };
}

/** Asked once, however often a command opens its cluster. */
const asked = new WeakMap<Desired, Promise<PasswordOf>>();
function passwordsOf(desired: Desired, { contact = {}, signal }: Session): Promise<PasswordOf> {
  const passwords = asked.get(desired) ?? passwordOf(desired, contact, signal);
  asked.set(desired, passwords);
  return passwords;
}
