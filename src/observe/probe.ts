/**
 * The one script that reads a node: everything in a single round trip, without changing anything.
 * Owns the script text and its limits; what comes back is taken apart in `read-node.ts`.
 */
import { embed, raw, type Script, sh } from '../core/shell.ts';

export interface ProbeRequest {
  /** Separates the frames of the output; unguessable, so that no file content can forge a frame. */
  readonly nonce: string;
  /** Brick paths to look at besides those in the node's store. */
  readonly paths: readonly string[];
  /** Host names to resolve besides those in the node's store. */
  readonly hosts: readonly string[];
  /** Also read the names of all volume options that the installed glusterd knows. */
  readonly optionCatalogue: boolean;
  /**
   * …unless these are options of volumes in the node's store: asking takes glusterd longer than all else.
   * Empty: always.
   */
  readonly unlessStored?: readonly string[];
  /** Also read what the node stands on, and what no rollback judges: see `BaselineFacts`. It is half of the work. */
  readonly baseline: boolean;
  /** glusterd was stopped, and is not asked. */
  readonly stopped?: boolean;
}

/**
 * Of each brick that is there: how many heals its index holds and its first few names, as far as it is worth
 * counting, for a directory may hold millions. One "ls" lists all of them, up to one that is long or seems
 * empty: what is left then has one each. Of a brick that cannot be listed nothing is said: it must not pass
 * for empty.
 */
export const ENTRIES = sh`
FEW=3; MANY=1001; index=.glusterfs/indices/xattrop
# Of directories "ls" prints: the first and a colon, its names, an empty line, the next and a colon, its names.
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
line() { printf '%s\t%s\t%s\n' "$1" "$2" "$3"; }
alone() {
  heals=0
  if [ -d "$1/$index" ]; then
    heals=$(cd "$1" && ls -A -U -q -- "$index" /proc/self/task | { section "$index"; printf '%s' "$heals"; })
  fi
  # No name is a slash: it says that "ls" failed.
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
# The first is there so that a single brick has a headline too.
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
 * What is at the brick paths and above them, and on which file systems: a script of its own, so that one
 * limit ends it. The lists come in its environment, or in files of the scratch directory where they may be
 * too long for that.
 */
export const OBSERVATION_MARK = sh`
frame() { printf '\n%s %s\n' "$nonce" "$1"; }
# each LIST WORDS…: runs them with the lines of that list behind them.
each() {
  list=$1; shift
  if [ -e "$scratch/$list" ]; then xargs -r -d '\n' -a "$scratch/$list" "$@"
  else eval "list=\$$list"; set -f; IFS=$nl; "$@" $list; unset IFS; set +f; fi
}
frame paths
each above stat -L --printf='%d\t%i\t%F\t%m\t%n\n' -- 2>/dev/null
frame xattrs
each above getfattr --absolute-names -d -m '^trusted[.](glusterfs[.]volume-id|gfid)$' -e hex -- 2>/dev/null
frame filesystems
each above stat -f --printf='%S\t%a\t%b\t%d\t%n\n' -- "$store" /run /tmp /var/log 2>/dev/null
frame entries
each bricks sh -c ${ENTRIES} sh 2>/dev/null`;

/** Resolves to itself on every node, and is no host's. */
export const BETWEEN_HOSTS = '255.255.255.255';

/** Inner limits, in seconds; the whole exchange is bounded by PROBE_TIMEOUT_MS. */
const GET_STATE_TIMEOUT_S = 10;
const FILESYSTEM_TIMEOUT_S = 10;
const RESOLVE_TIMEOUT_S = 5;
const SERVICE_TIMEOUT_S = 5;
export const PROBE_TIMEOUT_MS = 40_000;
export const PROBE_OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * What the dump of the store leaves out, wherever glusterd keeps it. In "bricks" a name is made of a path,
 * and may end so too.
 */
const VOLFILES_AND_PIDS = ['vols/*', 'snaps/*/*'].flatMap((volume) => [
  `${volume}/*.vol`,
  `${volume}/*.pid`,
  `${volume}/run/*.pid`,
  `${volume}/rebalance/*.pid`,
]);

const NOTHING = raw``;

/** The baseline; a part of the whole script, with its frames and its variables. */
const baselineScript = (request: Pick<ProbeRequest, 'paths' | 'hosts'>): Script => sh`
frame config
head -c 65536 "$volfile" 2>/dev/null
# Where glusterd keeps its store and its sockets, if not where they are looked for.
elsewhere=
while read -r word option value rest; do
  [ "$word" = option ] || continue
  case $option in
    working-directory) [ "$value" -ef "$W" ] || elsewhere="$option $value" ;;
    run-directory) [ "$value" -ef "$R" ] || elsewhere="$option $value" ;;
  esac
done <"$volfile" 2>/dev/null
[ -z "$elsewhere" ] || { frame elsewhere; printf '%s\n' "$elsewhere"; }
frame unit
for f in /etc /run /usr/local/lib /usr/lib /lib; do
  f=$f/systemd/system/glusterd.service
  [ -f "$f" ] || continue
  echo unit
  set -- "$f"
  for drop in /lib /usr/lib /usr/local/lib /run /etc; do
    for drop in "$drop"/systemd/system/glusterd.service.d/*.conf; do
      case $drop in */50-glusterctl.conf) ;; *) [ ! -f "$drop" ] || set -- "$@" "$drop" ;; esac
    done
  done
  grep -hs '^[[:space:]]*KillMode' "$@"
  break
done
frame unmounted
while read -r device point type options rest; do
  case $point in "$W"|/var/lib|/var) ;; *) continue ;; esac
  case ,$options, in *,noauto,*) continue ;; esac
  mountpoint -q "$point" || printf '%s\n' "$point"
done </etc/fstab 2>/dev/null
if cd "$W" 2>/dev/null; then
  frame volfiles
  find vols hooks -type f \( -path 'hooks/*' -printf '%m %p\n' -o -name '*.vol' -exec sha256sum {} + \) 2>/dev/null
fi
if cd "$J" 2>/dev/null; then
  frame transactions
  find . -mindepth 2 -maxdepth 2 \( -name owner.json -o -name state \) -size -64k -print0 2>/dev/null | tar --null --no-recursion -T - -cf - 2>/dev/null
fi
cd /
# Three kinds of lines: "b" and a brick, the brick's path and those above it, "h" and a host.
asked=$({ [ ${request.paths.length} = 0 ] || printf 'path=%s\n' ${request.paths}
  [ ${request.hosts.length} = 0 ] || printf 'hostname=%s\n' ${request.hosts}; } |
  sed -sn -e '/^path=[/]/{s/^path=/b/;p;s/^b//;:up' -e 'p;s,/[^/]*$,,;/./b up' -e 'd;}' -e 's/^hostname[0-9]*=/h/p' \
    - "$W"/vols/*/bricks/* "$W"/peers/* 2>/dev/null | sort -u)
above=; bricks=; hosts=
set -f; IFS=$nl
for x in $asked; do
  case $x in
    b*) bricks=$bricks\${x#b}$nl ;;
    h${BETWEEN_HOSTS}) ;;
    h*) hosts=$hosts\${x#h}$nl ;;
    *) above=$above$x$nl ;;
  esac
done
unset IFS; set +f
above=$above/
for list in above bricks; do
  eval "x=\$$list"
  [ "\${#x}" -lt 65536 ] || { printf '%s\n' "$x" >"$scratch/$list" && eval "$list="; } 2>/dev/null || exit 75
done
nonce=$nonce nl=$nl store=$W scratch=$scratch above=$above bricks=$bricks timeout ${FILESYSTEM_TIMEOUT_S} sh -c ${OBSERVATION_MARK}
# A brick whose names were not all read must not pass for empty.
[ "$?" != 124 ] || exit 75

frame resolve
if [ -n "$hosts" ]; then
  set -f; IFS=$nl
  printf '@%s\n' $hosts
  set --; for x in $hosts; do set -- "$@" "$x" ${BETWEEN_HOSTS}; done
  unset IFS; set +f
  timeout ${RESOLVE_TIMEOUT_S} getent ahosts -- "$@" </dev/null 2>/dev/null
fi
frame lock
lock=/run/glusterctl/lock
if [ -e "$lock" ]; then
  # A shared lock for an instant: /proc/locks does not show, inside a pid namespace, what a dead process took.
  if { flock -n -s 8 8<"$lock"; } 2>/dev/null; then echo free
  else
    echo held
    for d in /proc/[0-9]*; do [ "$d/fd/9" -ef "$lock" ] && printf '%s\n' "\${d#/proc/}"; done
  fi
fi
frame owner
[ ! -s /run/glusterctl/owner.json ] || head -c 65536 /run/glusterctl/owner.json 2>/dev/null`;

/**
 * Frames in the order they are written; `end` proves that nothing was cut off. Starting a program costs the
 * node more than most of them do, so what comes once for each of many things is asked of one program, or of
 * the shell itself.
 */
export const probeScript = ({ unlessStored = [], stopped = false, ...request }: ProbeRequest): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
nonce=${request.nonce}
W=/var/lib/glusterd; R=/var/run/gluster; J=/var/lib/glusterctl/transactions
nl='
'
frame() { printf '\n%s %s\n' "$nonce" "$1"; }

frame meta
${request.baseline ? raw`date +%s%3N` : raw`echo`}
for f in hostname random/boot_id; do
  x=; { IFS= read -r x <"/proc/sys/kernel/$f"; } 2>/dev/null; printf '%s\n' "$x"
done
while read -r x real effective rest; do [ "$x" != Uid: ] || { printf '%s\n' "$effective"; break; }; done </proc/self/status
# When this shell began: what other processes are younger or older than.
IFS= read -r stat </proc/self/stat; set -- \${stat##*) }; printf '%s\n' "\${20}"
scratch=$(mktemp -d /run/glusterctl-probe.XXXXXX 2>/dev/null) || { frame no-scratch; frame end; exit 0; }
trap 'rm -rf "$scratch"' EXIT
trap 'exit 129' HUP INT TERM PIPE
catalogue=${request.optionCatalogue ? 1 : 0}
if [ "$catalogue" = 1 ] && [ ${unlessStored.length} != 0 ]; then
  stored=$nl$(sed -n 's/=.*/=/p' "$W"/vols/*/info 2>/dev/null)
  catalogue=0
  for x in ${unlessStored}; do
    case $stored in *"$nl$x="*) ;; *) catalogue=1; break ;; esac
  done
fi
stopped=${stopped ? 1 : 0}
if [ "$stopped" = 0 ] && command -v gluster >/dev/null 2>&1; then
  timeout -k 1 ${GET_STATE_TIMEOUT_S} gluster --log-file=/dev/null get-state glusterd odir "$scratch" file state >"$scratch/said" 2>&1 &
  state_job=$!
  if [ "$catalogue" = 1 ]; then
    timeout -k 1 ${GET_STATE_TIMEOUT_S} gluster --log-file=/dev/null volume set help-xml >"$scratch/catalogue" 2>/dev/null &
    catalogue_job=$!
  fi
else
  state_job=
fi

frame version
if command -v glusterd >/dev/null 2>&1; then
  # The release is the name of its directory; with several there, only the program can tell.
  release=
  for d in /usr/lib/*/glusterfs/*/xlator /usr/lib64/glusterfs/*/xlator /usr/lib/glusterfs/*/xlator; do
    [ -d "$d" ] || continue
    d=\${d%/xlator}; [ -z "$release" ] && release=\${d##*/} || release=several
  done
  case $release in [0-9]*) printf 'glusterfs %s\n' "$release" ;; *) timeout 5 glusterd --version 2>/dev/null ;; esac
fi
if [ -d "$W" ]; then
  frame store
  cd "$W" && tar --numeric-owner --anchored --no-wildcards-match-slash ${VOLFILES_AND_PIDS.map((p) => `--exclude=${p}`)} \
    -cf - glusterd.info glusterd.upgrade options secure-access peers vols snaps 2>/dev/null
  cd /
fi

# body FRAME FILE…: printed by the one "cat" below, between the heads of frames; where there is no room for those, at once.
heads=0; bodies=
body() {
  name=$1; shift; heads=$((heads + 1)); head=$scratch/head.$heads
  if { frame "$name" >"$head"; } 2>/dev/null; then bodies="$bodies $head $*"
  else frame "$name"; cat "$@" 2>/dev/null; fi
}
frame processes
fds=
marked=
volfile=/etc/glusterfs/glusterd.vol
[ -e "$volfile" ] || volfile=/usr/local$volfile
# Containers on this host have processes of their own.
ours() { { [ "$1/ns/pid" -ef /proc/self/ns/pid ] || [ ! -e /proc/self/ns/pid ]; } && [ "$1/root" -ef / ]; }
for d in $(grep -lsa -e '^gluster' -e GLUSTERCTL_TRANSACTION= /proc/[0-9]*/comm /proc/[0-9]*/environ); do
  case $d in */environ) marked="$marked $d"; continue ;; esac
  d=\${d%/comm}; p=\${d#/proc/}
  ours "$d" || continue
  { IFS= read -r stat <"$d/stat"; } 2>/dev/null || continue
  case $stat in
    *'(glusterd)'*) x=$(tr '\0' '\n' <"$d/cmdline" 2>/dev/null | sed -n -e 's/^--volfile=//p' -e '/^-f$/{n;p;}'); [ -z "$x" ] || volfile=$x ;;
  esac
  frame "process $p"; printf '%s\n' "$stat"
  fds="$fds $p/fd"
  body "argv $p" "$d/cmdline"; body "cgroup $p" "$d/cgroup"
done
body addresses /proc/net/fib_trie /proc/net/if_inet6
if [ -n "$fds" ]; then
  cd /proc && find $fds -maxdepth 1 \( -name fd -printf "\\n$nonce sockets %h\\n" -o -lname 'socket:*' -printf '%l\n' \) 2>/dev/null
  cd /
fi
frame tcp
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
frame marked
for f in $marked; do
  v=$(tr '\0' '\n' <"$f" 2>/dev/null | grep '^GLUSTERCTL_TRANSACTION=') && printf '%s %s\n' "$f" "$v"
done
frame pidfiles
for f in "$R"/vols/*/*.pid "$R"/*/*.pid "$R"/*/*/*.pid; do
  [ -f "$f" ] || continue
  x=; IFS= read -r x <"$f" || :
  case $x in ''|*[!0-9]*) x=0 ;; esac
  [ "$x" != 0 ] && [ -d "/proc/$x" ] && alive=1 || alive=0
  printf '%s %s %s\n' "$x" "$alive" "$f"
done
frame sockets-dir
for f in "$R"/*.socket "$R"/.*.socket; do
  if [ -e "$f" ] || [ -L "$f" ]; then printf '%s\n' "$f"; fi
done

${request.baseline ? embed(baselineScript(request)) : NOTHING}
rc=
if [ "$stopped" = 1 ]; then
  frame said; printf '1\nglusterd was stopped\n'
elif [ -n "$state_job" ]; then
  wait "$state_job"; rc=$?
  frame said; printf '%s\n' "$rc"; [ "$rc" = 0 ] || head -c 4096 "$scratch/said"
  body state "$scratch/state"
fi
frame mounts
cat /proc/self/mountinfo $bodies 2>/dev/null
if [ "$catalogue" = 1 ] && [ -n "$state_job" ]; then
  wait "$catalogue_job"
  frame catalogue; cat "$scratch/catalogue" 2>/dev/null
fi
frame service
if [ -d /run/systemd/system ]; then
  echo systemd
  # Asking takes the node longer than most of what is above, and of a glusterd that answers there is nothing to ask.
  [ "$rc" = 0 ] || [ "$stopped" = 1 ] || timeout ${SERVICE_TIMEOUT_S} systemctl show glusterd -p ActiveState,Result 2>/dev/null
elif [ -x /etc/init.d/glusterd ] || [ -x /etc/init.d/glusterfs-server ]; then echo sysv
else echo none
fi
frame end
`;
