/**
 * The journal beside the store, and the edits of the store, as in node/store.ts. Refuses to edit under a
 * running glusterd.
 */
import { failure, type Failure } from '../core/failure.ts';
import { absurd } from '../core/invariant.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { JournalFiles } from '../model/node-link.ts';
import type { DrainMark } from '../model/observed.ts';
import type { NodeOp, OpOutcome } from '../model/op.ts';
import { DRAIN_MARK } from '../model/transaction.ts';
import { ownerJson } from '../node/fence.ts';
import { storePath, transactionId } from '../node/store.ts';
import { readStore } from '../observe/read-store.ts';
import type { TarEntry } from '../observe/tar.ts';
import { parentOf } from './path-tree.ts';
import { JOURNAL, type Node, STORE, type World } from './world.ts';

type StoreOp = Extract<
  NodeOp,
  {
    kind:
      'mark-drained' | 'restore-store' | 'edit-store' | 'journal-prepare' | 'journal-mark' | 'journal-prune';
  }
>;

const done: OpOutcome = { kind: 'done', output: '' };
const failed = (message: string): OpOutcome => ({ kind: 'failed', message });

export function storeOp(world: World, node: Node, op: StoreOp): OpOutcome {
  switch (op.kind) {
    case 'mark-drained':
      return markDrained(node, op.mark);
    case 'restore-store':
      return stored(node, restore(node, op));
    case 'edit-store':
      return stored(node, edit(node, op));
    case 'journal-prepare':
      return prepare(world, node, op);
    case 'journal-mark':
      return mark(node, op);
    case 'journal-prune':
      return prune(node, op.keep);
    default:
      return absurd(op);
  }
}

function stored(node: Node, outcome: OpOutcome): OpOutcome {
  if (outcome.kind === 'done' && node.stopped !== false) node.stopped = 'restored';
  return outcome;
}

/** before.tar, as lines of JSON: path relative to the store, and the content of a file. */
function takeImage(node: Node): string {
  const paths = node.disk.below(STORE).map((p) => p.slice(STORE.length + 1));
  const kept = paths.filter((p) => !/^(ss_brick|trash)(\/|$)/.test(p));
  return kept.map((path) => JSON.stringify([path, node.disk.read(`${STORE}/${path}`) ?? null])).join('\n');
}

function readImage(text: string): ReadonlyMap<string, string | undefined> {
  const image = new Map<string, string | undefined>();
  for (const line of text.split('\n').filter((l) => l !== '')) {
    const entry: unknown = JSON.parse(line);
    if (!Array.isArray(entry) || typeof entry[0] !== 'string') continue;
    image.set(entry[0], typeof entry[1] === 'string' ? entry[1] : undefined);
  }
  return image;
}

/** What `NodeLink.journal` returns: the plan as stored, and the image through the real reader. */
export function journalFiles(node: Node, transaction: string): Result<JournalFiles, Failure> {
  const dir = `${JOURNAL}/${transactionId(transaction)}`;
  if (!node.disk.isDirectory(dir))
    return err(
      failure('node-unreadable', `the journal ${transaction} on ${node.name} cannot be read`, {
        node: node.name,
        cause: `sh: 2: cd: can't cd to ${dir}`,
      }),
    );
  const image = readImage(node.disk.read(`${dir}/before.tar`) ?? '');
  const entries = [...image].map(([path, content]): TarEntry => ({
    path,
    kind: content === undefined ? 'directory' : 'file',
    content: Buffer.from(content ?? ''),
    mode: 0o600,
    mtime: 0,
  }));
  return ok({
    plan: node.disk.read(`${dir}/plan.json`) ?? '',
    store: readStore(entries, true, new Map()),
  });
}

function prepare(world: World, node: Node, op: Extract<NodeOp, { kind: 'journal-prepare' }>): OpOutcome {
  const dir = `${JOURNAL}/${transactionId(op.owner.transaction)}`;
  const { disk } = node;
  if (disk.mkdirs(dir) !== undefined) return failed(`cannot make ${dir}`);
  const error =
    disk.write(`${dir}/owner.json`, `${ownerJson(op.owner)}\n`) ??
    disk.write(`${dir}/plan.json`, `${op.plan}\n`) ??
    disk.write(`${dir}/before.tar`, `${takeImage(node)}\n`) ??
    disk.write(`${dir}/state`, 'prepared\n');
  if (error === undefined) {
    world.trace.push(`${node.name} prepared ${op.owner.transaction}`);
    return done;
  }
  disk.remove(dir);
  return failed('the journal cannot be written');
}

function mark(node: Node, op: Extract<NodeOp, { kind: 'journal-mark' }>): OpOutcome {
  const { transaction, state, by } = op;
  const dir = `${JOURNAL}/${transactionId(transaction)}`;
  if (!node.disk.isDirectory(dir)) return failed(`sh: cd: can't cd to ${dir}`);
  const record = by && node.disk.write(`${dir}/abandoned.json`, `${ownerJson(by)}\n`);
  const error = record ?? node.disk.write(`${dir}/state`, `${state}\n`);
  return error === undefined ? done : failed(`state.tmp: ${error}`);
}

function markDrained({ disk }: Node, content: DrainMark | null): OpOutcome {
  const error =
    content === null
      ? disk.remove(DRAIN_MARK)
      : (disk.mkdirs(parentOf(DRAIN_MARK)) ?? disk.write(DRAIN_MARK, `${JSON.stringify(content)}\n`));
  return error === undefined || (content === null && !disk.has(DRAIN_MARK))
    ? done
    : failed(content === null ? error : 'the mark cannot be written');
}

function prune(node: Node, keep: number): OpOutcome {
  for (const id of node.disk.list(JOURNAL).toReversed().slice(keep)) {
    if (node.disk.below(`${JOURNAL}/${id}/aside`).length > 0) continue;
    const state = node.disk.read(`${JOURNAL}/${id}/state`)?.trim();
    if (state === 'committed' || state === 'rolled-back' || state === 'abandoned')
      node.disk.remove(`${JOURNAL}/${id}`);
  }
  return done;
}

const RUNNING = 'glusterd is running; its store cannot be edited';

function restore(node: Node, op: Extract<NodeOp, { kind: 'restore-store' }>): OpOutcome {
  const { disk } = node;
  const file = `${JOURNAL}/${transactionId(op.transaction)}/before.tar`;
  if (node.daemon !== undefined) return failed(RUNNING);
  const text = disk.read(file);
  if (text === undefined) return failed(`there is no before-image: ${file}`);
  const image = readImage(text);
  const problems: string[] = [];
  for (const path of op.paths.map(storePath)) {
    const error = disk.remove(`${STORE}/${path}`) ?? putBack(node, path, image);
    if (error !== undefined) problems.push(`cannot put back ${STORE}/${path}`);
  }
  for (const { path, port } of op.ports) {
    const at = `${STORE}/${storePath(path)}`;
    const content = disk.read(at);
    if (content !== undefined)
      disk.write(at, content.replace(/^listen-port=.*/m, `listen-port=${String(port)}`));
  }
  for (const { path, version } of op.versions ?? []) {
    const at = `${STORE}/${storePath(path)}`;
    const content = disk.read(at);
    if (content !== undefined) disk.write(at, content.replace(/^version=.*/m, `version=${String(version)}`));
  }
  return problems.length === 0 ? done : failed(problems.join('\n'));
}

function putBack(
  node: Node,
  path: string,
  image: ReadonlyMap<string, string | undefined>,
): string | undefined {
  const { disk } = node;
  for (const [name, content] of image) {
    if (name !== path && !name.startsWith(`${path}/`)) continue;
    const at = `${STORE}/${name}`;
    const error =
      content === undefined ? disk.mkdirs(at) : (disk.mkdirs(parentOf(at)) ?? disk.write(at, content));
    if (error !== undefined) return error;
  }
  return undefined;
}

function moveAside({ disk }: Node, transaction: string, path: string): boolean {
  const aside = `${JOURNAL}/${transactionId(transaction)}/aside`;
  for (const at of [`${STORE}/${path}`, ...disk.below(`${STORE}/${path}`)]) {
    const to = `${aside}/${at.slice(STORE.length + 1)}`;
    const content = disk.read(at);
    const error =
      content === undefined ? disk.mkdirs(to) : (disk.mkdirs(parentOf(to)) ?? disk.write(to, content));
    if (error !== undefined) return false;
  }
  return disk.remove(`${STORE}/${path}`) === undefined;
}

function edit(node: Node, op: Extract<NodeOp, { kind: 'edit-store' }>): OpOutcome {
  if (node.daemon !== undefined) return failed(RUNNING);
  const problems: string[] = [];
  for (const path of op.aside?.paths ?? [])
    if (!moveAside(node, op.aside?.transaction ?? '', storePath(path)))
      problems.push(`cannot move ${STORE}/${path}`);
  for (const path of op.removes)
    if (node.disk.remove(`${STORE}/${storePath(path)}`) !== undefined)
      problems.push(`cannot remove ${STORE}/${path}`);
  for (const { path, base64 } of op.writes) {
    const at = `${STORE}/${storePath(path)}`;
    const content = Buffer.from(base64, 'base64').toString('utf8');
    const error = node.disk.mkdirs(parentOf(at)) ?? node.disk.write(at, content);
    if (error !== undefined) problems.push(`cannot write ${at}`);
  }
  return problems.length === 0 ? done : failed(problems.join('\n'));
}
