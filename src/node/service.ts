/**
 * Stops and starts glusterd alone. Debian's unit kills every brick with the daemon (KillMode=control-group),
 * and a stop job also stops what requires the unit. So a run-time drop-in is in place meanwhile, and a signal
 * ends glusterd. Owns that drop-in; never signals a glusterd of a container.
 */
import { embed, raw, type Raw, type Script, sh } from '../core/shell.ts';

const START_TIMEOUT_S = 90;
/** A glusterd that was asked to end, and has used no processor time for so long, is stuck. */
const STOP_STUCK_S = 30;
/**
 * One that does not answer, and has used almost no processor time for so long, is stuck: its lock timers are
 * as long.
 */
const ANSWER_STUCK_S = 180;
/** Processor time, in hundredths of a second, that only a working process uses in that time. */
const PROGRESS_TICKS = 10;
export const STOP_MAX_S = 150;
export const START_MAX_S = 300;
/**
 * Longer than the stop and start of all nodes one after the other; then glusterd goes on by itself.
 */
const FREEZE_MAX_S = 60;

/** Pids of the host's own glusterd: containers on the same machine have others. */
export const GLUSTERD_PIDS = raw`
ours() {
  { [ "/proc/$1/ns/pid" -ef /proc/self/ns/pid ] || [ ! -e /proc/self/ns/pid ]; } && [ "/proc/$1/root" -ef / ]
}
glusterd_pids() {
  for d in /proc/[0-9]*; do
    { IFS= read -r name <"$d/comm"; } 2>/dev/null || continue
    [ "$name" = glusterd ] && ours "\${d#/proc/}" &&
      { IFS= read -r stat <"$d/stat"; } 2>/dev/null || continue
    case \${stat##*) } in Z*) ;; *) printf '%s ' "\${d#/proc/}" ;; esac
  done
}
`;

/** Shell functions: `frozen PID`; `thaw`; `used PID…`, their processor time. */
const PROGRESS = raw`
frozen() {
  { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null &&
    case \${stat##*) } in [Tt]*) true ;; *) false ;; esac
}
thaw() { for p in $(glusterd_pids); do frozen "$p" && kill -CONT "$p" 2>/dev/null; done; true; }
used() {
  sum=0
  for p; do
    { IFS= read -r stat <"/proc/$p/stat"; } 2>/dev/null || continue
    set -- \${stat##*) }; sum=$((sum + \${12} + \${13}))
  done
  echo "$sum"
}
`;

/**
 * With it, a main process that ends at our signal leaves the unit "active (exited)": nothing that requires
 * it, or is bound to it, is stopped. After a crash it starts again immediately instead of after Debian's
 * minute. There is no --value before systemd 230.
 */
const DROP_IN = raw`
drop_dir=/run/systemd/system/glusterd.service.d; drop=$drop_dir/50-glusterctl.conf
unit() { systemctl show glusterd -p "$1" 2>/dev/null | sed "s/^$1=//"; }
spare_bricks() {
  [ -d /run/systemd/system ] || return 0
  if [ ! -f "$drop" ]; then
    (umask 022; mkdir -p "$drop_dir" &&
      printf '%s\n' '[Service]' KillMode=process RemainAfterExit=yes \
        'SuccessExitStatus=15 SIGTERM SIGKILL' RestartSec=1 >"$drop") &&
      systemctl daemon-reload || return 1
  fi
  [ "$(unit KillMode)" = process ] && return
  echo 'KillMode could not be set to process; the end of glusterd would kill the bricks' >&2
  rm -f "$drop"; rmdir "$drop_dir" 2>/dev/null; systemctl daemon-reload; return 1
}
`;

/**
 * There while we have stopped glusterd and not started it again; says `restored` once the work on its store
 * is done.
 */
const STOPPED_MARK = '/run/glusterctl/stopped';
/** What the node does by itself where the controller falls silent: a script, root's alone. */
const RESTART_FILE = '/run/glusterctl/restart';
/** For the work and the start that a node does by itself; a later controller waits for it. */
export const RESTART_ALONE_MAX_S = 120;
/** How long a glusterd that comes up is waited for as the lock ends; under load a start takes long. */
const COMING_UP_S = 60;
/** For `end_sparing`. */
export const END_SPARING_MAX_S = COMING_UP_S + 5;
/** How long one that takes longer is waited for with nothing locked. */
const LATE_MAX_S = 1800;
/** Longer than the silence after which a lock ends, and the stop of a glusterd. */
export const ALONE_WAIT_S = 35;

/** For the end of an operation on the store: it is not done again. */
export const storeIsDone: Script = sh`
[ ! -e /run/glusterctl/stopped ] || printf 'restored\n' >/run/glusterctl/stopped
`;

/**
 * The script of `Entrusted`, run by `restartAlone`. None of the nodes starts before every other one can have
 * seen it down, though they learn of the silence at different times.
 */
export const restartScript = (work: Script, others: readonly string[], argv: readonly string[]): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
is_down() {
  said=$(timeout 5 gluster --remote-host="$1" --log-file=/dev/null pool list 2>&1)
  [ $? = 1 ] && case $said in *'Connection failed'*) true ;; *) false ;; esac
}
set -- ${others}
began=$(date +%s); running=$*
while [ $# -gt 0 ] && [ $(($(date +%s) - began)) -lt ${ALONE_WAIT_S} ]; do
  seen=$running; running=
  for host in $seen; do is_down "$host" || running="$running $host"; done
  sleep 1
done
if [ "$(cat ${STOPPED_MARK} 2>/dev/null)" != restored ]; then
  [ -z "$running" ] || exit 1
  (
${embed(work)}
) || exit 1
fi
${embed(startScript(argv))}
`;

const entrustScript = (script: Script): Script => sh`
mkdir -p /run/glusterctl && (umask 077; printf '%s\n' ${String(script)} >${`${RESTART_FILE}.tmp`}) &&
  mv -f -- ${`${RESTART_FILE}.tmp`} ${RESTART_FILE} || { echo ${`cannot write ${RESTART_FILE}`} >&2; exit 1; }
`;

/**
 * A glusterd that we have stopped is started where its controller is gone, once its store is what it was to
 * become. Under the lock of the last commands; whoever takes the node next waits for it.
 */
export const restartAlone: Raw = embed(sh`
restart_alone() {
  [ -e /run/glusterctl/stopped ] && [ -s /run/glusterctl/restart ] || return 0
  said='was started again'
  timeout -k 5 ${RESTART_ALONE_MAX_S} sh /run/glusterctl/restart </dev/null >/dev/null 2>&1 ||
    said='was not started; "glusterctl recover" repairs it'
  logger -t glusterctl -- "glusterd, which a controller that is gone had stopped, $said" 2>/dev/null
  return 0
}
`);

/**
 * The drop-in goes with the lock. It keeps systemd from starting a glusterd that was killed, so such a one is
 * started here; one that crashed comes back by itself. One that we have stopped, or that does not
 * start, keeps the drop-in: its next start may fail, which would end the bricks. Within a minute and five
 * seconds; the drop-in of one that comes up later goes then, where no controller has taken the node since.
 */
export const endSparing: Raw = embed(sh`
end_sparing() {
  drop_dir=/run/systemd/system/glusterd.service.d; drop=$drop_dir/50-glusterctl.conf
  stopped=/run/glusterctl/stopped
  [ -f "$drop" ] || return 0
  sub() { systemctl show glusterd -p SubState 2>/dev/null; }
  if [ ! -e "$stopped" ]; then
    began=$(date +%s)
    [ "$(sub)" != SubState=exited ] ||
      timeout ${COMING_UP_S} systemctl restart --job-mode=ignore-dependencies glusterd
    while case $(sub) in SubState=auto-restart|SubState=start*) true ;; *) false ;; esac; do
      [ $(($(date +%s) - began)) -lt ${COMING_UP_S} ] || break
      sleep 0.1
    done
  fi
  remove() {
    rm -f "$drop" "$stopped" /run/glusterctl/restart; rmdir "$drop_dir" 2>/dev/null; systemctl daemon-reload
  }
  case $(sub) in
    SubState=running) remove ;;
    SubState=auto-restart|SubState=start*) (trap '' HUP; remove_late) </dev/null >/dev/null 2>&1 & ;;
  esac
}
remove_late() {
  began=$(date +%s)
  while sleep 1; [ $(($(date +%s) - began)) -lt ${LATE_MAX_S} ] && [ -f "$drop" ] && [ ! -e "$stopped" ]; do
    [ "$(sub)" = SubState=running ] || continue
    exec 9>>/run/glusterctl/lock
    # Who holds it needs the drop-in, and removes it.
    ! flock -n -x 9 || [ -e /run/glusterctl/owner.json ] || [ -e "$stopped" ] || remove
    return
  done
}
`);

export const spareScript: Script = sh`${DROP_IN}
[ "$(unit KillMode)" = process ] || spare_bricks
`;

export const freezeScript: Script = sh`${GLUSTERD_PIDS}${PROGRESS}
pids=$(glusterd_pids)
[ -n "$pids" ] || { echo 'glusterd does not run' >&2; exit 1; }
kill -STOP $pids || exit 1
started() {
  { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null && set -- \${stat##*) } && printf '%s' "\${20}"
}
for p in $pids; do
  began=$(started "$p")
  (exec 7>&- 8>&- 9>&-; env -u GLUSTERCTL_TRANSACTION sleep ${FREEZE_MAX_S}
    [ "$(started "$p")" = "$began" ] && kill -CONT "$p") </dev/null >/dev/null 2>&1 &
done
`;

export const thawScript: Script = sh`${GLUSTERD_PIDS}${PROGRESS}
thaw
`;

export const stopScript = (
  isFrozen: boolean,
  entrusted?: Script,
): Script => sh`${GLUSTERD_PIDS}${PROGRESS}${DROP_IN}
spare_bricks || exit 1
mkdir -p /run/glusterctl && rm -f -- ${RESTART_FILE} || exit 1
${embed(entrusted === undefined ? sh`:` : entrustScript(entrusted))}
: >${STOPPED_MARK}
if [ ${isFrozen ? 1 : 0} = 1 ]; then kill -KILL $(glusterd_pids) 2>/dev/null
else
  kill -TERM $(glusterd_pids) 2>/dev/null
  thaw
fi
began=$(date +%s); since=$began; mark=$(used $(glusterd_pids))
while pids=$(glusterd_pids); [ -n "$pids" ]; do
  now=$(date +%s); sum=$(used $pids)
  [ "$sum" = "$mark" ] || { mark=$sum; since=$now; }
  [ $((now - since)) -lt ${STOP_STUCK_S} ] || kill -KILL $pids 2>/dev/null
  [ $((now - began)) -lt ${STOP_MAX_S} ] || { echo 'glusterd does not stop' >&2; exit 1; }
  sleep 0.1
done
`;

export const startScript = (argv: readonly string[]): Script => sh`${GLUSTERD_PIDS}${PROGRESS}${DROP_IN}
umask 022; unset GLUSTERCTL_TRANSACTION
log=/var/log/glusterfs/glusterd.log
logged=$(stat -c %s "$log" 2>/dev/null) || logged=0
start() {
  if [ -d /run/systemd/system ]; then
    systemctl reset-failed glusterd 2>/dev/null
    spare_bricks || return
    case $(unit ActiveState)/$(unit SubState) in
      # Units that depend on this one go on: they do not get this job.
      active/exited)
        timeout ${START_TIMEOUT_S} systemctl restart --job-mode=ignore-dependencies glusterd; return ;;
      # A unit that waits for its automatic restart delays a start until then.
      */auto-restart) timeout ${START_TIMEOUT_S} systemctl stop --job-mode=ignore-dependencies glusterd ;;
    esac
    timeout ${START_TIMEOUT_S} systemctl start glusterd
  elif [ -x /etc/init.d/glusterd ]; then timeout ${START_TIMEOUT_S} /etc/init.d/glusterd start >/dev/null
  elif [ -x /etc/init.d/glusterfs-server ]; then
    timeout ${START_TIMEOUT_S} /etc/init.d/glusterfs-server start >/dev/null
  else
    set -- ${argv}
    [ $# -gt 0 ] || set -- "$(command -v glusterd || echo /usr/sbin/glusterd)" -p /run/glusterd.pid
    case " $* " in
      *' -N '*|*' --no-daemon '*) setsid "$@" </dev/null >/dev/null 2>&1 & ;;
      *) timeout ${START_TIMEOUT_S} "$@" </dev/null >/dev/null 2>&1 ;;
    esac
  fi
}
rc=0; found=$(glusterd_pids)
if [ -n "$found" ]; then thaw; else start || rc=$?; fi
began=$(date +%s); since=$began; mark=$(used $(glusterd_pids))
while [ "$rc" = 0 ] && ! timeout 5 gluster --log-file=/dev/null pool list >/dev/null 2>&1; do
  pids=$(glusterd_pids); now=$(date +%s); sum=$(used $pids)
  if [ -z "$pids" ] && [ -z "$found" ]; then [ $((now - began)) -lt 5 ] || rc=1
  elif [ $((sum - mark)) -ge ${PROGRESS_TICKS} ]; then mark=$sum; since=$now
  elif [ -z "$pids" ] || [ $((now - since)) -ge ${ANSWER_STUCK_S} ]; then
    # Only a stuck one is ended, and only once.
    [ -n "$found" ] || { rc=1; break; }
    found=; kill -KILL $pids 2>/dev/null; sleep 0.2
    start || rc=$?
    since=$(date +%s); mark=0
  fi
  [ $((now - began)) -lt ${START_MAX_S} ] || rc=1
  sleep 0.1
done
[ "$rc" != 0 ] || rm -f ${STOPPED_MARK} ${RESTART_FILE}
[ "$rc" = 0 ] || { echo "glusterd does not start (exit $rc)" >&2
  tail -c +$((logged + 1)) "$log" 2>/dev/null | grep -h ' E \[' | tail -n 3 | cut -c 1-300 >&2; exit 1; }
`;
