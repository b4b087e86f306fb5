/**
 * The one script that reads a node: everything in a single round trip, without changing anything.
 * Owns the script text and its limits; what comes back is taken apart in `read-node.ts`.
 */
import { type Script, sh } from '../core/shell.ts';

export interface ProbeRequest {
  /** Separates the frames of the output; unguessable, so that no file content can forge a frame. */
  readonly nonce: string;
  /** Brick paths to look at besides those in the node's store. */
  readonly paths: readonly string[];
  /** Host names to resolve besides those in the node's store. */
  readonly hosts: readonly string[];
  /** Also read the names of all volume options that the installed glusterd knows. */
  readonly optionCatalogue: boolean;
  /** …unless these are options of volumes in the node's store: asking takes glusterd longer than all else. Empty: always. */
  readonly unlessStored?: readonly string[];
}

/**
 * The first few names in each brick, and how many heals its index holds, as far as it is worth counting: a directory may hold
 * millions. A script of its own, so that it ends within a limit.
 */
const ENTRIES = sh`
names() { for i in 1 2 3; do IFS= read -r name || break; printf '%s/' "$name"; done; printf '\t%s\n' "$p"; }
for p; do
  [ -d "$p" ] || continue
  x=$p/.glusterfs/indices/xattrop
  if [ -d "$x" ]; then
    # Of two directories "ls" prints: the first and a colon, its names, an empty line, the second and a colon, its names.
    ls -A -U -- "$x" "$p" | { lines=0; heals=0; IFS= read -r name
      while IFS= read -r name && [ -n "$name" ] && [ "$lines" -lt 1001 ]; do
        lines=$((lines + 1)); case $name in xattrop-*) ;; *) heals=$((heals + 1)) ;; esac
      done
      printf '%s\t' "$heals"
      if [ "$lines" -lt 1001 ]; then IFS= read -r name; names; else ls -A -U -- "$p" | names; fi; }
  else printf '0\t'; ls -A -U -- "$p" | names; fi
done`;

/** Inner limits, in seconds; the whole exchange is bounded by PROBE_TIMEOUT_MS. */
const GET_STATE_TIMEOUT_S = 10;
const FILESYSTEM_TIMEOUT_S = 5;
const SERVICE_TIMEOUT_S = 5;
export const PROBE_TIMEOUT_MS = 40_000;
export const PROBE_OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * Frames in the order they are written; `end` proves that nothing was cut off. Starting a program costs the node more than
 * most of them do, so what comes once for each of many things is asked of one program, or of the shell itself.
 */
export const probeScript = ({ unlessStored = [], ...request }: ProbeRequest): Script => sh`
LC_ALL=C; export LC_ALL; umask 077
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:$PATH; export PATH
nonce=${request.nonce}
W=/var/lib/glusterd; R=/var/run/gluster; J=/var/lib/glusterctl/transactions
nl='
'
frame() { printf '\n%s %s\n' "$nonce" "$1"; }
# each WORDS…: runs them, within a limit, with the lines of $list behind them; by xargs where they may be too many.
each() {
  if [ "\${#list}" -lt 65536 ]; then
    set -f; IFS=$nl; timeout ${FILESYSTEM_TIMEOUT_S} "$@" $list; rc=$?; unset IFS; set +f; return "$rc"
  else printf '%s\n' "$list" | xargs -r -d '\n' timeout ${FILESYSTEM_TIMEOUT_S} "$@"; fi
}

frame meta
date +%s%3N
for f in hostname random/boot_id; do
  x=; { IFS= read -r x <"/proc/sys/kernel/$f"; } 2>/dev/null; printf '%s\n' "$x"
done
while read -r x real effective rest; do [ "$x" != Uid: ] || { printf '%s\n' "$effective"; break; }; done </proc/self/status
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
if command -v gluster >/dev/null 2>&1; then
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
frame config
head -c 65536 /etc/glusterfs/glusterd.vol 2>/dev/null

if [ -d "$W" ]; then
  frame store
  cd "$W" && find glusterd.info glusterd.upgrade options secure-access peers vols snaps \
    \( -path '*/bricks/*' -o ! -name '*.vol' ! -name '*.pid' \) -print0 2>/dev/null | tar --null --no-recursion -T - -cf - 2>/dev/null
  frame volfiles
  find vols hooks -type f \( -path 'hooks/*' -printf '%m %p\n' -o -name '*.vol' -exec sha256sum {} + \) 2>/dev/null
  cd /
fi

frame processes
bodies=; fds=
for d in $(grep -ls '^gluster' /proc/[0-9]*/comm); do
  d=\${d%/comm}; p=\${d#/proc/}
  { IFS= read -r stat <"$d/stat"; } 2>/dev/null || continue
  frame "process $p"; printf '%s\n' "$stat"
  fds="$fds $p/fd"
  # The heads of frames lie between the files that one "cat" prints; where there is no room for them, each has its own.
  for f in argv/cmdline cgroup/cgroup; do
    head=$scratch/\${f%/*}.$p
    if { frame "\${f%/*} $p" >"$head"; } 2>/dev/null; then bodies="$bodies $head $d/\${f#*/}"
    else frame "\${f%/*} $p"; cat "$d/\${f#*/}" 2>/dev/null; fi
  done
done
frame mounts
cat /proc/self/mountinfo $bodies 2>/dev/null
if [ -n "$fds" ]; then
  cd /proc && find $fds -maxdepth 1 \( -name fd -printf "\\n$nonce sockets %h\\n" -o -lname 'socket:*' -printf '%l\n' \) 2>/dev/null
  cd /
fi
frame tcp
grep -h ' 0A ' /proc/net/tcp /proc/net/tcp6 2>/dev/null
frame marked
for f in $(grep -lsa GLUSTERCTL_TRANSACTION= /proc/[0-9]*/environ); do
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

# Three kinds of lines: "b" and a brick, the brick's path and those above it, "h" and a host.
asked=$({ [ ${request.paths.length} = 0 ] || printf 'path=%s\n' ${request.paths}
  [ ${request.hosts.length} = 0 ] || printf 'hostname=%s\n' ${request.hosts}; } |
  sed -sn -e '/^path=[/]/{s/^path=/b/;p;s/^b//;:up' -e 'p;s,/[^/]*$,,;/./b up' -e 'd;}' -e 's/^hostname[0-9]*=/h/p' \
    - "$W"/vols/*/bricks/* "$W"/peers/* 2>/dev/null | sort -u)
above=; bricks=; hosts=
set -f; IFS=$nl
for x in $asked; do
  case $x in b*) bricks=$bricks\${x#b}$nl ;; h*) hosts=$hosts\${x#h}$nl ;; *) above=$above$x$nl ;; esac
done
unset IFS; set +f
list=$above/
frame paths
each stat -L --printf='%d\t%i\t%F\t%m\t%n\n' -- 2>/dev/null
frame xattrs
each getfattr --absolute-names -d -m '^trusted[.](glusterfs[.]volume-id|gfid)$' -e hex -- 2>/dev/null
frame filesystems
list=$above/$nl$W$nl/run$nl/tmp$nl/var/log
each stat -f --printf='%S\t%a\t%b\t%d\t%n\n' -- 2>/dev/null
frame entries
list=$bricks
# A brick whose names were not all read must not pass for empty.
[ -z "$list" ] || each sh -c ${ENTRIES} sh 2>/dev/null; [ "$?" != 124 ] || exit 75

frame service
if [ -d /run/systemd/system ]; then
  echo systemd
  timeout ${SERVICE_TIMEOUT_S} systemctl show glusterd -p ActiveState,KillMode,MainPID,Result,NeedDaemonReload,LoadState 2>/dev/null
elif [ -x /etc/init.d/glusterd ] || [ -x /etc/init.d/glusterfs-server ]; then echo sysv
else echo none
fi
frame addresses
grep -h -B1 -e '/32 host LOCAL' -e '^[0-9a-f]\{32\} ' /proc/net/fib_trie /proc/net/if_inet6 2>/dev/null
frame resolve
list=$hosts
[ -z "$list" ] || each sh -c 'for h; do printf "@%s\n" "$h"; getent ahosts -- "$h" </dev/null 2>/dev/null; done' sh

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
[ ! -s /run/glusterctl/owner.json ] || head -c 65536 /run/glusterctl/owner.json 2>/dev/null
if [ -d "$J" ]; then
  frame transactions
  cd "$J" && find . -mindepth 2 -maxdepth 2 \( -name owner.json -o -name state \) -size -64k -print0 2>/dev/null | tar --null --no-recursion -T - -cf - 2>/dev/null
  cd /
fi

if [ -n "$state_job" ]; then
  wait "$state_job"; rc=$?
  frame said; printf '%s\n' "$rc"; [ "$rc" = 0 ] || head -c 4096 "$scratch/said"
  frame state; cat "$scratch/state" 2>/dev/null
  if [ "$catalogue" = 1 ]; then
    wait "$catalogue_job"
    frame catalogue; cat "$scratch/catalogue" 2>/dev/null
  fi
fi
frame end
`;
