/**
 * Every action, once. A test compares this list with the folder; the engine finds actions here and names
 * none.
 */
import { invariant } from '../core/invariant.ts';
import type { AnyAction } from './action.ts';
import { brickClean } from './brick-clean.ts';
import { brickReplace } from './brick-replace.ts';
import { brickReset } from './brick-reset.ts';
import { brickStart, brickStartForce } from './brick-start.ts';
import { brickUnmark } from './brick-unmark.ts';
import { brickVacate } from './brick-vacate.ts';
import { drainMark, nodeBricksStart, nodeBricksStop } from './drain.ts';
import { daemonEnd, daemonStart } from './daemon.ts';
import { glusterdStart } from './glusterd-start.ts';
import { nodeDetach } from './node-detach.ts';
import { peerAttach, peerDetach } from './peer.ts';
import { brickRestart, pidfileRemove, processEnd } from './process.ts';
import { selfHealStart } from './self-heal-start.ts';
import { storeRepair, storeRestore } from './store-repair.ts';
import { volumeAddBricks, volumeWithdrawBricks } from './volume-add-bricks.ts';
import { volumeAddCopies, volumeWithdrawCopies } from './volume-add-copies.ts';
import { volumeCreate, volumeDelete } from './volume-definition.ts';
import { volumeOptions } from './volume-options.ts';
import { volumePortsStore } from './volume-ports-store.ts';
import { volumeRebalance, volumeRebalanceStop } from './volume-rebalance.ts';
import {
  volumeRemoveBricks,
  volumeRemoveBricksCommit,
  volumeRemoveBricksStop,
} from './volume-remove-bricks.ts';
import { volumeRemoveCopies } from './volume-remove-copies.ts';
import { volumeRemoveLost } from './volume-remove-lost.ts';
import { volumeRestore } from './volume-restore.ts';
import { volumeStart, volumeStop } from './volume-state.ts';

export const ACTIONS = [
  peerAttach,
  peerDetach,
  nodeDetach,
  volumeCreate,
  volumeDelete,
  volumeOptions,
  volumeStart,
  volumeStop,
  volumeRestore,
  volumeAddBricks,
  volumeWithdrawBricks,
  volumeAddCopies,
  volumeWithdrawCopies,
  volumePortsStore,
  volumeRebalance,
  volumeRebalanceStop,
  volumeRemoveBricks,
  volumeRemoveBricksStop,
  volumeRemoveBricksCommit,
  volumeRemoveCopies,
  volumeRemoveLost,
  brickReplace,
  brickReset,
  brickStart,
  brickStartForce,
  brickClean,
  brickUnmark,
  brickVacate,
  storeRepair,
  storeRestore,
  glusterdStart,
  processEnd,
  pidfileRemove,
  brickRestart,
  selfHealStart,
  drainMark,
  nodeBricksStop,
  nodeBricksStart,
  daemonStart,
  daemonEnd,
] as const;

const BY_NAME: ReadonlyMap<string, AnyAction> = new Map(
  // The one place where an action loses its argument type: the action of its name has made a step's args.
  ACTIONS.map((action): [string, AnyAction] => [action.name, action as unknown as AnyAction]),
);

/** Those that follow every change. */
export const AFTER_EVERY_CHANGE = [...BY_NAME.values()].flatMap((action) =>
  action.afterEveryChange === undefined ? [] : [{ action, ...action.afterEveryChange }],
);

export function actionNamed(name: string): AnyAction {
  const action = BY_NAME.get(name);
  invariant(action, `no action is named ${name}`);
  return action;
}
