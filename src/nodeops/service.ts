/**
 * Stops and starts glusterd without touching bricks. Debian's unit kills every brick with the daemon
 * (KillMode=control-group), so a run-time drop-in stands around the stop and the start, and goes after.
 */
import { raw, type Script, sh } from '../core/shell.ts';

const STOP_TIMEOUT_S = 60;
const START_TIMEOUT_S = 90;
/** Polls of a tenth of a second. */
const GONE_TRIES = 200;

/** Pids of glusterd in this pid namespace. */
const GLUSTERD_PIDS = raw`
glusterd_pids() {
  for d in /proc/[0-9]*; do
    { IFS= read -r name <"$d/comm"; } 2>/dev/null || continue
    [ "$name" = glusterd ] && { IFS= read -r stat <"$d/stat"; } 2>/dev/null || continue
    case \${stat##*) } in Z*) ;; *) printf '%s ' "\${d#/proc/}" ;; esac
  done
}
`;

const DROP_IN = raw`
drop_dir=/run/systemd/system/glusterd.service.d; drop=$drop_dir/50-glusterctl.conf
kill_mode() { systemctl show glusterd -p KillMode --value; }
spare_bricks() {
  umask 022
  mkdir -p "$drop_dir" && printf '[Service]\nKillMode=process\n' >"$drop" && systemctl daemon-reload
}
`;

/** What of a stop takes longest and stops nothing yet; it may come before. What systemd made of it, only the stop asks. */
export const readyScript: Script = sh`${DROP_IN}
[ ! -d /run/systemd/system ] || grep -qs '^KillMode=process' /etc/systemd/system/glusterd.service /lib/systemd/system/glusterd.service || spare_bricks
`;

export const stopScript = (hung: boolean): Script => sh`${GLUSTERD_PIDS}${DROP_IN}
if [ -d /run/systemd/system ]; then
  if [ "$(kill_mode)" != process ]; then
    spare_bricks || exit 1
    [ "$(kill_mode)" = process ] || { echo 'KillMode could not be set to process; stopping glusterd would kill the bricks' >&2
      rm -f "$drop"; rmdir "$drop_dir" 2>/dev/null; systemctl daemon-reload; exit 1; }
  fi
  # The kill stands behind the drop-in: the unit's rule also holds when its main process dies.
  [ ${hung ? 1 : 0} = 0 ] || kill -KILL $(glusterd_pids) 2>/dev/null
  timeout ${STOP_TIMEOUT_S} systemctl stop glusterd || :
elif [ ${hung ? 1 : 0} = 1 ]; then kill -KILL $(glusterd_pids) 2>/dev/null
elif [ -x /etc/init.d/glusterd ]; then timeout ${STOP_TIMEOUT_S} /etc/init.d/glusterd stop >/dev/null
elif [ -x /etc/init.d/glusterfs-server ]; then timeout ${STOP_TIMEOUT_S} /etc/init.d/glusterfs-server stop >/dev/null
fi
tries=0
while pids=$(glusterd_pids); [ -n "$pids" ]; do
  case $tries in
    0) kill -TERM $pids 2>/dev/null ;;
    100) kill -KILL $pids 2>/dev/null ;;
    ${GONE_TRIES}) echo 'glusterd does not stop' >&2; exit 1 ;;
  esac
  tries=$((tries + 1)); sleep 0.1
done
`;

export const startScript = (argv: readonly string[]): Script => sh`${GLUSTERD_PIDS}${DROP_IN}
rc=0
if [ -n "$(glusterd_pids)" ]; then :
elif [ -d /run/systemd/system ]; then
  systemctl reset-failed glusterd 2>/dev/null
  if [ "$(kill_mode)" != process ]; then
    spare_bricks
  fi
  # A unit that waits for its automatic restart (RestartSec=60 on Debian) holds a start up until then.
  [ "$(systemctl show glusterd -p SubState --value)" != auto-restart ] || timeout ${STOP_TIMEOUT_S} systemctl stop glusterd
  timeout ${START_TIMEOUT_S} systemctl start glusterd || rc=$?
elif [ -x /etc/init.d/glusterd ]; then timeout ${START_TIMEOUT_S} /etc/init.d/glusterd start >/dev/null || rc=$?
elif [ -x /etc/init.d/glusterfs-server ]; then timeout ${START_TIMEOUT_S} /etc/init.d/glusterfs-server start >/dev/null || rc=$?
else
  set -- ${argv}
  [ $# -gt 0 ] || set -- /usr/sbin/glusterd -p /run/glusterd.pid
  case " $* " in
    *' -N '*|*' --no-daemon '*) env -u GLUSTERCTL_TRANSACTION setsid "$@" </dev/null >/dev/null 2>&1 & ;;
    *) env -u GLUSTERCTL_TRANSACTION timeout ${START_TIMEOUT_S} "$@" </dev/null >/dev/null 2>&1 || rc=$? ;;
  esac
fi
tries=0
while [ "$rc" = 0 ] && ! timeout 5 gluster --log-file=/dev/null pool list >/dev/null 2>&1; do
  tries=$((tries + 1)); [ "$tries" -ge ${GONE_TRIES} ] && { rc=1; break; }
  sleep 0.1
done
if [ -f "$drop" ]; then rm -f "$drop"; rmdir "$drop_dir" 2>/dev/null; systemctl daemon-reload; fi
[ "$rc" = 0 ] || { echo "glusterd does not start (exit $rc)" >&2
  grep -h ' E \[' /var/log/glusterfs/glusterd.log 2>/dev/null | tail -n 3 | cut -c 1-300 >&2; exit 1; }
`;
