/**
 * Shell that prints the store of a node as an archive, and how reading it went. Owns what is omitted, its
 * limit, and the further tries; changes nothing.
 */
import { lines, sh } from '../core/shell.ts';
import { frame, STORE_FRAMES } from './frame-names.ts';

/** A store of a thousand volumes takes a second. */
const STORE_TIMEOUT_S = 30;
const REASONS_MAX = 50;

/**
 * What the dump of the store omits, wherever glusterd keeps it. In "bricks" a name is made of a path, and may
 * end like these.
 */
const OMITTED = ['vols/*', 'snaps/*/*']
  .flatMap((volume) => [
    `${volume}/*.vol`,
    `${volume}/*.pid`,
    `${volume}/run/*.pid`,
    `${volume}/rebalance/*.pid`,
  ])
  .map((pattern) => `--exclude=${pattern}`);

/**
 * Of names that are not there tar says so, and ends with 2 as for a disk that gives errors: `read-archive.ts`
 * judges by its words. glusterd replaces files at any time, so one that has changed or gone meanwhile is read
 * again.
 */
const READ_STORE = sh`
# read_store FRAME: sets "unsure" where something could not be read, or was not as it had been.
read_store() {
  frame "$1"
  timeout -k 1 ${STORE_TIMEOUT_S} \
    tar -C "$W" --numeric-owner --anchored --no-wildcards-match-slash ${OMITTED} \
    -cf - glusterd.info glusterd.upgrade options secure-access peers vols snaps 2>"$scratch/tar"
  ended=$?; unsure=$ended; reasons=0
  frame "$1-status"; printf '%s\n' "$ended"
  while IFS= read -r x; do
    case $x in
      *': Cannot stat: No such file or directory') ;;
      *'.tmp: File removed before we read it') [ "$ended" != 1 ] || unsure=0 ;;
      *': Exiting with failure status due to previous errors') [ "$ended" != 2 ] || unsure=0 ;;
      *) reasons=$((reasons + 1)); [ "$reasons" -le ${REASONS_MAX} ] || continue ;;
    esac
    printf '%s\n' "$x"
  done <"$scratch/tar"
  [ "$reasons" = 0 ] || unsure=1
}`;

export const STORE = lines(
  READ_STORE,
  sh`if [ -d "$W" ]; then
  for x in ${STORE_FRAMES}; do
    [ "$x" = store ] || sleep 0.2
    read_store "$x"
    # What has hung once would hang the rest of this script too.
    case $ended in 124 | 137) W=$scratch/none; unsure=0 ;; esac
    [ "$unsure" != 0 ] || break
  done
else
  x=$(stat -L -- "$W" 2>&1 >/dev/null); ended=$?
  ${frame('store-status')}
  case $ended$x in
    0 | 1*': No such file or directory') echo absent ;;
    *) printf '%s\n' "$ended" "$x" ;;
  esac
fi`,
);
