/**
 * How long an operation may take on a node, and what follows from it: how long the next controller waits for
 * the last one of an earlier controller. Owns that the second is never shorter than the first.
 */
import type { NodeOp } from '../model/op.ts';
import { EMPTIED_MAX_S } from './brick-emptied.ts';
import { UNMARK_MAX_S, VACATE_MAX_S } from './brick-marks.ts';
import { END_SPARING_MAX_S, RESTART_ALONE_MAX_S, START_MAX_S, STOP_MAX_S } from './service.ts';

const OP_TIMEOUT_MS = 60_000;
const SLOW: Partial<Record<NodeOp['kind'], number>> = {
  'stop-glusterd': (STOP_MAX_S + 30) * 1000,
  'start-glusterd': (START_MAX_S + 120) * 1000,
  'launch-brick': 90_000,
  'unmark-brick': (UNMARK_MAX_S + 30) * 1000,
  // Three walks, of which the second and the third are short where the first one was not.
  'check-emptied': (EMPTIED_MAX_S + 60) * 1000,
  'vacate-brick': (VACATE_MAX_S + 30) * 1000,
  'journal-prepare': 120_000,
};
/** What the caller of the gluster CLI waits beyond the limit that it gives. */
const GLUSTER_MORE_S = 40;

/** Longer than every limit inside the script, so that the script's own message comes first. */
export const timeoutOf = (op: NodeOp): number =>
  op.kind === 'gluster' ? (op.timeoutSeconds + GLUSTER_MORE_S) * 1000 : (SLOW[op.kind] ?? OP_TIMEOUT_MS);

/** Of a gluster command; the CLI itself gives up after 120 s. */
export const GLUSTER_MAX_S = 120;

/** What a node does by itself under the same lock, when its controller is gone. */
const ALONE_MAX_S = RESTART_ALONE_MAX_S + 5 + END_SPARING_MAX_S;

/**
 * How long a new holder waits for the last commands of the one before: as long as the longest of them may
 * take.
 */
export const DRAIN_MAX_S = Math.max(
  ...Object.values(SLOW).map((ms) => ms / 1000),
  OP_TIMEOUT_MS / 1000,
  GLUSTER_MAX_S + GLUSTER_MORE_S,
  ALONE_MAX_S,
);
/** Longer than that, so that the node's own answer comes first. */
export const LOCK_TIMEOUT_MS = (DRAIN_MAX_S + 20) * 1000;
/** Longer than draining, ending, and what the node does by itself together. */
export const RELEASE_LIMIT_MS = (DRAIN_MAX_S + 20 + ALONE_MAX_S) * 1000;
