/** Nodes that have lost who they are. */
import type { NodeFacts } from '../../model/observed.ts';

/** The end of a message about a node that has lost its identity: a start would give it a new one. */
export const downWith = (facts: NodeFacts): string =>
  facts.memory.kind === 'down'
    ? '; glusterd is down there and must not be started before it is put right'
    : '';
