/**
 * A lock as its holder has it: lost with the wire, with the node, or when heartbeats go unanswered. Owns the
 * time limits of both sides.
 */
import type { Failure } from '../core/failure.ts';
import { ok, type Result } from '../core/result.ts';
import type { NodeLock } from '../model/node-link.ts';
import type { LockOwner } from '../model/transaction.ts';
import { releaseLock, SILENCE_MAX_MS, takeLock } from './guard.ts';
import { HEARTBEAT_SILENCE_MS, type Wire } from './wire.ts';
import type { Holder, World } from './world.ts';

const RELEASE_TIMEOUT_MS = 10_000;
const HEARTBEAT_EVERY_MS = 5_000;

export async function holdLock(
  world: World,
  wire: Wire,
  owner: LockOwner,
  onWait: ((limitMs: number) => void) | undefined,
): Promise<Result<NodeLock, Failure>> {
  let reason: string | undefined;
  let lose: (why: string) => void = () => undefined;
  const lost = new Promise<string>((resolve) => {
    lose = (why) => {
      reason ??= why;
      resolve(reason);
    };
  });
  const ended = (why: string): void => {
    if (why === 'its node is gone')
      world.clock.after(HEARTBEAT_SILENCE_MS, () => {
        lose('no heartbeat was answered for 20 s');
      });
    else lose(why === 'released' ? why : 'its holder on the node ended');
  };
  const locked = await takeLock(world, wire.node, owner, ended, onWait);
  if (!locked.ok) return locked;
  const holder = locked.value;
  // Its controller is gone meanwhile, and will send no heartbeat.
  if (wire.broken)
    world.clock.after(SILENCE_MAX_MS, () => {
      holder.end('no heartbeat');
    });
  wire.holders.add(holder);
  wire.onBreak.add(lose);
  watch(world, wire, holder, lose);
  return ok({
    lost,
    held: () => reason === undefined,
    async release() {
      await world.clock.drive(
        Promise.race([releaseLock(world, wire.node, holder), world.clock.pause(RELEASE_TIMEOUT_MS)]),
      );
      lose('released');
    },
  });
}

/** Heartbeats: both sides let go of a lock after a silence of their own limit. */
function watch(world: World, wire: Wire, holder: Holder, lose: (why: string) => void): void {
  const { node } = wire;
  let silentSince: number | undefined;
  const beat = (): void => {
    if (node.guard.holder !== holder || wire.broken) return;
    const now = world.clock.now();
    silentSince = node.reachable ? undefined : (silentSince ?? now);
    if (silentSince !== undefined && now - silentSince >= HEARTBEAT_SILENCE_MS)
      lose('no heartbeat was answered for 20 s');
    if (silentSince !== undefined && now - silentSince >= SILENCE_MAX_MS) holder.end('no heartbeat');
    world.clock.after(HEARTBEAT_EVERY_MS, beat);
  };
  world.clock.after(HEARTBEAT_EVERY_MS, beat);
}
