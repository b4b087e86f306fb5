/** Earlier transactions for programs. Owns the order of keys. */
import type { Step } from '../../model/plan.ts';
import type { PastTransaction } from '../../model/transaction.ts';
import { pretty } from './json.ts';
import { stepJson } from './plan-json.ts';

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
