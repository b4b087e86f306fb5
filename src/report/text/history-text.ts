/** Earlier transactions as the nodes keep them, newest first; and one of them with its steps. */
import type { LockOwner, TransactionRecord } from '../../model/observed.ts';
import type { Step } from '../../model/plan.ts';
import { ownerWords } from './lock-text.ts';
import { pretty, stepJson } from '../json/plan-json.ts';
import { stepBlocks } from './plan-text.ts';
import { printable } from '../printable.ts';
import { palette, type Palette } from './sgr.ts';

export interface PastTransaction {
  readonly id: string;
  readonly owner: LockOwner | undefined;
  readonly states: ReadonlyMap<string, TransactionRecord['state']>;
  /** Nodes that were read and do not keep it: nothing can be put back there. */
  readonly missing: readonly string[];
  /** The one who runs it holds the cluster now. */
  readonly underWay: boolean;
}

export function historyText(
  cluster: string,
  list: readonly PastTransaction[],
  { colour }: { readonly colour: boolean },
): string {
  const p = palette(colour);
  const blocks = [
    [p.bold(`Cluster ${printable(cluster)}`)],
    ...list.map((t) => pastLines(t, p)),
    list.length === 0
      ? ['No transaction is kept on the nodes.']
      : [
          'The steps of one: glusterctl history FILE ID',
          'The store as it was before one: glusterctl restore FILE ID',
        ],
  ];
  return textOf(blocks);
}

export function pastText(
  cluster: string,
  past: PastTransaction,
  steps: readonly Step[],
  { colour }: { readonly colour: boolean },
): string {
  const p = palette(colour);
  return textOf([
    [p.bold(`Cluster ${printable(cluster)}`)],
    pastLines(past, p),
    ...stepBlocks(steps, p, false),
    [`The store as it was before it: glusterctl restore FILE ${printable(past.id)}`],
  ]);
}

const textOf = (blocks: readonly (readonly string[])[]): string =>
  `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;

const pastLines = (t: PastTransaction, p: Palette): readonly string[] => [
  `${p.bold(printable(t.id))}  ${isOver(t) ? stateWords(t) : p.yellow(stateWords(t))}`,
  t.owner === undefined
    ? '  by an unknown controller'
    : `  ${printable(t.owner.since)}  by ${ownerWords(t.owner)}`,
];

const isOver = (t: PastTransaction): boolean =>
  [...t.states.values()].every((s) => s === 'committed' || s === 'rolled-back');

/** One word where all nodes say the same. */
function stateWords({ states, missing, underWay }: PastTransaction): string {
  const distinct = new Set(states.values());
  const [only = 'unreadable'] = distinct;
  const said = distinct.size === 1 ? only : [...states].map(([n, s]) => `${n}: ${s}`).join(', ');
  const lacks = missing.length === 0 ? '' : ` (not kept on ${missing.join(', ')})`;
  return `${said}${lacks}${underWay ? ', under way' : ''}`;
}

export const historyJson = (cluster: string, list: readonly PastTransaction[]): string =>
  pretty({ formatVersion: 1, cluster, transactions: list.map(pastFields) });

/** As one of the list, and its steps. */
export const pastJson = (cluster: string, past: PastTransaction, steps: readonly Step[]): string =>
  pretty({
    formatVersion: 1,
    cluster,
    transactions: [{ ...pastFields(past), steps: steps.map(stepJson) }],
  });

const pastFields = (t: PastTransaction): Record<string, unknown> => ({
  id: t.id,
  owner: t.owner ?? null,
  underWay: t.underWay,
  states: Object.fromEntries(t.states),
  missing: t.missing,
});
