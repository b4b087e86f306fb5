/**
 * The journal that a transaction writes before it changes anything. Any later controller can roll back from
 * it, without a file of this one.
 */
import { actionNamed } from '../actions/index.ts';
import { type Definitions, definitionOf } from '../model/definition.ts';
import { isOnline, locate } from '../view/brick.ts';
import type { Intent } from '../actions/action.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import type { Store } from '../model/observed.ts';
import type { Plan, Step } from '../model/plan.ts';
import { missingDaemons } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { type Becomes, becomesOf } from './becomes.ts';

/** Volumes that stay as they are, and on which node that is why. */
export type Held = ReadonlyMap<VolumeName, readonly { readonly node: NodeName; readonly what: string }[]>;

/** plan.json on every node. */
export interface Journal {
  readonly formatVersion: 1;
  readonly plan: Plan;
  /** By step id; null: only the before-image undoes the step. */
  readonly inverses: { readonly [step: string]: readonly Intent[] | null };
  /** Bricks that were online. */
  readonly online: readonly { readonly volume: string; readonly node: string; readonly path: string }[];
  /** Nodes whose glusterd answered. */
  readonly up: readonly string[];
  /**
   * Subjects of `daemonProblems` and `missingDaemons` from before the transaction: a rollback does not repair
   * these. Older journals have none.
   */
  readonly amiss?: readonly string[];
  /**
   * By step id, by volume: the definitions that the step, and then its inverse, leave. What we made
   * of a volume differs by it from what others made of it since. Older journals have none.
   */
  readonly becomes?: Becomes;
}

/** What a rollback works from: the journal, and each node's store as it was. */
export interface Before {
  /** The transaction that wrote them; another one works from them when it finishes an unfinished one. */
  readonly transaction: string;
  readonly journal: Journal;
  readonly stores: ReadonlyMap<NodeName, Store>;
  /** Volumes that are put back as they were, whatever others have changed in them since. */
  readonly discarded?: ReadonlySet<VolumeName>;
  /** Volumes that clients use as a step has made them: they stay so, each with the reasons. */
  readonly held?: Held;
  /** An earlier rollback ended with something left: a glusterd may remember more than it shows. */
  readonly isOwed?: boolean;
  /** The observation before the commit; none for an unfinished transaction. */
  readonly view?: View;
}

/** Of a transaction that runs. */
export type BeforeCommit = Before & { readonly view: View };

export function journalOf(transaction: string, plan: Plan, view: View): Journal {
  const inverseOf = (step: Step): readonly Intent[] | null =>
    actionNamed(step.action).inverse(step.args, view, transaction);
  return {
    formatVersion: 1,
    plan: { ...plan, findings: [], diffs: [] },
    inverses: Object.fromEntries(plan.steps.map((step) => [step.id, inverseOf(step)])),
    online: onlineBricks(view),
    up: view.nodes.filter((n) => n.memory.kind === 'up').map((n) => n.node),
    amiss: [...daemonProblems(view), ...missingDaemons(view)].map((d) => d.subject),
    becomes: becomesOf(plan.steps, inverseOf, definitionsOf(view)),
  };
}

const definitionsOf = (view: View): Definitions =>
  new Map([...view.volumes].map(([name, { best }]) => [name, definitionOf(best)]));

export const beforeOf = (transaction: string, journal: Journal, view: View): BeforeCommit => ({
  transaction,
  journal,
  stores: new Map(view.nodes.map((n) => [n.node, n.store])),
  view,
});

interface DaemonProblem {
  readonly node: NodeName;
  /** The same before and after, whatever exactly the problem is. */
  readonly subject: string;
  readonly what: string;
  readonly isDown?: true;
  /** Names of the peer that it is about. */
  readonly peer?: readonly string[];
  /** glusterd compares volumes with that peer, and finds one of them otherwise. */
  readonly isRejected?: true;
}

/**
 * Glusterds that do not answer, and peers that another glusterd does not see connected and in the cluster,
 * but for those left out.
 */
export function daemonProblems(view: View): readonly DaemonProblem[] {
  const leftOut = [...view.leftOut.values()];
  return view.nodes.flatMap((facts): readonly DaemonProblem[] => {
    const { node, memory } = facts;
    if (memory.kind !== 'up')
      return [
        { node, subject: `glusterd ${node}`, what: `glusterd on ${node} is ${memory.kind}`, isDown: true },
      ];
    return memory.state.peers
      .filter((peer) => !peer.connected || peer.state !== 'Peer in Cluster')
      .filter((peer) => peer.uuid === undefined || !leftOut.includes(peer.uuid))
      .map((peer) => ({
        node,
        subject: `peer ${node} ${peer.uuid ?? peer.hostnames[0] ?? ''}`,
        what:
          `${node} sees ${peer.hostnames[0] ?? 'a peer'} as "${peer.state}"` +
          (peer.connected ? '' : ', disconnected'),
        peer: peer.hostnames,
        ...(peer.connected && peer.state === 'Peer Rejected' && { isRejected: true as const }),
      }));
  });
}

function onlineBricks(view: View): Journal['online'] {
  return [...view.volumes.values()].flatMap(({ best: volume }) =>
    volume.bricks.flatMap((brick) => {
      const node = view.ownerOf(brick);
      const args = node === undefined ? undefined : { volume: volume.name, node, path: brick.path };
      const located = args === undefined ? undefined : locate(args, view);
      return args !== undefined && located !== undefined && isOnline(located) ? [args] : [];
    }),
  );
}

const isRecord = (value: unknown): boolean => typeof value === 'object' && value !== null;

/** Undefined: not a journal of this format, or damaged. */
export function readJournal(text: string): Journal | undefined {
  try {
    const value = JSON.parse(text) as Journal;
    const version: number = value.formatVersion;
    const sound =
      version === 1 &&
      Array.isArray(value.plan.steps) &&
      Array.isArray(value.online) &&
      Array.isArray(value.up) &&
      (value.amiss === undefined || Array.isArray(value.amiss)) &&
      (value.becomes === undefined || isRecord(value.becomes));
    return sound && isRecord(value.inverses) ? value : undefined;
  } catch {
    return undefined;
  }
}
