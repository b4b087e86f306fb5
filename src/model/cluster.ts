/**
 * The nodes of a cluster file, connected and read: what every command works on. Over SSH they come from
 * `cli/cluster.ts`; a simulated cluster hands in its own.
 */
import type { NodeName } from './names.ts';
import type { Clock, NodeLink } from './node-link.ts';
import type { Observed } from './observed.ts';

export interface Cluster extends AsyncDisposable {
  /** Links to the nodes that answered, in the order of the file. */
  readonly links: Map<NodeName, NodeLink>;
  readonly observed: Observed;
  /** A new connection to a node whose link was lost. */
  readonly relink: (node: NodeName) => Promise<NodeLink | undefined>;
  readonly clock: Clock;
}
