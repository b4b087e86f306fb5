/**
 * The contract of a finding kind: one file each, with what it looks at and what it means in the same record.
 * Owns the contract; knows no kind by name. Pure: an observation in, findings out.
 */
import type { Desired } from '../model/desired.ts';
import type { Finding } from '../model/plan.ts';
import type { View } from '../view/view.ts';

export type Found = Omit<Finding, 'code'>;

export interface FindingSpec {
  /** Kebab-case words that a person can search for; the file has the same name. */
  readonly code: string;
  /** The text of `glusterctl explain` and of its page in docs/findings. */
  readonly explain: {
    readonly title: string;
    readonly meaning: string;
    /** How it comes about. */
    readonly cause: string;
    /** What is compared with what. */
    readonly looksAt: string;
    readonly repair: string;
    readonly risk: string;
    /** Commands and steps to do it without this tool. */
    readonly byHand: readonly string[];
  };
  /** What may happen, and has not: doctor tells it; plans, which are about the cluster as it is, do not. */
  readonly isRisk?: true;
  readonly detect: (view: View, desired: Desired) => readonly Found[];
}

export const defineFinding = (spec: FindingSpec): FindingSpec => spec;

/** Evidence as one line a witness: where it was read, then what. */
export const witness = (node: string, where: string, value: string): string => `${node}: ${where}: ${value}`;
