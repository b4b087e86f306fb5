/**
 * Takes a node's lock away from one named transaction: waits for its last commands, ends its holder, removes
 * its name. Touches no process and no name of another transaction.
 */
import { type Script, sh } from '../core/shell.ts';
import { JOURNAL_ROOT } from '../model/transaction.ts';
import { EXIT_BUSY, EXIT_DRAINING, transactionMark } from './fence.ts';
import { DRAIN_MAX_S } from './limits.ts';
import { endSparing, restartAlone } from './service.ts';
import { transactionId } from './store.ts';

/** Polls of a tenth of a second; SIGKILL half way. */
const END_TRIES = 100;

/** Prints `ended` (a holder was), `left` (only its name was there) or `none`. */
export const releaseScript = (transaction: string): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
lock=/run/glusterctl/lock; owner=/run/glusterctl/owner.json
state=${`${JOURNAL_ROOT}/${transactionId(transaction)}`}/state
named() { grep -qF ${transactionMark(transaction)} "$owner" 2>/dev/null; }
started() {
  { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] && printf '%s' "\${20}"
}
# A holder has both files open, as the lock script does; one that waits for the lock has only the first.
holds() { [ "/proc/$1/fd/9" -ef "$lock" ] && [ "/proc/$1/fd/8" -ef "$owner" ]; }
same() { [ "$(started "$pid")" = "$ticks" ] && holds "$pid"; }
[ -e "$lock" ] && named || { echo none; exit 0; }
# Behind this lock no command begins under the name, and those that had begun have ended.
exec 8<"$owner"
flock -x -w ${DRAIN_MAX_S} 8 || exit ${EXIT_DRAINING}
said=left
if ! flock -n -s "$lock" true; then
  said=ended; found=
  for d in /proc/[0-9]*; do
    pid=\${d#/proc/}
    holds "$pid" && ticks=$(started "$pid") && found="$found $pid:$ticks"
  done
  # Read again after the search: a process that was found and still holds, holds under this name.
  named || { echo none; exit 0; }
  # By this state a controller that lives finds that the rollback of its transaction is superseded.
  case $(cat "$state" 2>/dev/null) in prepared|committing)
    printf 'rolling-back\n' >"$state.tmp" && sync -- "$state.tmp" &&
      mv -f -- "$state.tmp" "$state" || exit 1 ;;
  esac
  for x in $found; do
    pid=\${x%:*}; ticks=\${x#*:}
    same && kill -TERM "$pid" 2>/dev/null
    tries=0
    while same; do
      tries=$((tries + 1))
      [ "$tries" = 50 ] && kill -KILL "$pid" 2>/dev/null
      [ "$tries" -ge ${END_TRIES} ] && { echo "process $pid does not end" >&2; exit 1; }
      sleep 0.1
    done
  done
fi
exec 9>>"$lock"
flock -x -w 1 9 || exit ${EXIT_BUSY}
${endSparing}${restartAlone}
if named; then
  (restart_alone; end_sparing) 8>&- 9>&-
  rm -f "$owner"
fi
echo "$said"
`;
