/** Earlier transactions as the nodes keep them, newest first; and one of them with its steps. */
import { isFinal, ownerWords, type PastTransaction } from '../../model/transaction.ts';
import type { Step } from '../../model/plan.ts';
import { stepBlocks } from './plan-text.ts';
import { printable } from '../printable.ts';
import { palette, type Palette } from './sgr.ts';

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
    : `  ${printable(t.owner.since)}  by ${printable(ownerWords(t.owner))}`,
];

const isOver = (t: PastTransaction): boolean => [...t.states.values()].every(isFinal);

/** One word where all nodes say the same. */
function stateWords({ states, missing, underWay }: PastTransaction): string {
  const distinct = new Set(states.values());
  const [only = 'unreadable'] = distinct;
  const said = distinct.size === 1 ? only : [...states].map(([n, s]) => `${n}: ${s}`).join(', ');
  const lacks = missing.length === 0 ? '' : ` (not kept on ${missing.join(', ')})`;
  return `${said}${lacks}${underWay ? ', under way' : ''}`;
}
