/**
 * Whether the store of a node still has a volume as it was read: a command that was decided on that is not
 * sent over what others have changed since. Between this check and glusterd's own lock only the start of
 * its command line tool passes.
 */
import { type Script, sh } from '../core/shell.ts';
import type { StoreExpectation } from '../model/op.ts';
import { EXIT_CHANGED } from './fence.ts';
import { storePath } from './store.ts';

/** A value that is empty in the list of keys would be the key of an empty line. */
const keyList = (keys: readonly string[]): string => ['', ...keys, ''].join('\n');

export const unchangedScript = ({ volume, keys, isAllBut, lines }: StoreExpectation): Script => sh`
info=/var/lib/glusterd/${storePath(`vols/${volume}/info`)}
keys=${keyList([...keys, ...(isAllBut ? ['version'] : [])])}
now=$(
  { while IFS= read -r line; do
    case $keys in
      *"
\${line%%=*}
"*) [ ${isAllBut ? 'others' : 'these'} = these ] && printf '%s\n' "$line" ;;
      *) [ ${isAllBut ? 'others' : 'these'} = others ] && printf '%s\n' "$line" ;;
    esac
  done <"$info"; } 2>/dev/null | sort
)
[ "$now" = ${lines.join('\n')} ] || {
  printf '%s\n' ${`volume ${volume} was changed by others since it was read`} >&2
  exit ${EXIT_CHANGED}
}
`;
