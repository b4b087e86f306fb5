/**
 * The contract of a finding kind in one record: its meaning, its detection, its repair and what it forbids.
 * Owns the contract; knows no kind by name. Pure: an observation in, findings and remedies out.
 */
import type { Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { Finding } from '../model/plan.ts';
import { lacksRoom } from '../view/room.ts';
import type { View } from '../view/view.ts';
import type { Repair } from './shared/remedy.ts';

export type Found = Omit<Finding, 'code'>;

/** Kinds of causes, and whether one of them is the cause of this effect. */
export interface EffectOf {
  readonly codes: readonly string[];
  readonly when: (effect: Finding, cause: Finding, view: View) => boolean;
}

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
  /** Findings that it may be an effect of; the first one that is there and fits is its cause. */
  readonly effectOf?: readonly EffectOf[];
  /** What may happen, and has not: doctor reports it; plans, which are about the cluster as it is, do not. */
  readonly isRisk?: true;
  readonly detect: (view: View, desired: Desired) => readonly Found[];

  /** What `recover` does about it. Without this it is explained only: a person has to act. */
  readonly repair?: Repair;
  /** Actions that take it away: it does not block a plan of `apply` that has one for the same subject. */
  readonly repairedBy?: readonly string[];
  /** Only a person can resolve it: `apply` asks for a decision where nothing else blocks the plan. */
  readonly needsDecision?: true;
  /** As long as it is there nothing is changed, not even to finish an unfinished transaction. */
  readonly forbidsChange?: true;
  /** The nodes hold the volume of its subject differently: `export` cannot say anything true of it. */
  readonly isDisagreement?: true;
  /** The normal state before a restore, whose own step checks it: it is not in plans of `restore`. */
  readonly isExpectedByRestore?: true;
  /** Nodes that lose each other when their glusterd is restarted, as long as it is there. */
  readonly keepsApart?: (finding: Finding, view: View) => readonly NodeName[];
}

export const defineFinding = (spec: FindingSpec): FindingSpec => spec;

/** Both are about one node. */
export const onOneNode = (effect: Finding, cause: Finding): boolean =>
  effect.nodes.some((n) => cause.nodes.includes(n));

/** Both are about one pair of peers: "peer/NAME", and the nodes that see it so. */
export const isBetween = (effect: Finding, cause: Finding): boolean => {
  const ends = ({ subject, nodes }: Finding): readonly string[] => [subject.slice('peer/'.length), ...nodes];
  return ends(effect).filter((n) => ends(cause).includes(n)).length > 1;
};

/** On a node that has no room: what glusterd writes there fails, and is left half written. */
export const onFullNode = (effect: Finding, cause: Finding, view: View): boolean =>
  onOneNode(effect, cause) &&
  effect.nodes.some((n) => {
    const facts = view.facts(n);
    return facts !== undefined && lacksRoom(facts);
  });

/** Evidence as one line a witness: where it was read, then what. */
export const witness = (node: string, where: string, value: string): string => `${node}: ${where}: ${value}`;
