/**
 * Shell that reads the brick paths of a node: what they are, on which file systems, and what is in them. Owns
 * its bounds; changes nothing.
 */
import { raw, sh } from '../core/shell.ts';
import { frame } from './frame-names.ts';

/**
 * `brick_data DIR SECONDS`: prints the first that is data, from "./". Fails where it is not found out in this
 * time. Not data are gluster's own directories, and below .glusterfs all but gfid links and files that were
 * deleted while they were open; of the gfid links, those of the root and of the trash.
 */
export const BRICK_DATA = raw`
brick_data() (
  cd -- "$1" && timeout "$2" find . -mindepth 1 \( \
    ! -path './*/*' ! -name .glusterfs ! -name .trashcan \
      ! -regex '[.]/[.]glusterfs-anonymous-inode-[0-9a-f-]*' \
    -o -path './.glusterfs-anonymous-inode-*/*' -o ! -type d -path './.trashcan/*' \
    -o -type f -path './.glusterfs/[0-9a-f][0-9a-f]/[0-9a-f][0-9a-f]/*' \
      ! -name '00000000-0000-0000-0000-00000000000*' \
    -o -type f -size +0c -path './.glusterfs/unlink/*' \
    \) -print -quit
)`;

/** For a walk through the directories that a brick of millions of files has left. */
const DATA_TIMEOUT_S = 3;

/**
 * Of each brick: how many heals its index holds, and its first few names. It stops counting early, for a
 * directory may hold millions. One "ls" lists all bricks, up to one that is long or seems empty; the others
 * then get an "ls" each. Of a brick that cannot be listed nothing is printed: it must not pass for empty.
 */
export const BRICK_ENTRIES = sh`${BRICK_DATA}
FEW=3; MANY=1001; index=.glusterfs/indices/xattrop
# Of each directory "ls" prints its path and a colon, and its names; an empty line comes before the next.
# section DIR: counts the next one; fails where it is another directory, or too long.
section() {
  lines=0; heals=0; first=
  IFS= read -r name && [ "$name" = "$1:" ] || return
  while IFS= read -r name && [ -n "$name" ]; do
    lines=$((lines + 1))
    [ "$lines" -gt "$FEW" ] || first=$first$name/
    case $name in xattrop-*) ;; *) heals=$((heals + 1)) ;; esac
    [ "$lines" -lt "$MANY" ] || return
  done
}
# line HEALS NAMES/ DIR: where all of the names are gluster's own, with what else is there.
line() {
  own=$2; hidden=; set -f; IFS=/
  for n in $2; do
    case $n in .glusterfs | .trashcan | .glusterfs-anonymous-inode-*) ;; *) own= ;; esac
  done
  unset IFS; set +f
  [ -z "$own" ] || hidden=$(brick_data "$3" ${DATA_TIMEOUT_S}) || hidden=?
  case $hidden in *[[:cntrl:]]*) hidden=? ;; esac
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$hidden" "$3"
}
alone() {
  heals=0
  if [ -d "$1/$index" ]; then
    heals=$(cd "$1" && ls -A -U -q -- "$index" /proc/self/task | { section "$index"; printf '%s' "$heals"; })
  fi
  # No name is a slash: it marks that "ls" failed.
  names=$({ ls -A -U -q -- "$1" || printf '/\n'; } | for n in 1 2 3; do
    IFS= read -r name || break
    [ "$name" != / ] || exit 1
    printf '%s/' "$name"
  done) && line "$heals" "$names" "$1"
}
together() {
  section /proc/self/task && for p; do
    count=0
    if [ -d "$p/$index" ]; then section "$p/$index" || break; count=$heals; fi
    section "$p" && [ -n "$first" ] || break
    line "$count" "$first" "$p"; shift
  done
  for p; do alone "$p"; done
}
# The first is there so that a single brick gets a heading too.
listing() {
  n=$#
  for p; do
    [ ! -d "$p/$index" ] || set -- "$@" "$p/$index"
    set -- "$@" "$p"
  done
  shift "$n"; ls -A -U -q -- /proc/self/task "$@"
}
for p; do shift; [ ! -d "$p" ] || set -- "$@" "$p"; done
[ "$#" = 0 ] || listing "$@" | together "$@"`;

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
frame() { printf '\n%s %s\n' "$nonce" "$1"; }
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
each above stat -L --printf='%d\t%i\t%F\t%m\t%n\n' -- 2>"$scratch/stat"; ended=$?
${frame('unread-paths')}
# xargs answers 123 for a program that has failed on some.
case $ended in
  0) ;;
  1 | 123) ! has_reasons <"$scratch/stat" || each above sh -c ${UNREAD_PATHS} sh ;;
  *) exit 75 ;;
esac
${frame('xattrs')}
each above getfattr --absolute-names -d -m '^trusted[.](glusterfs[.]volume-id|gfid)$' -e hex -- \
  2>"$scratch/getfattr"; ended=$?
${frame('xattrs-status')}
printf '%s\n' "$ended"; while IFS= read -r x; do printf '%s\n' "$x"; done <"$scratch/getfattr"
${frame('filesystems')}
each above stat -f --printf='%S\t%a\t%b\t%d\t%n\n' -- "$store" /run /tmp /var/log 2>/dev/null
${frame('entries')}
each bricks sh -c ${BRICK_ENTRIES} sh 2>/dev/null`;
