/**
 * The planner: (desired, view) → plan. Pure and total: the same input gives the same bytes; no clock, no
 * chance. Repairs come before changes. Owns the order of steps; what each step means is its action's.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import { findAll } from '../findings/index.ts';
import type { Desired } from '../model/desired.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import type { View } from '../view/view.ts';
import { basisOf } from './basis.ts';
import { brickSteps } from './bricks.ts';
import { daemonSteps } from './daemons.ts';
import { departures } from './departures.ts';
import { firstStartFirst } from './first-start.ts';
import { notPossible } from './gate.ts';
import { knownOptions, unknownOptions } from './options.ts';
import type { Part } from './part.ts';
import { peerSteps } from './peers.ts';
import type { Owed } from './replacements.ts';
import { resetSteps } from './resets.ts';
import { volumeSteps } from './volumes.ts';

export interface Compiled {
  readonly plan: Plan;
  /** Mistakes in the file that only an observation can show. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the file asks of a volume that is not done, whatever is repaired. */
  readonly refusals: readonly Finding[];
  /** What passes by itself, and is waited for before the next step: there is none now. */
  readonly waits: readonly string[];
}

export function compile(desired: Desired, view: View): Compiled {
  const known = knownOptions(view);
  const peers = peerSteps(desired, view);
  const joined = peers.steps.map((s) => s.id);
  const volumes = desired.volumes.map((wanted) => volumeSteps(wanted, { view, known, after: joined }));
  const ordered = firstStartFirst(desired.volumes, volumes, view);
  const bricks = brickSteps(desired, view);
  const daemons = daemonSteps(desired, view, bricks.steps);
  const before: readonly Part[] = [peers, bricks, daemons, ...ordered];
  const parts: readonly Part[] = [...before, departures(desired, view, changingIn(desired, volumes))];
  const resets = resetSteps(desired, view);
  const isResetting = resets.steps.length > 0;
  const changes = parts.flatMap((p) => p.steps);
  const now = isResetting ? [] : changes;
  const last = isResetting ? resetFirst(resets, changes, parts) : owedBy(parts, now.length > 0);
  const steps = [...now, ...last.now];
  const said = parts.flatMap((p) => p.findings);
  const findings = [
    ...findAll(view, desired),
    ...said,
    ...last.findings,
    ...unmanaged(desired, view),
    // What is said of the owed one already is not said again.
    ...(last.findings.length > 0 ? now : steps).flatMap((step) =>
      notPossible(step, view, desired, 'repair what is named, or change the cluster file'),
    ),
  ];
  return {
    plan: {
      formatVersion: 1,
      cluster: desired.cluster,
      changes: steps.length + last.later.length > 0,
      ...(view.leftOut.size > 0 && { without: [...view.leftOut.keys()] }),
      findings,
      steps,
      ...(last.later.length > 0 && { later: last.later }),
      ...(last.waits.length > 0 && { running: last.waits }),
      diffs: parts.flatMap((p) => p.diffs),
      basis: basisOf(desired, view),
    },
    diagnostics: unknownOptions(desired.volumes, known),
    refusals: said.filter((f) => f.severity === 'error'),
    waits: last.waits,
  };
}

/**
 * Volumes of which the file asks something that can be done. One that is to be deleted is none: what its
 * bricks leave on a node goes in a pass after the deletion, and the node has to be there for that.
 */
const changingIn = (desired: Desired, parts: readonly Part[]): ReadonlySet<string> =>
  new Set(
    desired.volumes
      .filter(
        ({ state }, i) =>
          state !== 'absent' && [...(parts[i]?.steps ?? []), ...(parts[i]?.owed?.steps ?? [])].length > 0,
      )
      .map((v) => v.name),
  );

interface OwedNow {
  readonly now: readonly Step[];
  readonly later: readonly Step[];
  readonly findings: readonly Finding[];
  readonly waits: readonly string[];
}

/** The first that waits for nothing, alone; the others, and all of them behind other steps, are for later. */
function owedBy(parts: readonly Part[], isBehind: boolean): OwedNow {
  const all = parts.flatMap((part) =>
    part.owed === undefined || part.owed.steps.length + part.owed.waits.length === 0 ? [] : [part.owed],
  );
  const later = all.flatMap(({ steps }) => steps);
  if (isBehind) return { now: [], later, findings: [], waits: [] };
  const next = all.find(({ waits, steps }) => waits.length === 0 && steps.length > 0);
  const now = next?.steps.slice(0, 1) ?? [];
  return {
    now,
    later: later.filter((step) => !now.includes(step)),
    findings: next?.findings ?? [],
    waits: next === undefined ? all.flatMap(({ waits }) => waits) : [],
  };
}

/** A set that lacks a copy is made whole before anything else is changed; one brick at a time. */
function resetFirst(
  { steps, findings, waits }: Owed,
  changes: readonly Step[],
  parts: readonly Part[],
): OwedNow {
  const now = waits.length > 0 ? [] : steps.slice(0, 1);
  const later = [...steps.slice(now.length), ...changes, ...parts.flatMap((p) => p.owed?.steps ?? [])];
  return { now, later, findings, waits };
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
