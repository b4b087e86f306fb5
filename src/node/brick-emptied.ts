/**
 * Searches a brick that is to leave its volume for files of clients, as shell: they would be lost with it.
 * Owns what counts as none; changes nothing.
 */
import { type Script, sh } from '../core/shell.ts';
import type { NodeOp } from '../model/op.ts';

/** For a walk through the directories of a brick. */
export const EMPTIED_MAX_S = 240;
const SHOWN_MAX = 20;

/**
 * No file is a link file alone: a hint of where a file is, empty, with the sticky bit and nothing else, and
 * with the mark that says so. A file that was deleted and is still open counts: who has it open reads it from
 * here. A directory without the mark of the volume is another one than the brick: nothing is known of that.
 */
export const emptiedScript = ({ path, volumeId }: Extract<NodeOp, { kind: 'check-emptied' }>): Script => sh`
no() { printf '%s\n' "$1" >&2; exit 1; }
path=${path}
id=$(getfattr --absolute-names -d -m '^trusted[.]glusterfs[.]volume-id$' -e hex -- "$path" 2>&1) ||
  no "the marks of $path cannot be read: $id"
case $id in
  *volume-id=0x${volumeId.replaceAll('-', '')}*) ;;
  *) no "$path does not carry the volume-id of its volume" ;;
esac
cd -- "$path" || exit 1
left=$({ timeout ${EMPTIED_MAX_S} find . -xdev -mindepth 1 -path ./.glusterfs -prune \
    -o ! -type d ! \( -type f -size 0 -perm 1000 \) -print &&
  timeout ${EMPTIED_MAX_S} find . -xdev -mindepth 1 -path ./.glusterfs -prune \
    -o -type f -size 0 -perm 1000 -exec sh -c '
      x=$(LC_ALL=C getfattr -h -n trusted.glusterfs.dht.linkto -- "$@" 2>&1 >/dev/null) && exit 0
      printf "%s\n" "$x" | sed "s/: trusted[.]glusterfs[.]dht[.]linkto: .*//"; exit 1' sh {} + &&
  { [ ! -d .glusterfs/unlink ] ||
    timeout ${EMPTIED_MAX_S} find ./.glusterfs/unlink -type f -size +0c -print; } &&
  printf '/\n'; } | head -n ${SHOWN_MAX})
case $left in
  /) ;;
  [!/]*) no "files are left on $path, and would be lost:
$(printf '%s\n' "$left" | sed '/^\/$/d; s/^[.]\///')" ;;
  *) no "$path could not be read within ${EMPTIED_MAX_S} s" ;;
esac
`;
