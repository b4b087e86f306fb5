/**
 * Self-heal daemons of volumes that the file wants started, which glusterd has not brought up: started where
 * that is safe.
 */
import { selfHealStart } from '../actions/self-heal-start.ts';
import { brickStartForce } from '../actions/brick-start.ts';
import type { Desired } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import { forceProblems } from '../view/brick.ts';
import { isYoung, missingDaemons } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { unhealed } from '../findings/self-heal-daemon-offline.ts';
import type { Part } from './part.ts';

/** `bricks`: what starts a brick of the volume by force starts its daemons too. */
export function daemonSteps(desired: Desired, view: View, bricks: readonly Step[]): Part {
  const missing = new Set(missingDaemons(view).map((d) => d.volume));
  const steps = desired.volumes.flatMap((wanted) => {
    const volume = view.volumes.get(wanted.name)?.best;
    if (wanted.state !== 'started' || volume?.status !== 'started' || !missing.has(volume.name)) return [];
    // A young glusterd still brings it up itself.
    const nodes = view.nodes.filter(
      (n) => !isYoung(n) && unhealed(view, n).some((v) => v.name === volume.name),
    );
    const isForced = bricks.some((s) => s.action === brickStartForce.name && isOf(s, volume.name));
    if (nodes.length === 0 || isForced || forceProblems(volume.name, view).length > 0) return [];
    const reason = `the self-heal daemon on ${nodes.map((n) => n.node).join(', ')} does not run`;
    return [
      selfHealStart.step({ volume: volume.name }, view, {
        reason,
        after: bricks.filter((s) => isOf(s, volume.name)).map((s) => s.id),
      }),
    ];
  });
  return { steps, diffs: [], findings: [] };
}

const isOf = ({ args }: Step, volume: string): boolean =>
  typeof args === 'object' && args !== null && 'volume' in args && args.volume === volume;
