/**
 * Shell that reads the baseline of a node: see `BaselineFacts`. Part of the probe's script, with its
 * variables; it is half of the probe's work.
 */
import { embed, lines, type Script, sh } from '../core/shell.ts';
import { frame } from './frame-names.ts';
import { readPathsScript } from './probe-paths.ts';

/** Resolves to itself on every node, and is no host's. */
export const BETWEEN_HOSTS = '255.255.255.255';

/** In seconds. */
const RESOLVE_TIMEOUT_S = 5;

/** Brick paths and host names to read besides those in the node's store. */
interface BaselineRequest {
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
}

export const baselineScript = (request: BaselineRequest): Script =>
  lines(DAEMON_CONFIG, STORE_MOUNT, DIGESTS, askedLists(request), PATHS_AND_HOSTS, LOCK);

/** glusterd.vol, directories that it moves elsewhere, and how its unit kills processes. */
const DAEMON_CONFIG = sh`${frame('config')}
head -c 65536 "$volfile" 2>/dev/null
# The directories of the store and of the sockets, where they are not the usual ones.
elsewhere=
while read -r word option value rest; do
  [ "$word" = option ] || continue
  case $option in
    working-directory) [ "$value" -ef "$W" ] || elsewhere="$option $value" ;;
    run-directory) [ "$value" -ef "$R" ] || elsewhere="$option $value" ;;
  esac
done <"$volfile" 2>/dev/null
[ -z "$elsewhere" ] || { ${frame('elsewhere')}; printf '%s\n' "$elsewhere"; }
${frame('unit')}
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
done`;

/** A file system that should be mounted at or above the store, and is not. */
const STORE_MOUNT = sh`${frame('unmounted')}
while read -r device point type options rest; do
  case $point in "$W"|/var/lib|/var) ;; *) continue ;; esac
  case ,$options, in *,noauto,*) continue ;; esac
  mountpoint -q "$point" || printf '%s\n' "$point"
done </etc/fstab 2>/dev/null`;

/**
 * In the store: "cut" and a volfile that does not end as one does; a translator that is in none of
 * `$xlators`, and a volfile that names it.
 */
export const BROKEN_VOLFILES = sh`set -f; IFS=$nl
for x in $(find vols -type f -name '*.vol' -exec sed -sn -e '/./h' \
    -e 's/^[[:space:]]*type[[:space:]][[:space:]]*/type /p' -e '\${x;/^end-volume/!F;}' {} + 2>/dev/null |
    sort -u); do
  case $x in vols/*) printf 'cut %s\n' "$x"; continue ;; esac
  x=\${x#type }; [ -n "$xlators" ] || continue
  unset IFS; for d in $xlators; do [ ! -e "$d/$x.so" ] || continue 2; done
  grep -rlFw --include='*.vol' -e "type $x" vols 2>/dev/null |
    while IFS= read -r d; do printf '%s %s\n' "$x" "$d"; done
done
unset IFS; set +f`;

/** Volfiles by their hashes, and those that are broken; modes of hooks; journals, their states and owners. */
const DIGESTS = sh`if cd "$W" 2>/dev/null; then
  ${frame('volfiles')}
  find vols hooks -type f \( -path 'hooks/*' -printf '%m %p\n' \
    -o -name '*.vol' -exec sha256sum {} + \) 2>/dev/null
  ${frame('broken-volfiles')}
  ${embed(BROKEN_VOLFILES)}
fi
if [ -d "$J" ]; then
  ${frame('transactions')}
  {
    cd "$J" && {
      find . -mindepth 2 -maxdepth 2 \( -name owner.json -o -name state \) -size -64k -print0 ||
        echo "find ended with code $?" >&2
    } | { tar --null --no-recursion -T - -cf - || echo "tar ended with code $?" >&2; }
  } 2>"$scratch/journals"
else
  stat -L -- "$J" 2>"$scratch/journals" >/dev/null
fi
cd /
${frame('journals')}
cat "$scratch/journals"`;

/** Sets `bricks`, `above` (paths of bricks and those above them) and `hosts`, a line each. */
const askedLists = ({ paths, hosts }: BaselineRequest): Script => sh`
# Three kinds of lines: "b" and a brick, the brick's path and those above it, "h" and a host.
asked=$({ [ ${paths.length} = 0 ] || printf 'path=%s\n' ${paths}
  [ ${hosts.length} = 0 ] || printf 'hostname=%s\n' ${hosts}; } |
  sed -sn -e '/^path=[/]/{s/^path=/b/;p;s/^b//;:up' -e 'p;s,/[^/]*$,,;/./b up' -e 'd;}' \
    -e 's/^hostname[0-9]*=/h/p' - "$W"/vols/*/bricks/* "$W"/peers/* 2>/dev/null | sort -u)
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
done`;

const PATHS_AND_HOSTS = sh`${embed(readPathsScript())}
${frame('resolve')}
if [ -n "$hosts" ]; then
  set -f; IFS=$nl
  printf '@%s\n' $hosts
  set --; for x in $hosts; do set -- "$@" "$x" ${BETWEEN_HOSTS}; done
  unset IFS; set +f
  timeout ${RESOLVE_TIMEOUT_S} getent ahosts -- "$@" </dev/null 2>/dev/null
fi`;

const LOCK = sh`${frame('lock')}
lock=/run/glusterctl/lock
if [ -e "$lock" ]; then
  # A shared lock for an instant: in a pid namespace /proc/locks does not show the lock of a dead process.
  if { flock -n -s 8 8<"$lock"; } 2>/dev/null; then echo free
  else
    echo held
    for d in /proc/[0-9]*; do [ "$d/fd/9" -ef "$lock" ] && printf '%s\n' "\${d#/proc/}"; done
  fi
fi
${frame('owner')}
[ ! -s /run/glusterctl/owner.json ] || head -c 65536 /run/glusterctl/owner.json 2>/dev/null`;
