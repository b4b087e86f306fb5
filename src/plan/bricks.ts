/** Bricks of volumes that the file wants started, whose process is gone: started where that is safe. */
import { brickStartProblems, locate, unfilledProblems, volfileProblems } from '../view/brick.ts';
import { brickStart, brickStartForce } from '../actions/brick-start.ts';
import { whyNotLaunched } from '../actions/launch.ts';
import type { Desired } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import { isDrained } from '../view/drained.ts';
import { isStoppedByQuorum } from '../view/quorum.ts';
import { brickProcesses, servedByMultiplex, type View } from '../view/view.ts';
import type { Part } from './part.ts';

export function brickSteps(desired: Desired, view: View): Part {
  const steps: Step[] = [];
  for (const wanted of desired.volumes) {
    const volume = view.volumes.get(wanted.name)?.best;
    if (wanted.state !== 'started' || volume?.status !== 'started') continue;
    for (const brick of volume.bricks) {
      const node = view.ownerOf(brick);
      if (node === undefined) continue;
      const args = { volume: volume.name, node, path: brick.path };
      const located = locate(args, view);
      if (located === undefined || located.facts.memory.kind !== 'up' || isDrained(located.facts)) continue;
      if (brickProcesses(located.facts, volume.name, brick.path).length > 0) continue;
      if (servedByMultiplex(located.facts, brick, volume.name) !== undefined) continue;
      if (brickStartProblems(located).length > 0 || volfileProblems(located).length > 0) continue;
      if (unfilledProblems(located, view).length > 0) continue;
      if (isStoppedByQuorum(located.facts, volume.name, view)) continue;
      const blocker = whyNotLaunched(located);
      const reason = `volume ${volume.name} is started, but this brick has no process`;
      steps.push(
        blocker === undefined
          ? brickStart.step(args, view, { reason, after: [] })
          : brickStartForce.step(args, view, {
              reason: `${reason}; ${blocker}, so glusterd starts it`,
              after: [],
            }),
      );
    }
  }
  return { steps, diffs: [], findings: [] };
}
