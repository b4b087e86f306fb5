/**
 * A node reached over a connection: implements `NodeLink` with the probe, the lock session and fenced
 * scripts.
 */
import { randomBytes } from 'node:crypto';
import { failure, type Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Connection, Session } from '../model/connection.ts';
import type {
  Clock,
  JournalFiles,
  LoggedError,
  Moved,
  NodeLink,
  NodeLock,
  ObserveRequest,
  Released,
} from '../model/node-link.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeFacts, Store } from '../model/observed.ts';
import { directoriesWithoutInfo } from '../model/store-directories.ts';
import type { LockOwner } from '../model/transaction.ts';
import type { NodeOp, OpOutcome } from '../model/op.ts';
import type { Script } from '../core/shell.ts';
import { PROBE_OUTPUT_MAX_BYTES, PROBE_TIMEOUT_MS, probeScript } from '../observe/probe.ts';
import { splitFrames } from '../observe/frames.ts';
import { readOwner } from '../observe/read-files.ts';
import { readNode } from '../observe/read-node.ts';
import { readStore } from '../observe/read-store.ts';
import { readTar } from '../observe/tar.ts';
import {
  EXIT_BUSY,
  EXIT_CHANGED,
  EXIT_DRAINING,
  EXIT_FENCED,
  EXIT_UNSETTLED,
  fenced,
  HEARTBEAT_EVERY_MS,
  lockScript,
  WAITING_LINES_MAX,
} from './fence.ts';
import { readGlusterAnswer } from './gluster.ts';
import {
  LOG_OUTPUT_MAX_BYTES,
  LOG_TIMEOUT_MS,
  loggedErrorsScript,
  readLoggedErrors,
} from './glusterd-log.ts';
import { HEAL_TIMEOUT_MS, healScript, readHealAnswer } from './heal.ts';
import { MOVED_TIMEOUT_MS, movedScript, readMovedAnswer } from './moved.ts';
import { drainingFailure, lockedFailure, takenAgainFailure } from '../model/locked.ts';
import { DRAIN_MAX_S, LOCK_TIMEOUT_MS, RELEASE_LIMIT_MS, timeoutOf } from './limits.ts';
import { releaseScript } from './release.ts';
import { scriptOf } from './script.ts';
import { JOURNAL_OUTPUT_MAX_BYTES, JOURNAL_READ_TIMEOUT_MS, readJournalScript } from './store.ts';

const OP_OUTPUT_MAX_BYTES = 4 * 1024 * 1024;
/**
 * After so long without an answer to a heartbeat the lock counts as lost, before the node releases it.
 */
const HEARTBEAT_SILENCE_MS = 20_000;
const RELEASE_TIMEOUT_MS = 10_000;
const SECOND_READ_AFTER_MS = 500;

export function remoteLink(connection: Connection, clock: Clock): NodeLink {
  const { node } = connection;
  return {
    node,
    observe: (request, signal) => observe(connection, clock, request, signal),
    lock: (owner, signal, onWait) => lock(connection, owner, signal, onWait),
    release: (transaction, signal) => release(connection, transaction, signal),
    journal: (transaction, signal) => readJournal(connection, transaction, signal),
    moved: (volume, leaving, signal) => readMoved(connection, movedScript(volume, leaving), signal),
    beginHeal: (volume, signal) => beginHeal(connection, volume, signal),
    loggedErrors: (signal) => loggedErrors(connection, signal),
    perform: (op, transaction, signal) => perform(connection, op, transaction, signal),
  };
}

/**
 * A store that seems damaged is read once more before anybody believes it: a glusterd that makes or deletes a
 * volume has a directory without its file for a moment.
 */
async function observe(
  connection: Connection,
  clock: Clock,
  request: ObserveRequest,
  signal: AbortSignal | undefined,
): Promise<Result<NodeFacts, Failure>> {
  const first = await observeOnce(connection, clock, request, signal);
  if (!first.ok || !seemsDamaged(first.value.store)) return first;
  await clock.sleep(SECOND_READ_AFTER_MS, signal).catch(() => undefined);
  return await observeOnce(connection, clock, request, signal);
}

const seemsDamaged = (store: Store): boolean =>
  store.problems.length > 0 || directoriesWithoutInfo(store).length > 0;

async function observeOnce(
  connection: Connection,
  clock: Clock,
  request: ObserveRequest,
  signal: AbortSignal | undefined,
): Promise<Result<NodeFacts, Failure>> {
  const nonce = randomBytes(16).toString('hex');
  const sentAt = clock.now();
  const { baseline } = request;
  const answer = await connection.exec(probeScript({ nonce, ...request, baseline: baseline === undefined }), {
    timeoutMs: PROBE_TIMEOUT_MS,
    maxOutputBytes: PROBE_OUTPUT_MAX_BYTES,
    ...(signal && { signal }),
  });
  if (!answer.ok) return answer;
  return readNode({
    node: connection.node,
    nonce,
    output: answer.value.stdout,
    sentAt,
    answeredAt: clock.now(),
    baseline,
  });
}

async function readJournal(
  connection: Connection,
  transaction: string,
  signal: AbortSignal | undefined,
): Promise<Result<JournalFiles, Failure>> {
  const nonce = randomBytes(16).toString('hex');
  const answer = await connection.exec(readJournalScript(transaction, nonce), {
    timeoutMs: JOURNAL_READ_TIMEOUT_MS,
    maxOutputBytes: JOURNAL_OUTPUT_MAX_BYTES,
    ...(signal && { signal }),
  });
  if (!answer.ok) {
    const { title, cause } = answer.error;
    const why = cause === undefined ? title : `${title}: ${cause}`;
    return err({
      ...answer.error,
      title: `the journal ${transaction} on ${connection.node} was not read`,
      cause: why,
    });
  }
  const frames = splitFrames(answer.value.stdout, nonce);
  if (!frames.ok)
    return err(
      failure('node-unreadable', `the journal ${transaction} on ${connection.node} cannot be read`, {
        node: connection.node,
        cause: answer.value.stderr.trim() === '' ? frames.error : answer.value.stderr.trim().slice(0, 300),
      }),
    );
  const body = (name: string): Buffer => frames.value.find((f) => f.name === name)?.body ?? Buffer.alloc(0);
  const image = readTar(body('image'));
  return ok({
    plan: body('plan').toString('utf8'),
    store: readStore(image.entries, image.complete, new Map()),
  });
}

async function readMoved(
  connection: Connection,
  script: Script,
  signal: AbortSignal | undefined,
): Promise<Result<readonly Moved[], Failure>> {
  const how = { timeoutMs: MOVED_TIMEOUT_MS, signal, read: readGlusterAnswer };
  const answer = await ask(connection, script, how, 'say what was moved');
  return answer.ok ? ok(readMovedAnswer(answer.value)) : answer;
}

async function beginHeal(
  connection: Connection,
  volume: string,
  signal: AbortSignal | undefined,
): Promise<Result<void, Failure>> {
  const how = { timeoutMs: HEAL_TIMEOUT_MS, signal, read: readHealAnswer };
  const answer = await ask(connection, healScript(volume), how, `begin the heal of volume ${volume}`);
  return answer.ok ? ok(undefined) : answer;
}

async function loggedErrors(
  connection: Connection,
  signal: AbortSignal | undefined,
): Promise<Result<readonly LoggedError[], Failure>> {
  const answer = await connection.exec(loggedErrorsScript(), {
    timeoutMs: LOG_TIMEOUT_MS,
    maxOutputBytes: LOG_OUTPUT_MAX_BYTES,
    ...(signal && { signal }),
  });
  return answer.ok ? ok(readLoggedErrors(answer.value.stdout.toString('utf8'))) : answer;
}

interface Asking {
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  readonly read: typeof readGlusterAnswer;
}

/** What a gluster command prints that needs no lock of ours. */
async function ask(
  connection: Connection,
  script: Script,
  { timeoutMs, signal, read }: Asking,
  what: string,
): Promise<Result<string, Failure>> {
  const answer = await connection.exec(script, {
    timeoutMs,
    maxOutputBytes: OP_OUTPUT_MAX_BYTES,
    ...(signal && { signal }),
  });
  if (!answer.ok) return answer;
  const { code, stdout, stderr } = answer.value;
  const outcome = read(code, stdout.toString('utf8'), stderr);
  if (outcome.kind === 'done') return ok(outcome.output);
  return err(
    failure('command-failed', `${connection.node} cannot ${what}`, {
      node: connection.node,
      cause: outcome.message,
    }),
  );
}

async function perform(
  connection: Connection,
  op: NodeOp,
  transaction: string,
  signal: AbortSignal | undefined,
): Promise<OpOutcome> {
  const answer = await connection.exec(fenced(transaction, scriptOf(op)), {
    timeoutMs: timeoutOf(op),
    maxOutputBytes: OP_OUTPUT_MAX_BYTES,
    ...(signal && { signal }),
  });
  if (!answer.ok) {
    const { title, cause } = answer.error;
    return { kind: 'unknown', message: cause === undefined ? title : `${title}: ${cause}` };
  }
  const { code, stderr } = answer.value;
  const stdout = answer.value.stdout.toString('utf8');
  if (code === EXIT_FENCED) return { kind: 'fenced', message: stderr.trim().slice(0, 500) };
  if (code === EXIT_UNSETTLED) return { kind: 'unsettled', message: stderr.trim().slice(0, 500) };
  if (code === EXIT_CHANGED) return { kind: 'changed', message: stderr.trim().slice(0, 500) };
  if (op.kind === 'gluster') return readGlusterAnswer(code, stdout, stderr);
  if (code === 0) return { kind: 'done', output: stdout };
  const message = stderr.trim() === '' ? `ended with code ${String(code)}` : stderr.trim();
  return { kind: 'failed', message: message.slice(0, 2000) };
}

async function lock(
  connection: Connection,
  owner: LockOwner,
  signal: AbortSignal | undefined,
  onWait: ((limitMs: number) => void) | undefined,
): Promise<Result<NodeLock, Failure>> {
  const opened = await connection.session(lockScript(owner), signal === undefined ? {} : { signal });
  if (!opened.ok) return opened;
  const session = opened.value;
  const next = (): Promise<Result<string | null, Failure>> =>
    orInterrupted(session.readLine(LOCK_TIMEOUT_MS), connection.node, signal);
  let first = await next();
  if (first.ok && first.value === 'waiting') onWait?.(DRAIN_MAX_S * 1000);
  for (let n = 1; n < WAITING_LINES_MAX && first.ok && first.value === 'waiting'; n++) first = await next();
  if (first.ok && first.value === 'held') return ok(holdOpen(session));
  if (first.ok && first.value === 'busy') {
    const text = await session.readLine(RELEASE_TIMEOUT_MS);
    return err(lockedFailure(connection.node, readOwner(text.ok ? (text.value ?? '') : '')));
  }
  session.close();
  if (!first.ok) return first;
  const isDraining = first.value === 'draining' || first.value === 'waiting';
  const { code, stderr } = isDraining ? { code: null, stderr: '' } : await session.ended;
  return err(
    failure('node-unreadable', `the lock on ${connection.node} could not be taken`, {
      node: connection.node,
      cause: isDraining
        ? `a command of an earlier, dead controller still runs there after ${String(DRAIN_MAX_S)} s`
        : stderr.trim().slice(0, 300) ||
          `its holder ended ${code === null ? 'with the connection' : `with code ${String(code)}`}`,
    }),
  );
}

/** A person who wants to stop is heard immediately; the caller closes what it waited for. */
async function orInterrupted<T>(
  work: Promise<Result<T, Failure>>,
  node: NodeName,
  signal: AbortSignal | undefined,
): Promise<Result<T, Failure>> {
  if (signal === undefined) return await work;
  const over = new AbortController();
  const stopped = new Promise<Result<T, Failure>>((resolve) => {
    const stop = (): void => {
      resolve(err(failure('interrupted', 'interrupted while the lock was waited for', { node })));
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true, signal: over.signal });
  });
  const first = await Promise.race([work, stopped]);
  over.abort();
  return first;
}

async function release(
  connection: Connection,
  transaction: string,
  signal: AbortSignal | undefined,
): Promise<Result<Released, Failure>> {
  const { node } = connection;
  const answer = await connection.exec(releaseScript(transaction), {
    timeoutMs: RELEASE_LIMIT_MS,
    maxOutputBytes: OP_OUTPUT_MAX_BYTES,
    ...(signal && { signal }),
  });
  if (!answer.ok) return answer;
  const { code, stdout, stderr } = answer.value;
  const word = stdout.toString('utf8').trim();
  if (code === 0 && (word === 'ended' || word === 'left' || word === 'none')) return ok(word);
  if (code === EXIT_BUSY) return err(takenAgainFailure(node, transaction));
  return err(
    code === EXIT_DRAINING
      ? drainingFailure(node, transaction)
      : failure('command-failed', `the lock on ${node} could not be released`, {
          node,
          cause: stderr.trim().slice(0, 300),
        }),
  );
}

function holdOpen(session: Session): NodeLock {
  let reason: string | undefined;
  let lose: (why: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    lose = (why) => {
      reason ??= why;
      clearInterval(timer);
      resolve(reason);
    };
  });
  const timer = setInterval(() => {
    if (!session.send('beat')) lose('the connection that holds it is gone');
  }, HEARTBEAT_EVERY_MS);
  void session.ended.then((end) => {
    lose(end.code === null ? 'the connection that holds it was lost' : 'its holder on the node ended');
  });
  void listen(session, lose);
  return {
    lost,
    held: () => reason === undefined,
    async release() {
      clearInterval(timer);
      session.send('free');
      await Promise.race([session.ended, new Promise((r) => setTimeout(r, RELEASE_TIMEOUT_MS).unref())]);
      session.close();
      lose('released');
    },
  };
}

/**
 * Every beat is answered; silence means that the network or the node is gone, whatever the connection says.
 */
async function listen(session: Session, lose: (why: string) => void): Promise<void> {
  for (;;) {
    const line = await session.readLine(HEARTBEAT_SILENCE_MS);
    if (!line.ok) lose(`no heartbeat was answered for ${String(HEARTBEAT_SILENCE_MS / 1000)} s`);
    if (!line.ok || line.value === null) return;
  }
}
