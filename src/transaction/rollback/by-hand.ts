/**
 * What a person runs on a node where a rollback could not finish: shell text for `sh` as root, to be pasted
 * as it is. A block is a subshell that ends at its first error, and may be run again. Removes nothing that is
 * somebody else's.
 */
import { embed, lines, raw, type Raw, type Script, sh } from '../../core/shell.ts';
import { JOURNAL_ROOT } from '../../model/transaction.ts';

export interface ProcessByHand {
  readonly pid: number;
  readonly startTicks: number;
}

/** Limits of the waits, in their turns of a tenth of a second, or of a second. */
const STOP_TENTHS = 600;
const END_TENTHS = 100;
const ANSWER_S = 60;
/** Until glusterd has brought up its bricks and daemons. */
const BRING_UP_S = 10;
/** Free space that the store, and glusterd's checksums in /tmp, need at a start. */
const ROOM_MIN_KIB = 1024;

/** Pids of the host's own glusterd. */
const RUNNING = raw`running() {
  for p in /proc/[0-9]*; do
    if [ "$(cat "$p/comm" 2>/dev/null)" = glusterd ] && [ "$p/root" -ef / ] &&
      [ "$p/ns/pid" -ef /proc/self/ns/pid ] && grep -q '^State:.[^Z]' "$p/status" 2>/dev/null
    then printf '%s ' "\${p#/proc/}"; fi
  done
}`;

/** Where it cannot be written, or glusterd would not start again, nothing is stopped. */
const CHECK = sh`mkdir -p /run/glusterctl
flock -n /run/glusterctl/lock true || fail 'glusterctl is at work on this node'
for d in /var/lib/glusterd /tmp; do
  [ "$(($(stat -f -c '%a*%S' "$d") / 1024))" -ge ${ROOM_MIN_KIB} ] || fail "$d has no room left"
done
writable() {
  at=vols/$1; [ -e "$at" ] || at=vols
  [ -z "$(find "$at" ! -writable -print -quit)" ] || fail "/var/lib/glusterd/$at cannot be written"
}`;

const SPARE_BRICKS = raw`if [ -d /run/systemd/system ]; then
  drop=/run/systemd/system/glusterd.service.d
  mkdir -p "$drop"
  printf '%s\n' '[Service]' KillMode=process RemainAfterExit=yes \
    'SuccessExitStatus=15 SIGTERM SIGKILL' RestartSec=1 >"$drop/50-glusterctl.conf"
  systemctl daemon-reload
  systemctl show glusterd -p KillMode | grep -qx KillMode=process || fail 'the stop would kill the bricks'
fi`;

const STOP = sh`kill -TERM $(running) 2>/dev/null || true
tries=0
while [ -n "$(running)" ]; do
  tries=$((tries + 1)); [ "$tries" -le ${STOP_TENTHS} ] || fail 'glusterd does not stop'
  sleep 0.1
done`;

const END = sh`end() {
  tries=0
  while [ "$(cut -d ' ' -f 22 "/proc/$1/stat" 2>/dev/null)" = "$2" ] &&
    grep -q '^State:.[^Z]' "/proc/$1/status" 2>/dev/null
  do
    tries=$((tries + 1)); [ "$tries" -le ${END_TENTHS} ] || fail "process $1 does not end"
    kill -TERM "$1" 2>/dev/null || true
    sleep 0.1
  done
}`;

/** Bricks that run keep the ports that they have now. */
const PUT_BACK = raw`argument() { tr '\0' '\n' <"$p/cmdline" | sed -n "/^$1\$/{n;p;q;}"; }
put_back() {
  if [ -e "vols/$1" ]; then mv "vols/$1" "$aside/$1"; fi
  if [ -d "$aside/before/vols/$1" ]; then
    for p in /proc/[0-9]*; do
      [ "$(cat "$p/comm" 2>/dev/null)" = glusterfsd ] || continue
      file=$aside/before/vols/$1/bricks/$(argument -s):$(argument --brick-name | tr / -)
      port=$(argument --brick-port)
      if [ -f "$file" ] && expr "$port" : '[0-9][0-9]*$' >/dev/null
      then sed -i "s/^listen-port=.*/listen-port=$port/" "$file"; fi
    done
    cp -a "$aside/before/vols/$1" "vols/$1"
  fi
}`;

/** Stops glusterd and restores these volumes from the before-image; other bricks go on. */
export const storeByHand = (volumes: readonly string[], processes: readonly ProcessByHand[]): Script => sh`
${RUNNING}
${embed(END)}
${PUT_BACK}
cd /var/lib/glusterd
${embed(CHECK)}
${each('writable', volumes)}
[ -s "$journal/before.tar" ] && [ -z "$(tail -c 1024 "$journal/before.tar" | tr -d '\0')" ] ||
  fail 'the before-image is cut off'
aside=$(mktemp -d "$journal/set-aside.XXXXXX")
mkdir "$aside/before"
tar -xf "$journal/before.tar" -C "$aside/before"
${SPARE_BRICKS}
${embed(STOP)}
${ends(processes)}
${each('put_back', volumes)}
rm -rf "$aside/before"
sync`;

/** Starts glusterd, and takes our own drop-in off when the node is up. */
export const startByHand = (): Script => sh`
${RUNNING}
if [ -d /run/systemd/system ]; then
  systemctl reset-failed glusterd
  case $(systemctl show glusterd -p SubState) in
    SubState=exited) systemctl restart --job-mode=ignore-dependencies glusterd ;;
    *) systemctl start glusterd ;;
  esac
elif [ -n "$(running)" ]; then :
elif [ -x /etc/init.d/glusterd ]; then /etc/init.d/glusterd start
elif [ -x /etc/init.d/glusterfs-server ]; then /etc/init.d/glusterfs-server start
else glusterd -p /run/glusterd.pid
fi
tries=0
until timeout 5 gluster --log-file=/dev/null pool list >/dev/null 2>&1; do
  tries=$((tries + 1)); [ "$tries" -le ${ANSWER_S} ] || fail 'glusterd does not answer'
  sleep 1
done
sleep ${BRING_UP_S}
rm -f /run/glusterctl/stopped
if [ -d /run/systemd/system ]; then
  rm -f /run/systemd/system/glusterd.service.d/50-glusterctl.conf
  rmdir /run/systemd/system/glusterd.service.d 2>/dev/null || true
  systemctl daemon-reload
fi`;

/**
 * Goes on only where a person has said that these nodes are as far: nothing here can see them, and all blocks
 * may be pasted together.
 */
export function afterOthers(nodes: readonly string[]): Script {
  const said = nodes.join(' ');
  const why =
    `glusterd stays stopped here until what is printed for ${nodes.join(' and ')} was pasted there too; ` +
    `then type done_on='${said}' and paste this again`;
  return sh`[ "\${done_on-}" = ${said} ] || fail ${why}`;
}

export const endByHand = (processes: readonly ProcessByHand[]): Script => sh`
${embed(END)}
${ends(processes)}`;

export const closeByHand: Script = sh`
cd "$journal"
printf '%s\n' rolled-back >state.tmp
mv -f state.tmp state
sync`;

const each = (word: string, values: readonly string[]): Raw =>
  embed(lines(...values.map((value) => sh`${word} ${value}`)));

const ends = (processes: readonly ProcessByHand[]): Raw =>
  embed(lines(...processes.map(({ pid, startTicks }) => sh`end ${pid} ${startTicks}`)));

/**
 * The lines of a block, the n-th on its node. It refuses where the one before has not ended well, for all may
 * be pasted together; and it ends at its first error, but not the shell into which it is pasted.
 */
export function blockLines(transaction: string, n: number, script: Script): readonly string[] {
  const before = n === 1 ? sh`rm -f "$journal"/by-hand.*` : notBefore(n - 1);
  const text = sh`(
set -e
journal=${`${JOURNAL_ROOT}/${transaction}`}
fail() { printf '%s\n' "$1" >&2; exit 1; }
${embed(before)}
${embed(script)}
: >"$journal"/by-hand.${n}
)`;
  return text.split('\n').filter((line) => line.trim() !== '');
}

const notBefore = (n: number): Script =>
  sh`[ -e "$journal"/by-hand.${n} ] || fail 'the commands before these have not ended well'`;
