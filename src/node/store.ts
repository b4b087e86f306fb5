/**
 * Edits of a stopped glusterd's store, and the journal. Owns /var/lib/glusterctl; refuses a running glusterd
 * and paths that leave the store.
 */
import { invariant } from '../core/invariant.ts';
import { embed, lines, type Script, sh } from '../core/shell.ts';
import type { DrainMark } from '../model/observed.ts';
import type { NodeOp } from '../model/op.ts';
import {
  DRAIN_MARK,
  JOURNAL_ROOT as JOURNAL,
  type LockOwner,
  type TransactionState,
} from '../model/transaction.ts';
import { ownerJson } from './fence.ts';
import { GLUSTERD_PIDS, storeIsDone } from './service.ts';

const ROOT = '/var/lib/glusterctl';

const GLUSTERD_STOPPED = sh`${GLUSTERD_PIDS}
[ -z "$(glusterd_pids)" ] || { echo 'glusterd is running; its store cannot be edited' >&2; exit 1; }
cd /var/lib/glusterd || exit 1
`;

/** A path inside the store: relative, no empty, `.` or `..` component. */
export function storePath(path: string): string {
  const parts = path.split('/');
  invariant(
    parts.every((p) => p !== '' && p !== '.' && p !== '..') && !/[\0\n]/.test(path),
    `not a path inside the store: ${JSON.stringify(path)}`,
  );
  return path;
}

export function transactionId(id: string): string {
  invariant(/^[0-9A-Za-z-]{1,64}$/.test(id), `not a transaction id: ${JSON.stringify(id)}`);
  return id;
}

/**
 * Free space that glusterd needs at a start, for its checksums in /tmp and its pid files in /run. In the
 * store, its own size is needed twice besides: for the copy that is put back, and for what glusterd rewrites.
 */
const ROOM_MIN_KIB = 1024;

/** access(2) refuses an immutable file and a read-only file system, to root as well. */
export const checkScript = (paths: readonly string[]): Script => sh`
cd /var/lib/glusterd || exit 1
rc=0
no() { printf '%s: a glusterd that is stopped would not start again\n' "$1" >&2; rc=1; }
for f in /etc/glusterfs/glusterd.vol /usr/local/etc/glusterfs/glusterd.vol; do
  [ ! -e "$f" ] || grep -q '^[[:space:]]*type[[:space:]]*mgmt/glusterd' "$f" ||
    no "$f does not define mgmt/glusterd"
done
has_room() {
  room=$(stat -f -c '%a %S' "$1" 2>/dev/null) || return 0
  [ $((\${room% *} * \${room#* } / 1024)) -ge "$2" ] || no "$1 has no room left"
}
size=$(du -sk /var/lib/glusterd 2>/dev/null); size=\${size%%[!0-9]*}
has_room /var/lib/glusterd $((\${size:-0} * 2 + ${ROOM_MIN_KIB}))
has_room /tmp ${ROOM_MIN_KIB}; has_room /run ${ROOM_MIN_KIB}
writable() {
  at=$1
  while [ ! -e "$at" ]; do at=$(dirname "$at"); done
  found=$(find "$at" ! -writable -print -quit 2>/dev/null)
  [ -z "$found" ] || { printf '/var/lib/glusterd/%s cannot be written\n' "$found" >&2; rc=1; }
}
${embed(lines(...paths.map((path) => sh`writable ${storePath(path)}`)))}
[ "$rc" = 0 ] || exit 1
`;

const setPort = ({ path, port }: { readonly path: string; readonly port: number }): Script =>
  sh`[ -f ${storePath(path)} ] && sed -i ${`s/^listen-port=.*/listen-port=${String(port)}/`} ${path}`;

const setVersion = ({ path, version }: { readonly path: string; readonly version: number }): Script =>
  sh`[ ! -f ${storePath(path)} ] || sed -i ${`s/^version=.*/version=${String(version)}/`} ${path} || rc=1`;

export const restoreScript = ({
  transaction,
  paths,
  ports,
  versions = [],
}: Omit<Extract<NodeOp, { kind: 'restore-store' }>, 'kind'>): Script => sh`${embed(GLUSTERD_STOPPED)}
image=${`${JOURNAL}/${transactionId(transaction)}`}/before.tar
stage=${`${JOURNAL}/${transactionId(transaction)}`}/restore
[ -s "$image" ] || { echo "there is no before-image: $image" >&2; exit 1; }
# A whole archive ends with zeros; tar does not mind where they are missing.
[ -z "$(tail -c 1024 "$image" | tr -d '\0')" ] || { echo 'the before-image is cut off' >&2; exit 1; }
rm -rf "$stage" && mkdir "$stage" && tar -xf "$image" -C "$stage" ||
  { echo 'the before-image cannot be unpacked' >&2; exit 1; }
rc=0
not_done() { echo "cannot $1" >&2; return 1; }
put_back() {
  # Existing files are written over, never removed first: where a write is refused, the old file stays.
  if [ -d "./$1" ] && [ -d "$stage/$1" ]; then
    (cd "./$1" && find . -mindepth 1 -print) |
      while IFS= read -r f; do [ -e "$stage/$1/$f" ] || rm -rf -- "./$1/$f"; done
    cp -a --remove-destination -- "$stage/$1/." "./$1/" || not_done "put back /var/lib/glusterd/$1"
    return
  fi
  rm -rf -- "./$1" || { not_done "remove /var/lib/glusterd/$1"; return; }
  [ -e "$stage/$1" ] || return 0
  (umask 022; mkdir -p -- "$(dirname "./$1")") && cp -a -- "$stage/$1" "./$1" ||
    not_done "put back /var/lib/glusterd/$1"
}
${embed(lines(...paths.map((path) => sh`put_back ${storePath(path)} || rc=1`)))}
${embed(lines(...ports.map(setPort)))}
${embed(lines(...versions.map(setVersion)))}
rm -rf "$stage"; sync -f . 2>/dev/null
[ "$rc" = 0 ] || exit 1
${embed(storeIsDone)}
`;

/** Copied whole before it goes: the folder may be on another file system, or have no room. */
const asideScript = (transaction: string, paths: readonly string[]): Script => sh`
aside=${`${JOURNAL}/${transactionId(transaction)}`}/aside
move_aside() {
  [ -e "./$1" ] || return 0
  [ -e "$aside/$1" ] || {
    mkdir -p -- "$aside/$(dirname "$1")" && rm -rf -- "$aside/$1.tmp" &&
      cp -a -- "./$1" "$aside/$1.tmp" && mv -T -- "$aside/$1.tmp" "$aside/$1" && sync -f "$aside"
  } && rm -rf -- "./$1" || { echo "cannot move /var/lib/glusterd/$1 to $aside" >&2; rc=1; }
}
${embed(lines(...paths.map((path) => sh`move_aside ${storePath(path)}`)))}
`;

export const editScript = ({
  writes,
  removes,
  aside,
}: Omit<Extract<NodeOp, { kind: 'edit-store' }>, 'kind'>): Script => sh`${embed(GLUSTERD_STOPPED)}
rc=0
${embed(aside === undefined ? sh`` : asideScript(aside.transaction, aside.paths))}
${embed(lines(...removes.map((path) => sh`rm -rf -- ${`./${storePath(path)}`} || rc=1`)))}
put() {
  (umask 022; mkdir -p -- "$(dirname "./$1")") && printf '%s' "$2" | base64 -d >"./$1.tmp" &&
    sync -- "./$1.tmp" && mv -f -- "./$1.tmp" "./$1" ||
    { echo "cannot write /var/lib/glusterd/$1" >&2; rc=1; }
}
${embed(lines(...writes.map((w) => sh`put ${storePath(w.path)} ${w.base64}`)))}
sync -f . 2>/dev/null
[ "$rc" = 0 ] || exit 1
${embed(storeIsDone)}
`;

export const drainMarkScript = (mark: DrainMark | null): Script =>
  mark === null
    ? sh`rm -f -- ${DRAIN_MARK} && { [ ! -d ${ROOT} ] || sync -- ${ROOT}; }
`
    : sh`mkdir -p -m 700 ${ROOT} && printf '%s\n' ${JSON.stringify(mark)} >${`${DRAIN_MARK}.tmp`} &&
  sync -- ${`${DRAIN_MARK}.tmp`} && mv -f -- ${`${DRAIN_MARK}.tmp`} ${DRAIN_MARK} && sync -- ${ROOT} ||
  { echo 'the mark cannot be written' >&2; exit 1; }
`;

/**
 * The state is written last, so a journal without one never began. A failure leaves no journal. The image
 * omits what no rollback needs.
 */
export const prepareScript = (owner: LockOwner, plan: string): Script => sh`
dir=${`${JOURNAL}/${transactionId(owner.transaction)}`}
give_up() { rm -rf "$dir"; echo "$1" >&2; exit 1; }
mkdir -p -m 700 "$dir" || { echo "cannot make $dir" >&2; exit 1; }
printf '%s\n' ${ownerJson(owner)} >"$dir/owner.json" && printf '%s\n' ${plan} >"$dir/plan.json" ||
  give_up 'the journal cannot be written'
image() {
  tar -cf "$dir/before.tar" -C /var/lib/glusterd --exclude=./ss_brick --exclude=./trash . 2>"$dir/tar.err"
}
if [ -d /var/lib/glusterd ]; then
  image || image || give_up "the before-image cannot be written: $(head -c 300 "$dir/tar.err")"
else
  tar -cf "$dir/before.tar" -T /dev/null || give_up 'the before-image cannot be written'
fi
rm -f "$dir/tar.err"
printf 'prepared\n' >"$dir/state" &&
  sync -- "$dir/owner.json" "$dir/plan.json" "$dir/before.tar" "$dir/state" "$dir" ||
  give_up 'the journal cannot be written to disk'
`;

const recordScript = (by: LockOwner): Script =>
  sh`printf '%s\n' ${ownerJson(by)} >abandoned.json && sync -- abandoned.json || exit 1`;

export const markScript = (transaction: string, state: TransactionState, by?: LockOwner): Script => sh`
cd ${`${JOURNAL}/${transactionId(transaction)}`} || exit 1
${embed(by === undefined ? sh`` : recordScript(by))}
if ! { printf '%s\n' ${state} >state.tmp && sync -- state.tmp && mv -f state.tmp state; } 2>/dev/null; then
  # No space for a new file: the new state is written over the old one, which needs none.
  rm -f state.tmp; [ -f state ] || exit 1
  printf '%-24s' ${state} | tr ' ' '\n' | dd of=state conv=notrunc,fsync status=none || exit 1
fi
sync -- .
`;

/** The node's own limit, so that what has come by then is still an answer. */
const FILTER_MAX_S = 100;
export const JOURNAL_READ_TIMEOUT_MS = 120_000;
export const JOURNAL_OUTPUT_MAX_BYTES = 256 * 1024 * 1024;

/**
 * plan.json and the before-image, as frames. Volfiles are most of an image and stay on the node, as in an
 * observation. An image that is cut off is sent as it is, so that its reader sees that; tar would not end.
 */
export const readJournalScript = (transaction: string, nonce: string): Script => sh`
cd ${`${JOURNAL}/${transactionId(transaction)}`} || exit 1
nonce=${nonce}
frame() { printf '\n%s %s\n' "$nonce" "$1"; }
frame plan; cat plan.json 2>/dev/null
frame image
volfiles() { timeout ${FILTER_MAX_S} tar "$@" --wildcards --wildcards-match-slash '*.vol' 2>/dev/null; }
if [ -s before.tar ] && [ -z "$(tail -c 1024 before.tar | tr -d '\0')" ] && volfiles -tf before.tar >/dev/null
then volfiles --delete -f - <before.tar
else cat before.tar 2>/dev/null; fi
frame end
`;

/** Only transactions that are over are removed, oldest first, and none that keeps something for somebody. */
export const pruneScript = (keep: number): Script => sh`
cd ${JOURNAL} || exit 0
ls -1 | sort -r | tail -n +${keep + 1} | while IFS= read -r id; do
  [ ! -e "./$id/aside" ] || continue
  case $(cat "./$id/state" 2>/dev/null) in committed|rolled-back|abandoned) rm -rf -- "./$id" ;; esac
done
`;
