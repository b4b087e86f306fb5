/**
 * Shell that reads the brick paths of a node, and those above them: what they are, their marks, on which file
 * systems, and what is in them. Owns its limits: a disk that hangs costs its own bricks, and no others.
 */
import { lines, type Script, sh } from '../core/shell.ts';
import { frame } from './frame-names.ts';
import { BRICK_ENTRIES } from './probe-bricks.ts';

/** In seconds. */
interface Limits {
  /** For all paths together. */
  readonly all: number;
  /** For each brick alone, where that was not enough. */
  readonly alone: number;
  /** `timeout` ends what it began a second later by force; what does not end then is not waited for. */
  readonly patience: number;
}

const LIMITS: Limits = { all: 10, alone: 5, patience: 2 };
/** Characters that must fit into the scratch directory, or nothing is put there. */
const ROOM = 65_536;
/** Bricks that are read one by one, all of them side by side. */
const ALONE_MAX = 100;

/**
 * Of paths that `stat` has complained of: the reason and the path, where neither "it is there" nor "it is
 * not" is known. Each is asked alone: of many, the reasons do not say well whose they are.
 */
const UNREAD_PATHS = sh`
for p; do
  [ ! -e "$p" ] || continue
  x=$(stat -L -- "$p" 2>&1 >/dev/null) && continue
  case $x in *': No such file or directory' | *': Not a directory') continue ;; esac
  printf '%s\t%s\n' "\${x##*: }" "$p"
done`;

/**
 * Kind, marks and file system of the brick paths and of those above them. A script of its own, so that one
 * limit ends it. The lists come in its environment, or in files of the scratch directory where they may be
 * too long for that.
 */
export const PATH_FACTS = sh`
frame() { printf '\n%s %s%s\n' "$nonce" "$1" "$suffix"; }
# each LIST WORDS…: runs the words as a command, with the lines of that list behind them.
each() {
  list=$1; shift
  if [ -e "$scratch/$list" ]; then xargs -r -d '\n' -a "$scratch/$list" "$@"
  else eval "list=\$$list"; set -f; IFS=$nl; "$@" $list; ended=$?; unset IFS; set +f; return "$ended"; fi
}
# Whether one of the lines is another reason than that nothing is there, or there are none.
has_reasons() {
  lines=0
  while IFS= read -r x; do
    lines=$((lines + 1))
    case $x in *': No such file or directory' | *': Not a directory') ;; *) return 0 ;; esac
  done
  [ "$lines" = 0 ]
}
${frame('paths')}
each above stat -L --printf='%d\t%i\t%F\t%m\t%n\n' -- 2>"$scratch/stat$suffix"; ended=$?
${frame('unread-paths')}
# xargs answers 123 for a program that has failed on some.
case $ended in
  0) ;;
  1 | 123) ! has_reasons <"$scratch/stat$suffix" || each above sh -c ${UNREAD_PATHS} sh ;;
  *) exit 75 ;;
esac
${frame('xattrs')}
marks='^trusted[.](glusterfs[.](volume-id|dht)|gfid|ec[.]version)$'
each above getfattr --absolute-names -d -m "$marks" -e hex -- \
  2>"$scratch/getfattr$suffix"; ended=$?
${frame('xattrs-status')}
printf '%s\n' "$ended"; while IFS= read -r x; do printf '%s\n' "$x"; done <"$scratch/getfattr$suffix"
${frame('filesystems')}
each above stat -f --printf='%S\t%a\t%b\t%d\t%n\n' -- "$store" /run /tmp /var/log 2>/dev/null
${frame('entries')}
entries=${BRICK_ENTRIES}
if [ -e "$scratch/bricks" ]; then each bricks sh -c "$entries" sh
else set -f; IFS=$nl; set -- $bricks; unset IFS; set +f; eval "$entries"; fi 2>/dev/null`;

/**
 * No process that waits for a dead disk may be waited for, or hold what this script prints on: it may be
 * beyond any signal. So they run in the background, and print to files of the scratch directory.
 */
const HAS_ENDED = sh`
# has_ended SECONDS PID…: fails where one of them has not ended by then.
has_ended() {
  expired=; trap 'expired=1' USR1; seconds=$1; shift
  (
    s=; trap '[ -z "$s" ] || kill "$s"; exit' TERM
    sleep "$seconds" & s=$!
    wait "$s" && kill -USR1 $$
  ) >/dev/null 2>&1 &
  dog=$!
  wait "$@"
  kill "$dog" 2>/dev/null; trap '' USR1
  [ -z "$expired" ]
}
# facts_of_paths SUFFIX SECONDS: begins to read the lists of paths; "done" says that it came to its end.
facts_of_paths() {
  (
    nonce=$nonce nl=$nl store=$W scratch=$scratch above=$above bricks=$bricks suffix=$1 \
      timeout -k 1 "$2" sh -c ${PATH_FACTS} >"$scratch/facts$1"
    case $? in 124 | 137) ;; *) : >"$scratch/done$1" ;; esac
  ) </dev/null 2>/dev/null &
}`;

/**
 * Where one disk hangs, each brick is read alone; those that hang then are named. Otherwise the answer is a
 * file of `bodies`, which are printed together.
 */
export const readPathsScript = ({ all, alone, patience }: Limits = LIMITS): Script =>
  lines(
    HAS_ENDED,
    sh`
one_by_one() {
  [ ! -e "$scratch/bricks" ] || bricks=$(cat "$scratch/bricks")
  rm -f "$scratch/bricks" "$scratch/above"
  set -f; IFS=$nl; set -- $bricks; unset IFS; set +f
  # A brick whose names were not all read must not pass for empty.
  [ "$#" -le ${ALONE_MAX} ] || exit 75
  bricks=; above=/
  facts_of_paths '' ${alone}; pids=$!
  n=0
  for p; do
    n=$((n + 1)); bricks=$p; above=
    while [ -n "$p" ]; do above=$above$p$nl; p=\${p%/*}; done
    above=$above/
    facts_of_paths "-$n" ${alone}; pids="$pids $!"
  done
  has_ended ${alone + patience} $pids
  hung=; n=0; cat "$scratch/facts"
  for p; do
    n=$((n + 1))
    if [ -e "$scratch/done-$n" ]; then cat "$scratch/facts-$n"; else hung=$hung$p$nl; fi
  done
}
if { printf '%${ROOM}s' x >"$scratch/facts"; } 2>/dev/null; then
  facts_of_paths '' ${all}
  if has_ended ${all + patience} $! && [ -e "$scratch/done" ]; then bodies="$bodies $scratch/facts"
  else one_by_one; ${frame('hung')}; printf '%s' "$hung"; fi
else
  # Without room for files it cannot be waited for in this way.
  nonce=$nonce nl=$nl store=$W scratch=$scratch above=$above bricks=$bricks suffix= \
    timeout -k 1 ${all} sh -c ${PATH_FACTS} || [ "$?" != 124 ] || exit 75
fi`,
  );
