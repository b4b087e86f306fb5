/**
 * Who holds the cluster, node by node, and the names that dead holders left. Refuses advice beyond the next
 * command.
 */
import type { LockFacts, LockOwner } from '../../model/observed.ts';
import { pretty } from '../json/plan-json.ts';
import { printable } from '../printable.ts';
import { palette } from './sgr.ts';
import { nodeList } from './words.ts';

export interface NodeLockState {
  readonly node: string;
  /** Undefined: nobody ever held it since the node started. */
  readonly lock: LockFacts | undefined;
}

export const ownerWords = ({ user, host, pid, command }: LockOwner): string =>
  printable(`${user}@${host} (pid ${String(pid)}, "${command}")`);

export function lockText(
  cluster: string,
  nodes: readonly NodeLockState[],
  { colour }: { readonly colour: boolean },
): string {
  const p = palette(colour);
  const held = nodes.filter((n) => n.lock?.held === true);
  const left = nodes.filter((n) => n.lock?.held === false && n.lock.owner !== undefined);
  const free = nodes.filter((n) => n.lock?.held !== true);
  const blocks = [
    [p.bold(`Cluster ${printable(cluster)}`)],
    ...byTransaction(held).map((same) => [
      p.yellow(`Locked by ${ownerOf(same)}`),
      `  on ${same.map((n) => `${n.node} (holder pid ${String(n.lock?.pid ?? 0)})`).join(', ')}`,
      ...detailLines(same[0]?.lock?.owner),
    ]),
    ...byTransaction(left).map((same) => [
      `Not held any more, but the name is left: ${ownerOf(same)}`,
      `  on ${nodeList(
        same.map((n) => n.node),
        Infinity,
      )}`,
      ...detailLines(same[0]?.lock?.owner),
      '  "glusterctl lock release FILE" removes it; the next apply would, too',
    ]),
    ...(held.length === 0 ? [['Nobody holds the cluster.']] : []),
    ...(held.length > 0 && free.length > 0
      ? [
          [
            `Free: ${nodeList(
              free.map((n) => n.node),
              Infinity,
            )}`,
          ],
        ]
      : []),
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

const ownerOf = (same: readonly NodeLockState[]): string => {
  const owner = same[0]?.lock?.owner;
  return owner === undefined ? 'an unknown holder' : ownerWords(owner);
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

export const lockJson = (cluster: string, nodes: readonly NodeLockState[]): string =>
  pretty({
    formatVersion: 1,
    cluster,
    held: nodes.some((n) => n.lock?.held === true),
    nodes: nodes.map(({ node, lock }) => ({
      node,
      held: lock?.held ?? false,
      holderPid: lock?.pid ?? null,
      owner: lock?.owner ?? null,
    })),
  });
