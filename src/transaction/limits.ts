/** Every limit of a transaction, in one place, with what its expiry means. */

/** Steps that run side by side: sshd allows ten channels a connection, two are kept free. */
export const PARALLEL_STEPS_MAX = 8;
/**
 * For glusterd to be settled. Longer than a unit waits for its automatic restart (a minute on Debian) and
 * glusterd is young after that: what is missing then is a fault.
 */
export const SETTLED_MS = 135_000;
/**
 * A node that joins a pool brings up the daemons of its volumes within this; what is missing then is a fault.
 */
export const JOIN_MS = 20_000;
/** Starts of one glusterd that dies again and again, within one wait. */
export const CRASH_STARTS_MAX = 2;
/** How often a command that is refused for a restarted glusterd waits until that is settled. */
export const UNSETTLED_TRIES_MAX = 3;
/**
 * How long a checked process counts as running. A glusterd that is restarted is out of reach for longer: its
 * peers reconnect three seconds after they lost it.
 */
export const SAME_FRESH_MS = 1000;
/** Another command holds glusterd's lock for an instant, or for as long as a slow start takes. */
export const BUSY_MS = 90_000;
export const BUSY_PAUSE_MS = 150;
export const BUSY_PAUSE_MAX_MS = 1500;
/** Between two observations of a wait. From the fifth second on: a twentieth of the time waited. */
export const POLL_MS = 250;
export const POLL_MAX_MS = 2000;
export const POLLS_PER_WAIT = 20;
/**
 * After the commit: all stores equal, memory as disk, peers connected, bricks online. Handshakes take 3-8 s.
 */
export const POST_VALIDATE_MS = 60_000;
/** New faults after the commit disappear within this, as daemons come back, or they stay. */
export const FRESH_MS = 20_000;
/**
 * After a rollback by before-image: glusterd restarts, peers see each other again after 3 s, bricks are
 * adopted.
 */
export const ROLLBACK_WAIT_MS = 60_000;
/** A command whose answer was lost may run on for the gluster CLI's own 120 s. */
export const UNKNOWN_RESOLVE_MS = 150_000;
/** To reconnect a lost node during a rollback: its lock is released within 25 s. */
export const RECONNECT_MS = 40_000;
/** To mark a journal as committed: a disk that was full for a moment, a node that comes back. */
export const CLOSE_MS = 60_000;
export const CLOSE_PAUSE_MS = 2000;
/** Journals of finished transactions that are kept. */
export const JOURNALS_KEPT = 10;
/** Rounds of a rollback: one more where a node was lost, or an image refused, in the one before. */
export const ROLLBACK_ROUNDS_MAX = 2;
/** How often the inverses of a round are run again, because others have changed a volume meanwhile. */
export const UNDO_TRIES_MAX = 3;
/**
 * Rounds of restoring images: a node that comes up meanwhile may have taken the volume over again from one
 * that was not stopped yet.
 */
export const IMAGE_ROUNDS_MAX = 3;
/** A glusterd tries to reconnect a lost peer each time this has passed. */
export const PEER_RETRY_MS = 3000;
/**
 * The peers lose a glusterd before the answer to its stop arrives, and an observation asks glusterd some time
 * after it was sent.
 */
export const OBSERVE_AHEAD_MS = 150;
/** Peers see each other again, and bricks are adopted, within this after a glusterd started. */
export const HANDSHAKE_MS = 20_000;
