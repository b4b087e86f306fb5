/**
 * What a finding proposes: an edit of a store, a step, a question that only a person can answer, or to wait.
 * Owns the shapes and the short ways to make them; merging them into steps is the plan's.
 */
import type { Intent } from '../../actions/action.ts';
import type { Edit } from '../../actions/store-edit.ts';
import type { Desired } from '../../model/desired.ts';
import type { NodeName } from '../../model/names.ts';
import type { NodeFacts } from '../../model/observed.ts';
import type { Finding } from '../../model/plan.ts';
import type { View } from '../../view/view.ts';

export type Remedy =
  | { readonly kind: 'edit'; readonly node: NodeName; readonly edit: Edit; readonly reason: string }
  /** `stage`: before the stores are edited, or after glusterd is back. */
  | {
      readonly kind: 'step';
      readonly stage: 'before' | 'after';
      readonly intent: Intent;
      readonly reason: string;
    }
  /** Nothing is done before that is over: the bricks of a set go one after the other. */
  | { readonly kind: 'wait'; readonly subject: string; readonly what: string }
  | {
      readonly kind: 'question';
      readonly subject: string;
      readonly question: string;
      readonly flags: readonly string[];
    };

export interface RepairContext {
  readonly view: View;
  readonly desired: Desired;
  /** Volume name → node whose copy the person prefers; `node/NAME` → the uuid that is its own. */
  readonly prefer: ReadonlyMap<string, string>;
  /** The change that the file asks for comes after the repairs: what it wants gone is then deleted. */
  readonly isChangeNext?: true;
}

export type Repair = (finding: Finding, context: RepairContext) => readonly Remedy[];

export const editOf = ({ node }: NodeFacts, edit: Edit, reason: string): Remedy => ({
  kind: 'edit',
  node,
  edit,
  reason,
});

export const stepBefore = (intent: Intent, reason: string): Remedy => ({
  kind: 'step',
  stage: 'before',
  intent,
  reason,
});

export const stepAfter = (intent: Intent, reason: string): Remedy => ({
  kind: 'step',
  stage: 'after',
  intent,
  reason,
});

/** The nodes that a finding names, as far as they were read. */
export const nodesOf = (finding: Finding, view: View): readonly NodeFacts[] =>
  finding.nodes.flatMap((node) => view.facts(node) ?? []);
