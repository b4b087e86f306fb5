/**
 * The fence and the lock: no two controllers change a node. A fenced script runs only while its transaction
 * holds the kernel lock, and the next holder waits for it to end. Owns /run/glusterctl; see
 * docs/architecture.md.
 */
import { embed, type Script, sh } from '../core/shell.ts';
import type { LockOwner } from '../model/transaction.ts';
import { DRAIN_MAX_S } from './limits.ts';
import { endSparing, restartAlone } from './service.ts';

export const EXIT_FENCED = 81;
export const EXIT_BUSY = 80;
export const EXIT_DRAINING = 82;
export const EXIT_UNSETTLED = 83;
export const EXIT_CHANGED = 84;
/** A holder that receives nothing for so long gives up; several heartbeats fit into it. */
const SILENCE_MAX_S = 25;
export const HEARTBEAT_EVERY_MS = 5_000;
/** How often it is said that the last commands of the one before are waited for. */
const WAITING_EVERY_S = 5;
/** More than a node says while it waits: one that goes on and on is not believed. */
export const WAITING_LINES_MAX = Math.ceil(DRAIN_MAX_S / WAITING_EVERY_S) + 1;
/**
 * Attempts at the lock, a tenth of a second apart: a fence that finds it free holds it for an instant.
 */
const LOCK_TRIES = 3;

export const transactionMark = (transaction: string): string => `"transaction":"${transaction}"`;

/** Runs `body` with the transaction's id in its environment; passes on its standard output and exit code. */
export const fenced = (transaction: string, body: Script): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
fenced() { printf 'fenced: %s\n' "$1" >&2; exit ${EXIT_FENCED}; }
owner=/run/glusterctl/owner.json
[ -f "$owner" ] || fenced 'nobody holds this node'
exec 8<"$owner"
flock -s -w 20 8 || fenced 'another controller is taking this node'
# By its path: a name that was removed while this waited is still behind the descriptor.
name=; { IFS= read -r name <"$owner"; } 2>/dev/null
case $name in *${transactionMark(transaction)}*) ;; *) fenced 'another transaction holds this node' ;; esac
# Code 1 means that another process holds the lock; anything else is no proof.
{ flock -n -s 7; } 7</run/glusterctl/lock; [ "$?" = 1 ] || fenced 'the lock on this node is no longer held'
GLUSTERCTL_TRANSACTION=${transaction}; export GLUSTERCTL_TRANSACTION
(
${embed(body)}
) 8<&-
`;

/**
 * Runs as long as the lock is held. Prints `waiting` until it has it, and `held`; then answers each `beat`
 * line; `free` releases the lock.
 */
export const lockScript = (owner: LockOwner): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
# The controller may be gone when it is answered: that must not end the shell between writing the name and
# removing it.
trap '' PIPE
${endSparing}${restartAlone}
dir=/run/glusterctl; owner=$dir/owner.json
mkdir -p "$dir" || exit 70
exec 9>>"$dir/lock"
tries=0
until flock -n -x 9; do
  tries=$((tries + 1))
  [ "$tries" -ge ${LOCK_TRIES} ] && { echo busy; head -c 4096 "$owner" 2>/dev/null; echo; exit ${EXIT_BUSY}; }
  sleep 0.1
done
[ -f "$owner" ] || : >"$owner"
exec 8<>"$owner"
waited=0
until flock -x -w ${WAITING_EVERY_S} 8; do
  waited=$((waited + ${WAITING_EVERY_S}))
  [ "$waited" -lt ${DRAIN_MAX_S} ] || { echo draining; exit ${EXIT_DRAINING}; }
  # Nobody waits any more.
  echo waiting 2>/dev/null || exit 0
done
printf '%s\n' ${ownerJson(owner)} >"$owner" || exit 70
flock -u 8
echo held
while word=$(timeout ${SILENCE_MAX_S} head -c 5 9>&- 8>&-); do
  case $word in
    beat) echo beat ;;
    free) flock -x -w ${DRAIN_MAX_S} 8 && { (end_sparing) 8>&- 9>&-; rm -f "$owner"; }; echo freed; exit 0 ;;
    *) break ;;
  esac
done
# The name of a controller that is gone is removed. Its last commands may still run: the lock is released
# immediately, and the name goes when they have ended, unless another controller holds the lock by then.
exec 9>&-
flock -x -w ${DRAIN_MAX_S} 8 || exit 0
exec 9>>"$dir/lock"
flock -x -w 1 9 && grep -qF ${transactionMark(owner.transaction)} "$owner" 2>/dev/null || exit 0
# What it had stopped is started. Whoever takes the lock meanwhile waits for that.
exec 9>&-
(restart_alone; end_sparing) 8>&-
exec 9>>"$dir/lock"
flock -x -w 1 9 && rm -f "$owner"
exit 0
`;

/** One line, no spaces: the fence searches it for the transaction's mark. */
export const ownerJson = (owner: LockOwner): string => JSON.stringify(owner);
