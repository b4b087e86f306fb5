/** From operation to shell text and time limit, one line a kind. */
import { absurd } from '../core/invariant.ts';
import { lines, type Script } from '../core/shell.ts';
import type { NodeOp } from '../model/op.ts';
import { cleanScript, endScript, launchScript, removePidfileScript } from './brick.ts';
import { glusterScript } from './gluster.ts';
import { readyScript, startScript, stopScript } from './service.ts';
import { checkScript, editScript, markScript, prepareScript, pruneScript, restoreScript } from './store.ts';

export function scriptOf(op: NodeOp): Script {
  switch (op.kind) {
    case 'gluster':
      return glusterScript(op.argv, op.timeoutSeconds);
    case 'launch-brick':
      return launchScript(op.launch);
    case 'stop-glusterd':
      return stopScript(op.hung ?? false);
    case 'start-glusterd':
      return startScript(op.argv);
    case 'check-store':
      return lines(checkScript(op.paths), ...(op.stopFollows === true ? [readyScript] : []));
    case 'restore-store':
      return restoreScript(op.transaction, op.paths, op.ports);
    case 'edit-store':
      return editScript(op.writes, op.removes);
    case 'end-process':
      return endScript(op.pid, op.startTicks, op.word);
    case 'remove-pidfile':
      return removePidfileScript(op.path, op.pid, op.brickPath);
    case 'clean-brick':
      return cleanScript(op.path, op.volumeId, op.existedBefore);
    case 'journal-prepare':
      return prepareScript(op.owner, op.plan);
    case 'journal-mark':
      return markScript(op.transaction, op.state);
    case 'journal-prune':
      return pruneScript(op.keep);
    default:
      return absurd(op);
  }
}

const OP_TIMEOUT_MS = 60_000;
const SLOW: Partial<Record<NodeOp['kind'], number>> = {
  'stop-glusterd': 90_000,
  'start-glusterd': 120_000,
  'launch-brick': 90_000,
  'journal-prepare': 120_000,
};

/** Longer than every limit inside the script, so that the script's own message comes first. */
export const timeoutOf = (op: NodeOp): number =>
  op.kind === 'gluster' ? (op.timeoutSeconds + 40) * 1000 : (SLOW[op.kind] ?? OP_TIMEOUT_MS);
