/** Ends the lock of one named transaction on a modelled node, as node/release.ts does it in shell. */
import type { Failure } from '../core/failure.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Released } from '../model/node-link.ts';
import { drainingFailure } from '../model/locked.ts';
import { transactionId } from '../node/store.ts';
import { DRAIN_MAX_MS, endSparing, KILLED, restartAlone, waitUntil } from './guard.ts';
import { JOURNAL, type Node, type World } from './world.ts';

export async function release(
  world: World,
  node: Node,
  transaction: string,
): Promise<Result<Released, Failure>> {
  const { guard } = node;
  const named = (): boolean => guard.owner?.transaction === transaction;
  if (!named()) return ok('none');
  guard.taking = true;
  const drained = await waitUntil(world, node, DRAIN_MAX_MS, () => guard.running === 0);
  guard.taking = false;
  if (!drained) return err(drainingFailure(node.name, transaction));
  if (!named()) return ok('none');
  const { holder } = guard;
  if (holder !== undefined) markRollingBack(node, transaction);
  holder?.end(KILLED);
  await restartAlone(world, node);
  guard.owner = undefined;
  endSparing(world, node);
  return ok(holder === undefined ? 'left' : 'ended');
}

function markRollingBack(node: Node, transaction: string): void {
  const file = `${JOURNAL}/${transactionId(transaction)}/state`;
  if (/^(prepared|committing)$/.test(node.disk.read(file)?.trim() ?? ''))
    node.disk.write(file, 'rolling-back\n');
}
