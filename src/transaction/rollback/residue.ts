/** The residue of a rollback, and its result. Owns the shapes alone. */
import type { NodeName, VolumeName } from '../../model/names.ts';
import type { PhaseResult } from '../phase.ts';

/** One difference on one node, as a sentence. */
export interface Residue {
  readonly node: NodeName;
  readonly what: string;
  /** The volume whose files have to be restored on that node; absent: there is nothing to write. */
  readonly volume?: VolumeName;
  /** A process to end. */
  readonly process?: { readonly pid: number; readonly startTicks: number };
  /** Set where peers differ. */
  readonly isPeers?: true;
  /** Set where no wait changes it: a node is out of reach, or clients use what was made. */
  readonly isAway?: true;
  /** Set where glusterd does not answer. */
  readonly isDown?: true;
}

export interface RolledBack extends PhaseResult {
  /** None: the cluster is as it was, and failures are only notices. */
  readonly residue: readonly Residue[];
  /** Another controller has finished the transaction; its journal is no longer ours to write. */
  readonly isSuperseded: boolean;
}
