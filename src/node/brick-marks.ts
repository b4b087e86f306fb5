/**
 * Removes gluster's marks from the directory of a brick, as shell: from one that is empty with all that is
 * gluster's own, from one that holds files without any of these. Owns the last check before each.
 */
import { embed, raw, type Script, sh } from '../core/shell.ts';
import type { NodeOp } from '../model/op.ts';
import { BRICK_DATA } from '../observe/probe-bricks.ts';
import { UNSERVED } from './brick.ts';

const DATA_TIMEOUT_S = 30;
/** For a walk below .glusterfs, and for the removal of what is there: of a brick with millions of files. */
const WALK_MAX_S = 120;
const REMOVE_MAX_S = 150;
export const UNMARK_MAX_S = WALK_MAX_S + REMOVE_MAX_S;
export const VACATE_MAX_S = WALK_MAX_S + REMOVE_MAX_S;

/**
 * Shell: `no WORDS`; ends well where `path` is gone; `id`, its volume-id without dashes; `unmark DIR`, the
 * volume-id last. What cannot be read is no mark that is gone.
 */
const READ_ID = raw`
no() { printf '%s\n' "$1" >&2; exit 1; }
if [ ! -d "$path" ]; then
  said=$(LC_ALL=C stat -L -- "$path" 2>&1 >/dev/null)
  case $said in '' | *': No such file or directory' | *': Not a directory') exit 0 ;; esac
  no "$said"
fi
id=$(getfattr --absolute-names -d -m '^trusted[.]glusterfs[.]volume-id$' -e hex -- "$path" 2>&1) ||
  no "the marks of $path cannot be read: $id"
case $id in *volume-id=0x*) id=\${id##*=0x} ;; *) id= ;; esac
unmark() {
  getfattr --absolute-names -d -m '^trusted[.](glusterfs[.]|gfid$|afr[.]|ec[.])' -- "$1" 2>/dev/null |
  sed -n '/^trusted[.]glusterfs[.]volume-id=/d; s/^\(trusted[^=]*\)=.*/\1/p' |
  { while IFS= read -r name; do setfattr -x "$name" -- "$1" || exit 1; done
    [ -z "$id" ] || setfattr -x trusted.glusterfs.volume-id -- "$1"; }
}
`;

/** A store writes the id with dashes. A volume that cannot be read may be the one that has it. */
const UNCLAIMED = sh`
if [ -n "$id" ]; then
  dashed=; rest=$id
  for part in '????????' '????' '????' '????'; do
    tail=\${rest#$part}; dashed=$dashed\${rest%"$tail"}-; rest=$tail
  done
  set -- /var/lib/glusterd/vols/*/info; [ -e "$1" ] || set --
  grep -qx -e "volume-id=$dashed$rest" -- /dev/null "$@"
  case $? in 0) no "$path carries the volume-id of a volume" ;; 1) ;; *) exit 1 ;; esac
fi`;

const onlyVolumeId = (volumeId: string): Script =>
  sh`[ -z "$id" ] || [ "$id" = ${volumeId.replaceAll('-', '')} ] || no "$path carries another volume-id"`;

/** Anything that is not gluster's own is data and stays as it is; the probe judges by the same words. */
export const cleanScript = (
  path: string,
  volumeId: string | undefined,
  existedBefore: boolean,
): Script => sh`${BRICK_DATA}
path=${path}
${READ_ID}
${embed(volumeId === undefined ? sh`` : onlyVolumeId(volumeId))}
${embed(UNCLAIMED)}
data=$(brick_data "$path" ${DATA_TIMEOUT_S}) || no "$path cannot be read"
[ -z "$data" ] || no "$path is not empty"
# A brick that was ended while it started leaves the one of its own volume, besides that of a later volume.
for anonymous in "$path"/.glusterfs-anonymous-inode-*; do
  [ ! -d "$anonymous" ] || rmdir -- "$anonymous" || exit 1
done
rm -rf -- "$path/.glusterfs" "$path/.trashcan" || exit 1
if [ ${existedBefore ? 1 : 0} = 1 ]; then
  unmark "$path"
else rmdir -- "$path"
fi
`;

/**
 * Shell function `file_in DIR SECONDS`: prints the first file that clients have made there, from "./"; fails
 * where that is not found out in this time. None is a link file: a hint of where a file is, with no content
 * and no mode but the sticky bit. A file that was deleted while it was open counts.
 */
const FILE_IN = raw`
file_in() (
  cd -- "$1" && timeout "$2" find . -xdev -mindepth 1 \( -path ./.glusterfs -prune \
    -o ! -type d ! \( -type f -size 0 -perm 1000 \) -print -quit \) &&
    { [ ! -d .glusterfs/unlink ] || timeout "$2" find ./.glusterfs/unlink -type f -size +0c -print -quit; }
)
`;

/** The first entry of its index of heals: what others of its set may lack. Shell as `FILE_IN`. */
const OWED_IN = raw`
owed_in() (
  cd -- "$1" || exit 1
  [ -d .glusterfs/indices/xattrop ] || exit 0
  timeout "$2" find ./.glusterfs/indices/xattrop -mindepth 1 ! -name 'xattrop-*' -print -quit
)
`;

/** The volume may be in the store, the brick must not. A file of bricks that cannot be read may name it. */
const UNLISTED = raw`
own=$(sed -n 's/^UUID=//p' /var/lib/glusterd/glusterd.info) || exit 1
set -- /var/lib/glusterd/vols/*/bricks/*; [ -e "$1" ] || set --
named=$(grep -lxF -e "path=$path" -- /dev/null "$@")
case $? in 0 | 1) ;; *) exit 1 ;; esac
while IFS= read -r file; do
  [ -n "$file" ] || continue
  grep -qxF -e "uuid=$own" -- "$file"
  case $? in 0) no "$path is a brick of a volume" ;; 1) ;; *) exit 1 ;; esac
done <<EOF_NAMED
$named
EOF_NAMED`;

const NO_FILE = sh`${FILE_IN}
file=$(file_in "$path" ${WALK_MAX_S}) || no "$path could not be read within ${WALK_MAX_S} s"
[ -z "$file" ] || no "a client has written to $path: \${file#./}"`;

const NOTHING_OWED = sh`${OWED_IN}
owed=$(owed_in "$path" ${WALK_MAX_S}) || no "the heals that wait on $path could not be read"
[ -z "$owed" ] || no "others of its set may lack what is on $path: \${owed#./}"`;

const REMOVE_COPIES = sh`
timeout ${REMOVE_MAX_S} find . -xdev -mindepth 1 -maxdepth 1 ! -name .glusterfs \
  -exec rm -rf --one-file-system -- {} + || exit 1`;

/**
 * Directories go one by one, the deepest first, and only where they are empty: what a client has written
 * since the check keeps its own, and the marks. Copies go with theirs.
 */
export const vacateScript = ({
  path,
  volumeId,
  existedBefore,
  hasCopies,
  isCheck,
}: Extract<NodeOp, { kind: 'vacate-brick' }>): Script => sh`${UNSERVED}
path=${path}
${READ_ID}
[ -n "$id" ] || exit 0
${embed(onlyVolumeId(volumeId))}
${embed(hasCopies === true ? NOTHING_OWED : NO_FILE)}
[ ${isCheck ? 1 : 0} = 0 ] || exit 0
${UNLISTED}
unserved "$path"
cd -- "$path" || exit 1
${embed(hasCopies === true ? REMOVE_COPIES : sh``)}
timeout ${REMOVE_MAX_S} find . -xdev -mindepth 1 -path ./.glusterfs -prune \
  -o -type f -size 0 -perm 1000 -exec rm -f -- {} + || exit 1
timeout ${REMOVE_MAX_S} find . -xdev -mindepth 1 -depth -type d \
  ! -path ./.glusterfs ! -path './.glusterfs/*' -exec rmdir -- {} + || exit 1
timeout ${REMOVE_MAX_S} rm -rf --one-file-system -- ./.glusterfs || exit 1
cd / || exit 1
if [ ${existedBefore ? 1 : 0} = 1 ]; then unmark "$path"; else rmdir -- "$path"; fi
`;

/**
 * Shell function `lone`: prints the inode of each file below .glusterfs that is linked nowhere else, and a
 * last word where all were read. Not such files are the empty ones, and what gluster keeps for itself.
 */
const LONE = raw`
lone() {
  { (cd -- "$1" && timeout "$2" find ./.glusterfs -ignore_readdir_race -xdev \( -path ./.glusterfs/indices \
      -o -path ./.glusterfs/changelogs -o -path ./.glusterfs/landfill -o -path ./.glusterfs/health_check \
      -o -regex '[.]/[.]glusterfs/[^/]*[.]db[^/]*' \) -prune -o -type f -size +0c -printf '%n %i\n') &&
    echo whole; } |
  sort | uniq -c | sed -n 's/^ *1 whole$/whole/p; s/^ *\([0-9][0-9]*\) \1 \([0-9]*\)$/\2/p'
}
`;

/**
 * A file outside of .glusterfs has a link there as well, which may go. One whose links are all below
 * .glusterfs was deleted while it was open, or has lost its name, and would go too.
 */
export const unmarkScript = ({
  path,
  volumeId,
  isCheck,
}: Extract<NodeOp, { kind: 'unmark-brick' }>): Script => sh`${LONE}${UNSERVED}
path=${path}
${READ_ID}
[ -n "$id" ] || exit 0
${embed(onlyVolumeId(volumeId))}
${embed(isCheck ? sh`` : UNCLAIMED)}
marks=$path/.glusterfs
if [ -e "$marks" ] || [ -L "$marks" ]; then
  [ -d "$marks" ] && [ ! -L "$marks" ] && [ "$(stat -c %m -- "$marks")" = "$(stat -c %m -- "$path")" ] ||
    no "$marks is not a directory of the brick"
  set -- $(lone "$path" ${WALK_MAX_S})
  case "$*" in
    whole) ;;
    *whole) no "the content of $(find "$marks" -xdev -inum "$1" -print -quit) would be lost: \
it is linked nowhere outside of .glusterfs; move it away, or do not name this brick" ;;
    *) no "$marks could not be read within ${WALK_MAX_S} s" ;;
  esac
fi
[ ${isCheck ? 1 : 0} = 0 ] || exit 0
unserved "$path"
timeout ${REMOVE_MAX_S} rm -rf --one-file-system -- "$marks" && [ ! -e "$marks" ] ||
  no "$marks could not be removed within ${REMOVE_MAX_S} s; $path keeps its volume-id"
for anonymous in "$path"/.glusterfs-anonymous-inode-*; do
  rmdir -- "$anonymous" 2>/dev/null
done
unmark "$path"
`;
