/** A change and one to three faults from a seed: what `npm run sim` puts a transaction through. */
import type { Fault, FaultAt, FaultPlan } from '../../src/simulator/fault.ts';
import { type Random, seeded } from '../../src/simulator/random.ts';
import { CHANGES, LEAVE, NODES } from './fault-run.ts';

const CALLS_MAX = 45;
const FAULTS_MAX = 3;
const DELAY_MAX_MS = 40_000;

export interface Drawn {
  readonly change: string;
  readonly faults: FaultPlan;
}

export function draw(seed: number): Drawn {
  const random = seeded(seed);
  const [first = '', ...others] = Object.keys(CHANGES);
  const change = random.pick([first, ...others, LEAVE]);
  const faults = Array.from({ length: random.int(1, FAULTS_MAX) }, (): FaultAt => ({
    at: random.int(1, CALLS_MAX),
    fault: drawFault(random),
  }));
  return { change, faults };
}

export function drawFault(random: Random): Fault {
  const [first = '', ...others] = NODES;
  const node = random.pick([first, ...others]);
  const when = random.pick(['before', 'after'] as const);
  return random.pick<() => Fault>([
    () => ({ kind: 'drop-request' }),
    () => ({ kind: 'drop-answer' }),
    () => ({ kind: 'delay', ms: random.int(0, DELAY_MAX_MS) }),
    () => ({ kind: 'kill-glusterd', node, when }),
    () => ({ kind: 'restart-glusterd', node, when }),
    () => ({ kind: 'crash-glusterd', node, when }),
    () => ({ kind: 'kill-lock-holder', node, when }),
    () => ({ kind: 'reboot', node, when }),
    () => ({ kind: 'controller-death', silent: random.chance(0.5) }),
  ])();
}
