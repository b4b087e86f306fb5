/**
 * The shortest list of faults that still breaks a law: fewer of them, then earlier and plainer ones. Owns the
 * search alone.
 */
import type { Fault, FaultAt, FaultPlan } from '../../src/simulator/fault.ts';

/**
 * Ends where no single step makes the list shorter and leaves it broken; asks `fails` once for each step it
 * tries.
 */
export async function shrink(
  faults: FaultPlan,
  fails: (faults: FaultPlan) => Promise<boolean>,
): Promise<FaultPlan> {
  let shortest = faults;
  for (let found = true; found;) {
    found = false;
    for (const candidate of shorter(shortest)) {
      if (!(await fails(candidate))) continue;
      shortest = candidate;
      found = true;
      break;
    }
  }
  return shortest;
}

function* shorter(faults: FaultPlan): Generator<FaultPlan> {
  for (const i of faults.keys()) yield faults.toSpliced(i, 1);
  for (const [i, one] of faults.entries())
    for (const simpler of simplerThan(one)) yield faults.with(i, simpler);
}

function* simplerThan({ at, fault }: FaultAt): Generator<FaultAt> {
  for (const plainer of plainerThan(fault)) yield { at, fault: plainer };
  if (typeof at !== 'number') return;
  for (const earlier of new Set([1, Math.ceil(at / 2), at - 1]))
    if (earlier >= 1 && earlier < at) yield { at: earlier, fault };
}

function* plainerThan(fault: Fault): Generator<Fault> {
  if (fault.kind === 'delay')
    for (const ms of new Set([0, Math.floor(fault.ms / 2)])) if (ms < fault.ms) yield { ...fault, ms };
  if (fault.kind === 'controller-death' && fault.silent) yield { ...fault, silent: false };
  if ('node' in fault) {
    const { node: _node, ...called } = fault;
    yield called;
  }
  if ('when' in fault && fault.when === 'after') yield { ...fault, when: 'before' };
}
