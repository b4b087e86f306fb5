/**
 * Who holds the cluster, node by node, and the names of holders that died. Refuses advice beyond the next
 * command.
 */
import type { Failure } from '../../core/failure.ts';
import type { NodeName } from '../../model/names.ts';
import type { Released } from '../../model/node-link.ts';
import type { LockFacts } from '../../model/observed.ts';
import { type LockOwner, ownerWords } from '../../model/transaction.ts';
import { printable } from '../printable.ts';
import { palette } from './sgr.ts';
import { nodeList } from './words.ts';

export interface NodeLockState {
  readonly node: string;
  /** Undefined: nobody ever held it since the node started. */
  readonly lock: LockFacts | undefined;
}

export function lockText(
  cluster: string,
  nodes: readonly NodeLockState[],
  { colour, unread }: { readonly colour: boolean; readonly unread: readonly string[] },
): string {
  const p = palette(colour);
  const held = nodes.filter((n) => n.lock?.held === true);
  const dead = nodes.filter((n) => n.lock?.held === false && n.lock.owner !== undefined);
  const free = nodes.filter((n) => n.lock?.held !== true);
  const blocks = [
    [p.bold(`Cluster ${printable(cluster)}`)],
    ...byTransaction(held).map((same) => [
      p.yellow(`Locked by ${ownerOf(same)}`),
      `  on ${same.map((n) => `${n.node} (holder pid ${String(n.lock?.pid ?? 0)})`).join(', ')}`,
      ...detailLines(same[0]?.lock?.owner),
    ]),
    ...byTransaction(dead).map((same) => [
      `Not held any more, but the name is left: ${ownerOf(same)}`,
      `  on ${all(same.map((n) => n.node))}`,
      ...detailLines(same[0]?.lock?.owner),
      '  "glusterctl lock release FILE" removes it; the next apply would, too',
    ]),
    ...(held.length + unread.length === 0 ? [['Nobody holds the cluster.']] : []),
    ...(held.length + unread.length > 0 && free.length > 0
      ? [[`Free: ${all(free.map((n) => n.node))}`]]
      : []),
    // A holder that lives there holds the cluster.
    ...(unread.length > 0 ? [[p.yellow(`Not known, because it was not read: ${all(unread)}`)]] : []),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const all = (nodes: readonly string[]): string => nodeList(nodes, Infinity);

const ownerOf = (same: readonly NodeLockState[]): string => {
  const owner = same[0]?.lock?.owner;
  return owner === undefined ? 'an unknown holder' : printable(ownerWords(owner));
};

const detailLines = (owner: LockOwner | undefined): readonly string[] =>
  owner === undefined
    ? []
    : [`  since ${printable(owner.since)}`, `  transaction ${printable(owner.transaction)}`];

function byTransaction(nodes: readonly NodeLockState[]): readonly (readonly NodeLockState[])[] {
  const groups = new Map<string, NodeLockState[]>();
  for (const n of nodes) {
    const id = n.lock?.owner?.transaction ?? '';
    groups.set(id, [...(groups.get(id) ?? []), n]);
  }
  return [...groups.values()];
}

/** Of a node whose lock was to be released. */
export interface ReleaseAnswer {
  readonly node: NodeName;
  readonly transaction: string;
  readonly said: Released | Failure;
}

const SAID: { readonly [said in Released]: (d: ReleaseAnswer) => string } = {
  ended: (d) => `${d.node}: the holder of transaction ${d.transaction} was ended; the lock is free`,
  left: (d) => `${d.node}: the name of transaction ${d.transaction} was removed; nobody held the lock`,
  none: (d) => `${d.node}: transaction ${d.transaction} had let go by itself meanwhile`,
};

export function releasedText(done: readonly ReleaseAnswer[]): string {
  if (done.length === 0) return 'Nobody holds the cluster. Nothing was changed.\n';
  const lines = done.flatMap((d) => (typeof d.said === 'string' ? [SAID[d.said](d)] : []));
  const ended = done.some((d) => d.said === 'ended');
  const next = ended ? ['', 'What it had begun stays as it is: "glusterctl recover FILE" finishes it.'] : [];
  return [...lines, ...next, ''].join('\n');
}
