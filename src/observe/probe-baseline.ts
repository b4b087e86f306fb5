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
# The directories of the store and of the sockets, where they are not the usual ones.
elsewhere=; size=0
while { IFS= read -r line || [ -n "$line" ]; } && size=$((size + \${#line})) && [ "$size" -le 65536 ]; do
  printf '%s\n' "$line"
  set -f; set -- $line; set +f
  [ "\${1-}" = option ] || continue
  case \${2-} in
    working-directory) [ "\${3-}" -ef "$W" ] || elsewhere="$2 \${3-}" ;;
    run-directory) [ "\${3-}" -ef "$R" ] || elsewhere="$2 \${3-}" ;;
  esac
done <"$volfile" 2>/dev/null
[ -z "$elsewhere" ] || { ${frame('elsewhere')}; printf '%s\n' "$elsewhere"; }
${frame('unit')}
[ -z "$units" ] || echo unit
set -f; IFS=$nl; set -- $found; unset IFS; set +f
for x; do case \${x%%:*} in */systemd/system/*) printf '%s\n' "KillMode\${x##*KillMode}" ;; esac; done`;

/** A file system that should be mounted at or above the store, and is not. */
const STORE_MOUNT = sh`${frame('unmounted')}
while read -r device point type options rest; do
  case $point in "$W"|/var/lib|/var) ;; *) continue ;; esac
  case ,$options, in *,noauto,*) continue ;; esac
  mountpoint -q "$point" || printf '%s\n' "$point"
done </etc/fstab 2>/dev/null`;

/**
 * Sets `known`: a pattern of "sed" for translators that are installed, where it is known which are, and for
 * none otherwise.
 */
export const KNOWN_TRANSLATORS = sh`
known=
for d in $xlators; do
  for x in "$d"/*/*.so "$d"/*/*/*.so; do
    x=\${x#"$d"/}; x=\${x%.so}
    case $x in *[!A-Za-z0-9/_-]*) ;; *) known=$known\\\|$x ;; esac
  done
done
known=\${known#??}`;

/**
 * Of files that "find" has found: volfiles by their hashes; those that do not end as one does, or name a
 * translator that is not installed; modes of hooks; journals, their states and owners. What is said of a file
 * is indented below its name.
 */
export const DIGESTS = sh`${embed(KNOWN_TRANSLATORS)}
unknown='/^type /{F;s/^/ /p;}'
[ -n "$known" ] || unknown=
${frame('files')}
cd "$W" 2>/dev/null
find -H vols hooks "$J" -type f \( \
    -path 'hooks/*' -printf '%m %p\n' \
    -o -path 'vols/*.vol' -exec sha256sum {} + -exec sed -sn -e '/./h' \
      -e 's/^[[:space:]]*type[[:space:]][[:space:]]*/type /' -e "\\,^type \\($known\\)$,b last" \
      -e "$unknown" -e ':last' -e '\${x;/^end-volume/!{F;s/.*/ cut/p;};}' {} + \
    -o -path "$J/*" \( -name owner.json -o -name state \) -size -64k -printf '%p\n' \
      -exec sed -sn -e 1F -e 's/^/ /p' -e '$a\' {} + \
  \) 2>"$scratch/errors"
ended=$?
cd /
# Only the journals must not pass for missing: what is said of them, and an end that nothing explains.
${frame('journals')}
explained=
while IFS= read -r x; do
  explained=1
  case $x in *"$J"*) printf '%s\n' "$x" ;; esac
done <"$scratch/errors"
case $ended$explained in 0* | 11) ;; *) printf 'find ended with code %s\n' "$ended" ;; esac`;

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
