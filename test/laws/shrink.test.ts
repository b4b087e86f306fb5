/**
 * A failing seed replays exactly and shrinks to its shortest form, shown on laws that are broken on purpose.
 */
import { expect, it } from 'vitest';
import type { FaultPlan } from '../../src/simulator/fault.ts';
import { draw } from './draw.ts';
import { faultRun } from './fault-run.ts';
import { shrink } from './shrink.ts';

const LIMIT_MS = 60_000;

it(
  'a seed draws the same change and faults every time, and the run ends the same',
  { timeout: LIMIT_MS },
  async () => {
    for (const seed of [3, 17, 40]) {
      const { change, faults } = draw(seed);
      expect(draw(seed)).toEqual({ change, faults });
      expect(await faultRun(change, seed, faults)).toEqual(await faultRun(change, seed, faults));
    }
  },
);

it('only the faults that break the law are left, as early and as plain as they can be', async () => {
  const faults: FaultPlan = [
    { at: 31, fault: { kind: 'delay', ms: 39_000 } },
    { at: 40, fault: { kind: 'reboot', node: 'node02', when: 'after' } },
    { at: 12, fault: { kind: 'drop-answer' } },
  ];
  const needsReboot = (some: FaultPlan): Promise<boolean> =>
    Promise.resolve(some.some(({ at, fault }) => fault.kind === 'reboot' && Number(at) >= 7));
  expect(await shrink(faults, needsReboot)).toEqual([{ at: 7, fault: { kind: 'reboot', when: 'before' } }]);
});

it(
  'a law that the death of the controller breaks, on the simulated cluster',
  { timeout: LIMIT_MS },
  async () => {
    const faults: FaultPlan = [
      { at: 2, fault: { kind: 'delay', ms: 900 } },
      { at: 20, fault: { kind: 'controller-death', silent: true } },
      { at: 30, fault: { kind: 'kill-glusterd', node: 'node03', when: 'after' } },
    ];
    // Planted: "the controller always survives".
    const dies = async (some: FaultPlan): Promise<boolean> =>
      (await faultRun('options', 5, some)).result === undefined;
    expect(await dies(faults)).toBe(true);
    expect(await shrink(faults, dies)).toEqual([
      { at: 1, fault: { kind: 'controller-death', silent: false } },
    ]);
  },
);
