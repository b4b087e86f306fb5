/**
 * The script that reads a node in a single round trip, and changes nothing. Owns its text and its limits;
 * `read-node.ts` reads the answer.
 */
import { lines, raw, type Script, sh } from '../core/shell.ts';
import { DRAIN_MARK } from '../model/transaction.ts';
import { body, frame } from './frame-names.ts';
import { baselineScript } from './probe-baseline.ts';
import { STORE } from './probe-store.ts';

export interface ProbeRequest {
  /** Separates the frames of the output; unguessable, so that no file content can forge a frame. */
  readonly nonce: string;
  /** Brick paths to read besides those in the node's store. */
  readonly paths: readonly string[];
  /** Host names to resolve besides those in the node's store. */
  readonly hosts: readonly string[];
  /** Also read the names of all volume options that the installed glusterd knows. */
  readonly optionCatalogue: boolean;
  /**
   * …unless these are options of volumes in the node's store: asking glusterd takes longer than all else.
   * Empty: always.
   */
  readonly unlessStored?: readonly string[];
  /** Also read the baseline: see `BaselineFacts`. */
  readonly baseline: boolean;
  /** glusterd was stopped, and is not asked. */
  readonly stopped?: boolean;
}

/** Inner limits, in seconds; the whole exchange is bounded by PROBE_TIMEOUT_MS. */
const GET_STATE_TIMEOUT_S = 10;
const SERVICE_TIMEOUT_S = 5;
const HOLDERS_TIMEOUT_S = 5;
export const PROBE_TIMEOUT_MS = 40_000;
export const PROBE_OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Frames in the order in which they are written; `end` proves that nothing was cut off. The parts share the
 * variables of one shell. Starting a program costs the node more than most programs do, so one program, or
 * the shell itself, reads many things of a kind.
 */
export const probeScript = ({ unlessStored = [], stopped = false, ...request }: ProbeRequest): Script =>
  lines(
    settings(request.nonce, stopped),
    host(request.baseline),
    SCRATCH,
    askedCatalogue(request.optionCatalogue, unlessStored),
    ASK_GLUSTERD,
    VERSION,
    STORE,
    UNIT,
    PROCESSES,
    SOCKETS,
    RUN_FILES,
    DRAINED,
    ...(request.baseline ? [baselineScript(request)] : []),
    GLUSTERD_ANSWERS,
    HOLDERS,
    SERVICE,
    sh`${frame('end')}
`,
  );

const settings = (nonce: string, stopped: boolean): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
nonce=${nonce}
stopped=${stopped ? 1 : 0}
W=/var/lib/glusterd; R=/var/run/gluster; J=/var/lib/glusterctl/transactions
nl='
'
frame() { printf '\n%s %s\n' "$nonce" "$1"; }`;

/** Clock, name, boot, uid, and when this shell began: by it other processes are younger or older. */
const host = (isClockRead: boolean): Script => sh`${frame('meta')}
${isClockRead ? raw`date +%s%3N` : raw`echo`}
for f in hostname random/boot_id; do
  x=; { IFS= read -r x <"/proc/sys/kernel/$f"; } 2>/dev/null; printf '%s\n' "$x"
done
while read -r x real effective rest; do
  [ "$x" != Uid: ] || { printf '%s\n' "$effective"; break; }
done </proc/self/status
IFS= read -r stat </proc/self/stat; set -- \${stat##*) }; printf '%s\n' "\${20}"`;

/**
 * Without one of them something would not be read, and nothing would say so. What getfattr reads is reported
 * as unread.
 */
const PROGRAMS = ['tar', 'find', 'xargs', 'grep', 'sed', 'flock', 'getent', 'timeout'];

const SCRATCH = sh`
scratch=$(mktemp -d /run/glusterctl-probe.XXXXXX 2>/dev/null) ||
  { ${frame('no-scratch')}; ${frame('end')}; exit 0; }
trap 'rm -rf "$scratch"' EXIT
lacking=
for x in ${PROGRAMS}; do command -v "$x" >/dev/null 2>&1 || lacking="$lacking $x"; done
[ -z "$lacking" ] || { ${frame('lacking')}; printf '%s\n' "$lacking"; ${frame('end')}; exit 0; }
trap 'exit 129' HUP INT TERM PIPE`;

const askedCatalogue = (isAsked: boolean, unlessStored: readonly string[]): Script => sh`
catalogue=${isAsked ? 1 : 0}
if [ "$catalogue" = 1 ] && [ ${unlessStored.length} != 0 ]; then
  stored=$nl$(sed -n 's/=.*/=/p' "$W"/vols/*/info 2>/dev/null)
  catalogue=0
  for x in ${unlessStored}; do
    case $stored in *"$nl$x="*) ;; *) catalogue=1; break ;; esac
  done
fi`;

/** In the background, while the rest is read. */
const ASK_GLUSTERD = sh`
if [ "$stopped" = 0 ] && command -v gluster >/dev/null 2>&1; then
  timeout -k 1 ${GET_STATE_TIMEOUT_S} gluster --log-file=/dev/null get-state glusterd \
    odir "$scratch" file state >"$scratch/said" 2>&1 &
  state_job=$!
  if [ "$catalogue" = 1 ]; then
    timeout -k 1 ${GET_STATE_TIMEOUT_S} gluster --log-file=/dev/null volume set help-xml \
      >"$scratch/catalogue" 2>/dev/null &
    catalogue_job=$!
  fi
else
  state_job=
fi`;

/** The release is the name of its directory; with several there, the program is asked. */
const VERSION = sh`${frame('version')}
if command -v glusterd >/dev/null 2>&1; then
  release=; xlators=
  for d in /usr/lib/*/glusterfs/*/xlator /usr/lib64/glusterfs/*/xlator /usr/lib/glusterfs/*/xlator; do
    [ -d "$d" ] || continue
    xlators="$xlators $d"; d=\${d%/xlator}; [ -z "$release" ] && release=\${d##*/} || release=several
  done
  case $release in
    [0-9]*) printf 'glusterfs %s\n' "$release" ;;
    *) timeout 5 glusterd --version 2>/dev/null ;;
  esac
fi`;

/** Files of glusterd's unit, in the order in which systemd reads them. */
const UNIT = sh`
units=
for f in /etc /run /usr/local/lib /usr/lib /lib; do
  f=$f/systemd/system/glusterd.service
  [ -f "$f" ] || continue
  units=$f
  for drop in /lib /usr/lib /usr/local/lib /run /etc; do
    for drop in "$drop"/systemd/system/glusterd.service.d/*.conf; do
      case $drop in */50-glusterctl.conf) ;; *) [ ! -f "$drop" ] || units=$units$nl$drop ;; esac
    done
  done
  break
done`;

/**
 * Processes of gluster, processes with our mark, and the volfile of glusterd. Processes of containers on this
 * host are not ours.
 */
const PROCESSES = sh`
# body FRAME FILE…: printed by the one "cat" below, between the heads of frames; or immediately, where there
# is no room for those.
heads=0; bodies=
body() {
  name=$1; shift; heads=$((heads + 1)); head=$scratch/head.$heads
  if { frame "$name" >"$head"; } 2>/dev/null; then bodies="$bodies $head $*"
  else frame "$name"; cat "$@" 2>/dev/null; fi
}
# One "grep" for whatever is a matter of single lines: a file, a colon, and what was found in it.
IFS=$nl
found=$(grep -Hsao -e '^gluster.*' -e GLUSTERCTL_TRANSACTION= -e '^.* 0A .*' -e '^[[:space:]]*KillMode.*' \
  /proc/[0-9]*/comm /proc/[0-9]*/environ /proc/net/tcp /proc/net/tcp6 $units)
set -f; set -- $found; unset IFS; set +f
${frame('tcp')}
heard=
# hears N: LOCAL:PORT REMOTE STATE QUEUES TIMER RETRIES UID TIMEOUT INODE …
hears() {
  case \${2##*:} in ''|*[!0-9A-Fa-f]*) ;; *) heard="$heard $((0x\${2##*:}))=\${10}" ;; esac
}
for x; do
  case \${x%%:*} in /proc/net/*) printf '%s\n' "\${x#*:}"; hears \${x#*:} ;; esac
done
${frame('processes')}
fds=
served=0
marked=
volfile=/etc/glusterfs/glusterd.vol
[ -e "$volfile" ] || volfile=/usr/local$volfile
ours() {
  { [ "$1/ns/pid" -ef /proc/self/ns/pid ] || [ ! -e /proc/self/ns/pid ]; } && [ "$1/root" -ef / ]
}
for x; do
  d=\${x%%:*}
  case $x in
    /proc/*/comm:gluster*) ;;
    /proc/*/environ:GLUSTERCTL_TRANSACTION=)
      case "$marked " in *" $d "*) ;; *) marked="$marked $d" ;; esac; continue ;;
    *) continue ;;
  esac
  d=\${d%/comm}; p=\${d#/proc/}
  ours "$d" || continue
  { IFS= read -r stat <"$d/stat"; } 2>/dev/null || continue
  case $stat in
    *'(glusterfsd)'*) served=$((served + 1)) ;;
    *'(glusterd)'*)
      # Without the NUL characters between its words.
      x=; { IFS= read -r x <"$d/cmdline"; } 2>/dev/null
      case $x in
        *-f* | *--volfile=*)
          x=$(sed -zn -e 's/^--volfile=//p' -e '/^-f$/{n;p;}' "$d/cmdline" 2>/dev/null | tr '\0' '\n')
          [ -z "$x" ] || volfile=$x ;;
      esac ;;
  esac
  frame "process $p"; printf '%s\n' "$stat"
  fds="$fds $p/fd"
  body "argv $p" "$d/cmdline"; body "cgroup $p" "$d/cgroup"
done`;

const SOCKETS = sh`${body('addresses')} /proc/net/fib_trie /proc/net/if_inet6
if [ -n "$fds" ]; then
  cd /proc && find $fds -maxdepth 1 \( -name fd -printf "\\n$nonce sockets %h\\n" \
    -o -lname 'socket:*' -printf '%l\n' \) 2>/dev/null
  cd /
fi
${frame('marked')}
for f in $marked; do
  v=$(tr '\0' '\n' <"$f" 2>/dev/null | grep '^GLUSTERCTL_TRANSACTION=') && printf '%s %s\n' "$f" "$v"
done`;

const RUN_FILES = sh`${frame('pidfiles')}
for f in "$R"/vols/*/*.pid "$R"/*/*.pid "$R"/*/*/*.pid; do
  [ -f "$f" ] || continue
  x=; IFS= read -r x <"$f" || :
  case $x in ''|*[!0-9]*) x=0 ;; esac
  [ "$x" != 0 ] && [ -d "/proc/$x" ] && alive=1 || alive=0
  printf '%s %s %s\n' "$x" "$alive" "$f"
done
${frame('sockets-dir')}
for f in "$R"/*.socket "$R"/.*.socket; do
  if [ -e "$f" ] || [ -L "$f" ]; then printf '%s\n' "$f"; fi
done`;

const DRAINED = sh`
if [ -e ${DRAIN_MARK} ] || [ -L ${DRAIN_MARK} ]; then
  ${frame('drained')}; head -c 4096 ${DRAIN_MARK} 2>/dev/null
fi`;

const GLUSTERD_ANSWERS = sh`
rc=
if [ "$stopped" = 1 ]; then
  ${frame('said')}; printf '1\nglusterd was stopped\n'
elif [ -n "$state_job" ]; then
  wait "$state_job"; rc=$?
  ${frame('said')}; printf '%s\n' "$rc"; [ "$rc" = 0 ] || head -c 4096 "$scratch/said"
  ${body('state')} "$scratch/state"
fi
${frame('mounts')}
cat /proc/self/mountinfo $bodies 2>/dev/null
if [ "$catalogue" = 1 ] && [ -n "$state_job" ]; then
  wait "$catalogue_job"
  ${frame('catalogue')}; cat "$scratch/catalogue" 2>/dev/null
fi`;

/**
 * Who listens where glusterd or a brick would. All processes are searched for it only where somebody has the
 * port of a glusterd that does not answer, or more sockets listen in the range of bricks than there are
 * bricks.
 */
const HOLDERS = sh`
port=24007; base=49152; max=65535
while read -r x key value rest; do
  case $x:$key:$value in
    *[!0-9]) ;;
    option:transport.socket.listen-port:*) port=$value ;;
    option:base-port:*) base=$value ;;
    option:max-port:*) max=$value ;;
  esac
done 2>/dev/null <"$volfile"
asked=; wanted=0; spare=$served
for x in $heard; do
  p=\${x%%=*}
  if [ "$p" = "$port" ] && [ "$rc" != 0 ]; then wanted=1
  elif [ "$p" -ge "$base" ] && [ "$p" -le "$max" ]; then spare=$((spare - 1))
  else continue; fi
  asked="$asked -e socket:[\${x#*=}]"
done
if [ "$wanted" = 1 ] || [ "$spare" -lt 0 ]; then
  ${frame('holders')}
  cd /proc
  timeout -k 1 ${HOLDERS_TIMEOUT_S} find [0-9]*/fd -maxdepth 1 -lname 'socket:*' -printf '%l %h\n' \
    2>/dev/null | grep -F $asked | while read -r inode fd; do
      inode=\${inode#socket:[}; p=\${fd%/fd}
      x=; { IFS= read -r x <"/proc/$p/comm"; } 2>/dev/null
      printf '%s %s %s\n' "\${inode%]}" "$p" "$x"
    done
  cd /
fi`;

/** systemd is asked only where glusterd does not answer: it takes the node longer than most of the rest. */
const SERVICE = sh`${frame('service')}
if [ -d /run/systemd/system ]; then
  echo systemd
  [ "$rc" = 0 ] || [ "$stopped" = 1 ] ||
    timeout ${SERVICE_TIMEOUT_S} systemctl show glusterd -p ActiveState,Result 2>/dev/null
elif [ -x /etc/init.d/glusterd ] || [ -x /etc/init.d/glusterfs-server ]; then echo sysv
else echo none
fi`;
