/**
 * The planner: (desired, view) → plan. Pure and total: the same input gives the same bytes; no clock, no
 * chance. Repairs come before changes. Owns the order of steps; what each step means is its action's.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import { findAll } from '../findings/index.ts';
import type { Desired } from '../model/desired.ts';
import type { Finding, Plan } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { basisOf } from './basis.ts';
import { brickSteps } from './bricks.ts';
import { daemonSteps } from './daemons.ts';
import { firstStartFirst } from './first-start.ts';
import { notPossible } from './gate.ts';
import { knownOptions, unknownOptions } from './options.ts';
import type { Part } from './part.ts';
import { peerSteps } from './peers.ts';
import { volumeSteps } from './volumes.ts';

export interface Compiled {
  readonly plan: Plan;
  /** Mistakes in the file that only an observation can show. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the file asks of a volume that is not done, whatever is repaired. */
  readonly refusals: readonly Finding[];
}

export function compile(desired: Desired, view: View): Compiled {
  const known = knownOptions(view);
  const peers = peerSteps(desired, view);
  const joined = peers.steps.map((s) => s.id);
  const volumes = desired.volumes.map((wanted) => volumeSteps(wanted, { view, known, after: joined }));
  const ordered = firstStartFirst(desired.volumes, volumes, view);
  const bricks = brickSteps(desired, view);
  const daemons = daemonSteps(desired, view, bricks.steps);
  const parts: readonly Part[] = [peers, bricks, daemons, ...ordered];
  const steps = parts.flatMap((p) => p.steps);
  const said = parts.flatMap((p) => p.findings);
  const findings = [
    ...findAll(view, desired),
    ...said,
    ...unmanaged(desired, view),
    ...steps.flatMap((step) =>
      notPossible(step, view, desired, 'repair what is named, or change the cluster file'),
    ),
  ];
  return {
    plan: {
      formatVersion: 1,
      cluster: desired.cluster,
      changes: steps.length > 0,
      ...(view.leftOut.size > 0 && { without: [...view.leftOut.keys()] }),
      findings,
      steps,
      diffs: parts.flatMap((p) => p.diffs),
      basis: basisOf(desired, view),
    },
    diagnostics: unknownOptions(desired.volumes, known),
    refusals: said.filter((f) => f.severity === 'error'),
  };
}

function unmanaged(desired: Desired, view: View): readonly Finding[] {
  if (desired.policy.unmanagedVolumes === 'ignore') return [];
  const named = new Set<string>(desired.volumes.map((v) => v.name));
  return [...view.volumes.values()]
    .filter((v) => !named.has(v.name))
    .map((v) => ({
      code: 'volume-unmanaged',
      severity: 'info',
      subject: `volume/${v.name}`,
      nodes: [...v.copies.keys()],
      message: `volume ${v.name} is in the cluster but not in the file; it is left alone`,
      evidence: [],
      remedy: 'add it to the file ("glusterctl export"), or say state: absent to delete it',
    }));
}
