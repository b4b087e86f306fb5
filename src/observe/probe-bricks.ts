/**
 * Shell that lists bricks: whether they hold data, their names, and their pending heals. Owns its bounds;
 * changes nothing.
 */
import { raw, sh } from '../core/shell.ts';

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
 * directory may hold millions. One "ls" lists all bricks; where it failed, or one is long or seems empty,
 * each gets an "ls" of its own. Of a brick that cannot be listed nothing is printed, and heals that cannot be
 * counted are "?": neither must pass for none. Behind all of them, which names lead there in the
 * directories among the first few.
 */
export const BRICK_ENTRIES = sh`${BRICK_DATA}
FEW=8; MANY=1001; index=.glusterfs/indices/xattrop
# Of each directory "ls" prints its path and a colon, and its names; an empty line comes before the next.
# section DIR: counts the next one; 2: it is another directory, 1: it is too long.
section() {
  lines=0; heals='?'; first=
  IFS= read -r name && [ "$name" = "$1:" ] || return 2
  heals=0
  while IFS= read -r name && [ -n "$name" ]; do
    lines=$((lines + 1))
    [ "$lines" -gt "$FEW" ] || first=$first$name/
    case $name in xattrop-*) ;; *) heals=$((heals + 1)) ;; esac
    [ "$lines" -lt "$MANY" ] || return 1
  done
}
# No name is a slash: it marks that "ls" failed.
marked_ls() { ls -A -U -q -- "$@" || printf '/\n'; }
has_failed() { while IFS= read -r name; do [ "$name" != / ] || return 0; done; return 1; }
is_own() { case $1 in .glusterfs | .trashcan | .glusterfs-anonymous-inode-*) ;; *) return 1 ;; esac; }
# line HEALS NAMES/ DIR: where all of the names are gluster's own, with what else is there.
line() {
  own=$2; hidden=; set -f; IFS=/
  for n in $2; do
    is_own "$n" || own=
  done
  unset IFS; set +f
  [ -z "$own" ] || hidden=$(brick_data "$3" ${DATA_TIMEOUT_S}) || hidden=?
  case $hidden in *[[:cntrl:]]*) hidden=? ;; esac
  printf '%s\t%s\t%s\t%s\n' "$1" "$2" "$hidden" "$3"
}
count_heals() {
  if [ -d "$1/$index" ]; then
    (cd "$1" && marked_ls "$index" /proc/self/task) 2>/dev/null | {
      section "$index"
      [ "$?" != 0 ] || ! has_failed || heals='?'
      printf '%s' "$heals"
    }
  else
    x=$(LC_ALL=C stat -L -- "$1/$index" 2>&1 >/dev/null)
    case $x in *': No such file or directory' | *': Not a directory') printf 0 ;; *) printf '?' ;; esac
  fi
}
alone() {
  names=$(marked_ls "$1" | {
    n=0
    while [ "$n" -lt "$FEW" ] && IFS= read -r name; do
      [ "$name" != / ] || exit 1
      n=$((n + 1)); printf '%s/' "$name"
    done
  }) && line "$(count_heals "$1")" "$names" "$1"
}
# Fails, and has printed nothing, where "ls" has not listed all of them well.
together() {
  found=$(section /proc/self/task && for p; do
    if [ -d "$p/$index" ]; then section "$p/$index" && count=$heals || exit 1
    else count=$(count_heals "$p"); fi
    section "$p" && [ -n "$first" ] || exit 1
    line "$count" "$first" "$p"
  done && ! has_failed) && printf '%s\n' "$found"
}
# The first is there so that a single brick gets a heading too.
listing() {
  n=$#
  for p; do
    [ ! -d "$p/$index" ] || set -- "$@" "$p/$index"
    set -- "$@" "$p"
  done
  shift "$n"; marked_ls /proc/self/task "$@"
}
# layouts LINE…: of the directories among the names of each. What a client's link leads to is none of ours.
layouts() {
  directories=; tab=${'\t'}
  for l; do
    at=\${l##*"$tab"}; names=\${l#*"$tab"}; IFS=/
    for n in \${names%%"$tab"*}; do
      is_own "$n" || [ -L "$at/$n" ] || [ ! -d "$at/$n" ] || directories="$directories$at/$n$nl"
    done
  done
  IFS=$nl
  [ -z "$directories" ] ||
    getfattr -h --absolute-names -n trusted.glusterfs.dht -e hex -- $directories 2>/dev/null
}
for p; do shift; [ ! -d "$p" ] || set -- "$@" "$p"; done
[ "$#" = 0 ] || {
  found=$(listing "$@" | together "$@" || for p; do alone "$p"; done)
  printf '%s\n' "$found"
  nl=${'\n'}; set -f; IFS=$nl; layouts $found; unset IFS; set +f
}`;
