/**
 * Operations on the process of a brick, as shell: launch it, end one, remove its pid file. Owns the last
 * check before each.
 */
import { embed, lines, raw, type Script, sh } from '../core/shell.ts';
import type { BrickExpectation, BrickLaunch } from '../model/op.ts';

const LAUNCH_TIMEOUT_S = 60;
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

/**
 * Shell functions: `server_of PATH` prints the pid of the process that serves a brick; `unserved PATH` fails,
 * through `no`, where there is one.
 */
export const UNSERVED = raw`
server_of() {
  for d in /proc/[0-9]*; do
    { IFS= read -r name <"$d/comm"; } 2>/dev/null || continue
    [ "$name" = glusterfsd ] || continue
    tr '\0' '\n' <"$d/cmdline" 2>/dev/null | grep -qxF -- "$1" && { printf '%s' "\${d#/proc/}"; return; }
  done
}
unserved() {
  pid=$(server_of "$1")
  [ -z "$pid" ] || no "a process serves $1 already: pid $pid"
}
`;

/** Done as well where glusterd, or somebody else, has started the process of that brick since it was read. */
export const launchScript = (launch: BrickLaunch): Script => sh`${CHECK_BRICK}${UNSERVED}
path=${launch.brickPath}
${embed(checkBrick({ path: launch.brickPath, mountPoint: launch.mountPoint, volumeId: launch.volumeId }))}
pid=$(server_of "$path")
if [ -n "$pid" ]; then
  tr '\0' '\n' <"/proc/$pid/cmdline" 2>/dev/null | grep -qxF -- ${volfileId(launch)} && exit 0
  unserved "$path"
fi
mkdir -p -- "$(dirname ${launch.pidFile})" && rm -f -- ${launch.socket} ${launch.pidFile} || exit 1
umask 022
env -u GLUSTERCTL_TRANSACTION timeout ${LAUNCH_TIMEOUT_S} ${launch.program} ${launch.argv} </dev/null
rc=$?
[ "$rc" = 0 ] || no "glusterfsd ended with code $rc"
`;

/** Says which brick of which volume it serves, where a path alone could be of another. */
const volfileId = ({ argv }: BrickLaunch): string => argv[argv.indexOf('--volfile-id') + 1] ?? '';

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
