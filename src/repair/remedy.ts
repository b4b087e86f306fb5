/**
 * What a finding proposes: an edit of a store, a step, or a question that only a person can answer. Owns the
 * shapes.
 */
import type { Intent } from '../actions/action.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { View } from '../view/view.ts';
import type { Edit } from '../actions/store-edit.ts';

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
  /** Volume name → node whose copy the person prefers. */
  readonly prefer: ReadonlyMap<string, string>;
}
