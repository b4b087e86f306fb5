/**
 * Faults and their moments: a plan says at which call of a controller, or at which kind of call, what breaks.
 * Owns the matching. What a fault does is in apply-fault.ts.
 */
import type { NodeOp } from '../model/op.ts';

/** A call that a controller makes on a node, counted over the whole cluster from 1. */
export interface SimCall {
  readonly index: number;
  readonly node: string;
  readonly kind: 'observe' | 'lock' | 'release' | 'perform' | 'journal' | 'moved' | 'heal';
  readonly op: NodeOp | undefined;
}

/** What happens to the message itself. */
export type WireFault =
  /** It never arrives, and the connection is gone. */
  | { readonly kind: 'drop-request' }
  /** It arrives and takes effect; its answer is lost with the connection. */
  | { readonly kind: 'drop-answer' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Performed twice, one after the other; a lock is a session, which cannot come twice. */
  | { readonly kind: 'duplicate' };

/** What happens to the world around it: on `node`, or on the node that is called. */
export type WorldFault = { readonly node?: string } & (
  | { readonly kind: 'kill-glusterd' | 'freeze-glusterd' | 'thaw-glusterd' | 'start-glusterd' }
  /** Restart: by its unit, the bricks spared. Crash: by a signal of its own, under the unit as it is. */
  | { readonly kind: 'restart-glusterd' | 'crash-glusterd' }
  | { readonly kind: 'kill-lock-holder' | 'reboot' | 'power-off' | 'power-on' }
  | {
      readonly kind: 'kill-brick' | 'immutable' | 'mutable' | 'fill-disk' | 'free-disk';
      readonly path: string;
    }
  /** No controller reaches it any more, and nothing says so; `rejoin` is the undo. */
  | { readonly kind: 'isolate' | 'rejoin' }
  /** An administrator gives a command there, at the same time as whatever else goes on. */
  | { readonly kind: 'admin'; readonly argv: readonly string[] }
  /** What transactions keep there is gone, as on a node that was installed again or joined later. */
  | { readonly kind: 'lose-journal' }
  /** The one that calls ends: `silent` as in a power cut, else as a killed process. */
  | { readonly kind: 'controller-death'; readonly silent: boolean }
  /** Anything else: a second controller, an administrator at work. */
  | { readonly kind: 'act'; readonly act: () => void | Promise<void> }
);

export type Fault =
  | WireFault
  /** So many milliseconds after the call began; without it, before the call does anything. */
  | (WorldFault & { readonly afterMs?: number; readonly when?: 'before' | 'after' });

export interface FaultAt {
  /** The n-th call from 1, or the first call (of those from then on) of which this holds. */
  readonly at: number | ((call: SimCall) => boolean);
  readonly fault: Fault;
}

export type FaultPlan = readonly FaultAt[];

export interface FaultQueue {
  /** The faults of this call; each happens once. */
  due(call: SimCall): readonly Fault[];
  add(plan: FaultPlan): void;
  clear(): void;
  /** Grows with every `clear`: a fault that is already timed counts only in its own generation. */
  generation(): number;
}

export function faultQueue(): FaultQueue {
  const pending: FaultAt[] = [];
  let generation = 0;
  return {
    due(call) {
      const due = pending.filter(({ at }) => (typeof at === 'number' ? at === call.index : at(call)));
      for (const fault of due) pending.splice(pending.indexOf(fault), 1);
      return due.map((f) => f.fault);
    },
    add(plan) {
      pending.push(...plan);
    },
    clear() {
      pending.length = 0;
      generation += 1;
    },
    generation: () => generation,
  };
}

export const isWireFault = (fault: Fault): fault is WireFault =>
  fault.kind === 'drop-request' ||
  fault.kind === 'drop-answer' ||
  fault.kind === 'delay' ||
  fault.kind === 'duplicate';
