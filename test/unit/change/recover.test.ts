/** When a pass of repairs has repaired nothing: the same work is still to be done after it. */
import { expect, it } from 'vitest';
import { processEnd } from '../../../src/actions/process.ts';
import { repairs } from '../../../src/change/recover.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { compileRecovery } from '../../../src/plan/recover.ts';
import { world } from '../../worlds.ts';

const CASES = [
  ['a process that is there again, as another one', { pid: 8, startTicks: 800 }, 1],
  ['a process of another brick', { pid: 7, startTicks: 700, path: '/bricks/d2/v' }, 0],
] as const;

it.each(CASES)('%s', (_what, again, left) => {
  const w = world();
  const view = w.view();
  const recovery = compileRecovery({ view, desired: w.desired, prefer: new Map() });
  const { goal } = repairs(recovery, () => recovery, w.desired);
  const first = { node: 'node01', pid: 7, startTicks: 700, path: '/bricks/d1/v' };
  const planOf = (args: typeof first): Plan => ({
    ...recovery.plan,
    steps: [processEnd.step(args, view, { reason: 'it must not run', after: [] })],
  });
  expect(goal.remaining(planOf({ ...first, ...again }), planOf(first))).toHaveLength(left);
});
