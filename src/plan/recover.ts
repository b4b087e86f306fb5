/**
 * The plan of repairs alone: findings → the fewest steps that repair them. Pure. Owns the merging: one stop
 * of glusterd a node, for all its repairs.
 */
import type { Intent } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
import type { Edit } from '../actions/store-edit.ts';
import { storeRepair } from '../actions/store-repair.ts';
import { findAll, kindOf } from '../findings/index.ts';
import type { Remedy, RepairContext } from '../findings/shared/remedy.ts';
import { byCause } from '../model/causes.ts';
import { nodeName, type VolumeName, volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Plan, Step } from '../model/plan.ts';
import { memberNodes } from '../view/pool.ts';
import { type View } from '../view/view.ts';
import { basisOf } from './basis.ts';
import { missed, notPossible, refused } from './gate.ts';
import { startsTogether } from './lone-starts.ts';
import { nodesNotToStop, isOnNodeNotToStop, type Proposal } from './nodes-not-to-stop.ts';

export interface Recovery {
  readonly plan: Plan;
  readonly questions: readonly Extract<Remedy, { kind: 'question' }>[];
  /** Errors that no step repairs and no flag decides: a person has to act. */
  readonly unrepaired: readonly Finding[];
  /** Errors whose repair waits until that is done. */
  readonly deferred: readonly Finding[];
  /** What repairs wait for that comes by itself: heals, another brick of the set; each a sentence. */
  readonly waits: readonly string[];
  /** Volumes as the repairs leave them in every store; undefined: gone. */
  readonly definitions: ReadonlyMap<VolumeName, StoreVolume | undefined>;
}

/** `isOurs`: what is to be repaired; the rest is reported, and left as it is. */
export function compileRecovery(
  context: RepairContext,
  isOurs: (finding: Finding) => boolean = () => true,
): Recovery {
  const { view, desired } = context;
  const findings = findAll(view, desired);
  const proposed = findings.map((f) => ({
    finding: f,
    remedies: f.severity === 'info' || !isOurs(f) ? [] : (kindOf(f)?.repair?.(f, context) ?? []),
  }));
  const held = nodesNotToStop(proposed, view);
  const free = proposed.flatMap((p) =>
    p.remedies.some((r) => isOnNodeNotToStop(r, held, view)) ? [] : p.remedies,
  );
  const { arranged, withheld } = startsTogether(distinct(free), held, view);
  const untouched = new Set([...held, ...withheld.flatMap((f) => f.nodes)]);
  const isLater = (remedy: Remedy): boolean => isOnNodeNotToStop(remedy, untouched, view);
  const waits = (p: Proposal): boolean => p.remedies.some(isLater);
  const remedies = arranged.filter((r) => !isLater(r));
  const asked = possible(stepsOf(remedies, view), context);
  const { steps } = asked;
  const impossible = [...withheld, ...asked.impossible];
  return {
    plan: {
      formatVersion: 1,
      cluster: desired.cluster,
      changes: steps.length > 0,
      findings: [...findings, ...impossible],
      steps,
      isWithoutChanges: true,
      diffs: [],
      basis: basisOf(desired, view),
    },
    questions: remedies.flatMap((r) => (r.kind === 'question' ? [r] : [])),
    unrepaired: [
      ...errorsOf(proposed.filter((p) => p.remedies.length === 0 && isOurs(p.finding))),
      ...impossible,
    ],
    deferred: errorsOf(proposed.filter(waits)),
    waits: remedies.flatMap((r) => (r.kind === 'wait' ? [`${r.subject}: ${r.what}`] : [])),
    definitions: new Map(remedies.flatMap((r) => definitionsOf(r, view))),
  };
}

function definitionsOf(
  remedy: Remedy,
  view: View,
): readonly (readonly [VolumeName, StoreVolume | undefined])[] {
  if (remedy.kind !== 'edit') return [];
  const { edit } = remedy;
  if (edit.kind === 'copy-volume') {
    const copy = view.volumes.get(volumeName(edit.volume))?.copies.get(nodeName(edit.from));
    return copy === undefined ? [] : [[copy.name, copy]];
  }
  const removed = edit.kind === 'remove' ? /^vols\/([^/]+)$/.exec(edit.path)?.[1] : undefined;
  return removed === undefined ? [] : [[volumeName(removed), undefined]];
}

/**
 * Steps that take something down are asked before the first is begun; what comes after such a step goes with
 * it.
 */
function possible(
  steps: readonly Step[],
  { view, desired }: RepairContext,
): { readonly steps: readonly Step[]; readonly impossible: readonly Finding[] } {
  const impossible: Finding[] = [];
  const dropped = new Set<string>();
  const kept = steps.filter((step) => {
    const asked = actionNamed(step.action).checkedAtCommit === true;
    const remedy = 'bring back what is missing first';
    const blockers = asked
      ? notPossible(step, view, desired, remedy)
      : refused(step, remedy, missed(step, view));
    impossible.push(...blockers);
    if (blockers.length > 0 || step.after.some((id) => dropped.has(id))) dropped.add(step.id);
    return !dropped.has(step.id);
  });
  return { steps: kept, impossible };
}

/** Causes alone: what is done about them is done about their effects. */
const errorsOf = (proposed: readonly Proposal[]): readonly Finding[] =>
  byCause(proposed.map((p) => p.finding).filter((f) => f.severity === 'error')).map((c) => c.cause);

/** The same remedy may be proposed by several findings; its first reason stays. */
function distinct(remedies: readonly Remedy[]): readonly Remedy[] {
  const seen = new Map<string, Remedy>();
  for (const r of remedies) {
    const key = JSON.stringify(
      r.kind === 'edit' ? [r.node, r.edit] : r.kind === 'step' ? [r.intent] : [r.kind, r.subject],
    );
    if (!seen.has(key)) seen.set(key, r);
  }
  return [...seen.values()];
}

function stepsOf(remedies: readonly Remedy[], view: View): readonly Step[] {
  const staged = (stage: 'before' | 'after', after: readonly string[]): readonly Step[] =>
    remedies.flatMap((r) =>
      r.kind === 'step' && r.stage === stage ? [stepOf(r.intent, view, r.reason, after)] : [],
    );
  const edits = remedies.flatMap((r) => (r.kind === 'edit' ? [r] : []));
  const edited = new Set<string>(edits.map((e) => e.node));
  // A node whose store is edited has its glusterd started there; a step of its own would be a second start.
  const before = staged('before', []).filter(
    (s) => s.action !== 'glusterd-start' || !s.nodes.every((n) => edited.has(n)),
  );
  const ids = before.map((s) => s.id);
  if (edits.length === 0) return [...before, ...staged('after', ids)];
  // Only a glusterd that runs shows whether its peers reach it: what is edited is decided by that, in the
  // next pass.
  if (before.some((s) => s.action === 'glusterd-start')) return before;
  const nodes: Record<string, Edit[]> = {};
  for (const node of [...memberNodes(view), ...edited]) {
    const own = edits.filter((e) => e.node === node).map((e) => e.edit);
    if (own.length > 0) nodes[node] = own;
  }
  const reason = [...new Set(edits.map((e) => e.reason))].join('; ');
  const repair = storeRepair.step({ nodes }, view, {
    reason,
    after: ids,
    key: Object.keys(nodes).sort().join('+'),
  });
  return [...before, repair, ...staged('after', [repair.id])];
}

function stepOf(intent: Intent, view: View, reason: string, after: readonly string[]): Step {
  return actionNamed(intent.action).step(intent.args, view, { reason, after });
}
