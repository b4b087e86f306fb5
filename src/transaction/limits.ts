/** Every limit of a transaction, in one place, with what its expiry means. */

/** Steps that run side by side: sshd allows ten channels a connection, two are kept free. */
export const PARALLEL_STEPS_MAX = 8;
/**
 * For glusterd to be settled: longer than a unit waits for its automatic restart (a minute on Debian) and
 * glusterd is young after that, so that what is missing then is a fault and no matter of time.
 */
export const SETTLE_MS = 135_000;
/**
 * A node that joins a pool brings up the daemons of its volumes within this; what is missing then is a fault.
 */
export const JOIN_MS = 20_000;
/** Of one glusterd that dies again and again, within one wait. */
export const CRASH_STARTS_MAX = 2;
/** A command that is refused because some glusterd was restarted meanwhile waits for it, so often. */
export const SETTLE_TRIES_MAX = 3;
/**
 * A process that was there counts as there for so long: a glusterd that is restarted is out of reach of its
 * peers for longer, which try it again three seconds after they lost it.
 */
export const SAME_FRESH_MS = 1000;
/** Somebody else's command holds glusterd's lock for an instant, or for as long as a slow start takes. */
export const BUSY_MS = 90_000;
export const BUSY_PAUSE_MS = 150;
export const BUSY_PAUSE_MAX_MS = 1500;
/**
 * Between two observations while waiting for the cluster; longer, a twentieth of what was waited, from the
 * fifth second on.
 */
export const POLL_MS = 250;
export const POLL_MAX_MS = 2000;
export const POLLS_PER_WAIT = 20;
/**
 * After the commit: all stores equal, memory as disk, peers connected, bricks online. Handshakes take 3-8 s.
 */
export const POST_VALIDATE_MS = 60_000;
/**
 * Faults that come to light after the commit go by themselves within this, as daemons come back, or they
 * stay.
 */
export const FRESH_MS = 20_000;
/**
 * After a rollback by before-image: glusterd restarts, peers see each other again after 3 s, bricks are
 * adopted.
 */
export const ROLLBACK_WAIT_MS = 60_000;
/** A command whose answer was lost may run on for the gluster CLI's own 120 s. */
export const UNKNOWN_RESOLVE_MS = 150_000;
/** Getting a lost node back during a rollback: its lock frees itself within 25 s. */
export const RECONNECT_MS = 40_000;
/** Kept journals of finished transactions. */
export const JOURNALS_KEPT = 10;
/** A rollback is done again where a node was lost, or an image refused, while it went on. */
export const ROLLBACK_ROUNDS_MAX = 2;
/**
 * Putting images back: a node that comes up meanwhile may have learnt the volume again from one that was not
 * stopped yet.
 */
export const IMAGE_ROUNDS_MAX = 3;
/** A glusterd tries a peer that it lost again after this long, and then each time it has passed. */
export const PEER_RETRY_MS = 3000;
/**
 * Its peers were lost before the answer to the stop was here, and an observation asks glusterd some time
 * after it was sent.
 */
export const OBSERVE_AHEAD_MS = 150;
/** Peers see each other again, and bricks are adopted, within this after a glusterd started. */
export const HANDSHAKE_MS = 20_000;
