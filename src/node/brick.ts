/**
 * Operations on one brick, as shell: launch its process, end a process, remove marks from an empty directory.
 * Owns the last check before each.
 */
import { embed, lines, raw, type Script, sh } from '../core/shell.ts';
import type { BrickExpectation, BrickLaunch } from '../model/op.ts';
import { BRICK_DATA } from '../observe/probe-bricks.ts';

const LAUNCH_TIMEOUT_S = 60;
const DATA_TIMEOUT_S = 30;
/** Polls of a tenth of a second; SIGKILL half way. */
const END_TRIES = 200;

const CHECK_BRICK = raw`
no() { printf '%s\n' "$1" >&2; exit 1; }
# check_brick PATH MOUNT-POINT VOLUME-ID
check_brick() {
  [ -d "$1" ] || no "$1 is not a directory"
  [ "$(stat -c %m -- "$1")" = "$2" ] || no "$1 is no longer on the file system it was on"
  id=$(getfattr --absolute-names --only-values -n trusted.glusterfs.volume-id -- "$1" 2>/dev/null |
    od -An -tx1 | tr -d ' \n')
  [ "$id" = "$3" ] || no "$1 does not carry the volume-id of its volume"
}
`;

const checkBrick = ({ path, mountPoint, volumeId }: BrickExpectation): Script =>
  sh`check_brick ${path} ${mountPoint} ${volumeId.replaceAll('-', '')}`;

/** A forced start marks any directory that it finds as its brick, so each is checked right before. */
export const checkBricksScript = (bricks: readonly BrickExpectation[]): Script => sh`${CHECK_BRICK}
${embed(lines(...bricks.map(checkBrick)))}
`;

export const launchScript = (launch: BrickLaunch): Script => sh`${CHECK_BRICK}
path=${launch.brickPath}
${embed(checkBrick({ path: launch.brickPath, mountPoint: launch.mountPoint, volumeId: launch.volumeId }))}
for d in /proc/[0-9]*; do
  { IFS= read -r name <"$d/comm"; } 2>/dev/null || continue
  [ "$name" = glusterfsd ] || continue
  tr '\0' '\n' <"$d/cmdline" 2>/dev/null | grep -qxF -- "$path" &&
    no "a process serves $path already: pid \${d#/proc/}"
done
mkdir -p -- "$(dirname ${launch.pidFile})" && rm -f -- ${launch.socket} ${launch.pidFile} || exit 1
umask 022
env -u GLUSTERCTL_TRANSACTION timeout ${LAUNCH_TIMEOUT_S} ${launch.program} ${launch.argv} </dev/null
rc=$?
[ "$rc" = 0 ] || no "glusterfsd ended with code $rc"
`;

/** A pid names a process only together with its start time; the word must be in its argv as well. */
export const endScript = (pid: number, startTicks: number, word: string): Script => sh`
same() {
  { IFS= read -r stat </proc/${pid}/stat; } 2>/dev/null || return 1
  set -- \${stat##*) }
  [ "$1" != Z ] && [ "\${20}" = ${startTicks} ] && tr '\0' '\n' </proc/${pid}/cmdline | grep -qxF -- ${word}
}
same || exit 0
kill -TERM ${pid} 2>/dev/null
tries=0
while same; do
  tries=$((tries + 1))
  [ "$tries" = 100 ] && kill -KILL ${pid} 2>/dev/null
  [ "$tries" -ge ${END_TRIES} ] && { echo 'process ${pid} does not end' >&2; exit 1; }
  sleep 0.1
done
`;

/**
 * Checks again before it removes: the file still names that pid, and the pid is still no process of the
 * brick.
 */
export const removePidfileScript = (path: string, pid: number, brickPath: string): Script => sh`
[ -f ${path} ] || exit 0
read -r now <${path} || :
[ "$now" = ${pid} ] || exit 0
if tr '\0' '\n' </proc/${pid}/cmdline 2>/dev/null | grep -qxF -- ${brickPath}; then
  echo 'the pid file is right by now' >&2; exit 1
fi
rm -f -- ${path}
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
no() { printf '%s\n' "$1" >&2; exit 1; }
if [ ! -d "$path" ]; then
  said=$(LC_ALL=C stat -L -- "$path" 2>&1 >/dev/null)
  case $said in '' | *': No such file or directory' | *': Not a directory') exit 0 ;; esac
  no "$said"
fi
id=$(getfattr --absolute-names -d -m '^trusted[.]glusterfs[.]volume-id$' -e hex -- "$path" 2>&1) ||
  no "the marks of $path cannot be read: $id"
case $id in *volume-id=0x*) id=\${id##*=0x} ;; *) id= ;; esac
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
  getfattr --absolute-names -d -m '^trusted[.](glusterfs[.]|gfid$|afr[.]|ec[.])' -- "$path" 2>/dev/null |
  sed -n 's/^\(trusted[^=]*\)=.*/\1/p' |
  while IFS= read -r name; do setfattr -x "$name" -- "$path" || exit 1; done
else rmdir -- "$path"
fi
`;
