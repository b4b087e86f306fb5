/** From operation to shell text, one line for each kind. */
import { absurd } from '../core/invariant.ts';
import { embed, type Script, sh } from '../core/shell.ts';
import type { Entrusted, NodeOp, StoreExpectation } from '../model/op.ts';
import type { ProcessId } from '../model/observed.ts';
import { checkBricksScript, endScript, launchScript, removePidfileScript } from './brick.ts';
import { emptiedScript } from './brick-emptied.ts';
import { cleanScript, unmarkScript, vacateScript } from './brick-marks.ts';
import { EXIT_UNSETTLED } from './fence.ts';
import { glusterScript } from './gluster.ts';
import {
  freezeScript,
  GLUSTERD_PIDS,
  restartScript,
  spareScript,
  startScript,
  stopScript,
  thawScript,
} from './service.ts';
import {
  checkScript,
  drainMarkScript,
  editScript,
  markScript,
  prepareScript,
  pruneScript,
  restoreScript,
} from './store.ts';
import { unchangedScript } from './unchanged.ts';

export function scriptOf(op: NodeOp): Script {
  switch (op.kind) {
    case 'gluster':
      return whenSettled(op, glusterScript(op.argv, op.timeoutSeconds));
    case 'launch-brick':
      return whenSettled(op, launchScript(op.launch));
    case 'same-glusterd':
      return sameScript(op.glusterd);
    case 'check-bricks':
      return checkBricksScript(op.bricks);
    case 'spare-bricks':
      return spareScript;
    case 'freeze-glusterd':
      return freezeScript;
    case 'thaw-glusterd':
      return thawScript;
    case 'stop-glusterd':
      return stopScript(op.frozen ?? false, op.entrusted && entrusted(op.entrusted));
    case 'start-glusterd':
      return startScript(op.argv);
    case 'check-store':
      return checkScript(op.paths);
    case 'restore-store':
      return restoreScript(op);
    case 'edit-store':
      return editScript(op);
    case 'end-process':
      return endScript(op.pid, op.startTicks, op.word);
    case 'remove-pidfile':
      return removePidfileScript(op.path, op.pid, op.brickPath);
    case 'clean-brick':
      return cleanScript(op.path, op.volumeId, op.existedBefore);
    case 'vacate-brick':
      return vacateScript(op);
    case 'unmark-brick':
      return unmarkScript(op);
    case 'check-emptied':
      return emptiedScript(op);
    case 'mark-drained':
      return drainMarkScript(op.mark);
    case 'journal-prepare':
      return prepareScript(op.owner, op.plan);
    case 'journal-mark':
      return markScript(op.transaction, op.state, op.by);
    case 'journal-prune':
      return pruneScript(op.keep);
    default:
      return absurd(op);
  }
}

const entrusted = ({ work, others, argv }: Entrusted): Script =>
  restartScript(work === undefined ? sh`:` : scriptOf(work), others, argv);

const NOT_SETTLED = 'glusterd was not seen to be settled';

const sameScript = (glusterd: ProcessId | undefined): Script => sh`${GLUSTERD_PIDS}
unsettled() { printf '%s\n' "$1" >&2; exit ${EXIT_UNSETTLED}; }
started() {
  { IFS= read -r stat <"/proc/$1/stat"; } 2>/dev/null && set -- \${stat##*) } && printf '%s' "\${20}"
}
now=
for p in $(glusterd_pids); do now="$now$p:$(started "$p") "; done
[ "$now" = ${glusterd === undefined ? '' : `${String(glusterd.pid)}:${String(glusterd.startTicks)} `} ] ||
  unsettled "glusterd is not the process that was seen to be settled (now: \${now:-none})"
`;

interface Asking {
  readonly glusterd?: ProcessId | undefined;
  readonly expects?: StoreExpectation | undefined;
}

/** A glusterd that is not settled gets no command, wherever the operation came from. */
const whenSettled = ({ glusterd, expects }: Asking, body: Script): Script =>
  glusterd === undefined
    ? sh`printf '%s\n' ${NOT_SETTLED} >&2; exit ${EXIT_UNSETTLED}`
    : sh`${embed(sameScript(glusterd))}${embed(expects === undefined ? sh`` : unchangedScript(expects))}
${embed(body)}`;
