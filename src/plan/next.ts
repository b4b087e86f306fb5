/**
 * What `apply` does next, and `plan` shows: the repairs of what stands in the way of the file, and the
 * changes once nothing does. Pure. Owns that order, and what of the changes can be foreseen.
 */
import type { Diagnostic } from '../core/diagnostic.ts';
import { kindOf } from '../findings/index.ts';
import type { RepairContext } from '../findings/shared/remedy.ts';
import type { Desired } from '../model/desired.ts';
import type { VolumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Plan } from '../model/plan.ts';
import { memberNodes } from '../view/pool.ts';
import { type View, volumeOfSubject, type VolumeView } from '../view/view.ts';
import { compile } from './compile.ts';
import { inTheWay } from './gate.ts';
import { leavingIn, type Leftovers, leftoversOf } from './leftovers.ts';
import { compileRecovery, type Recovery } from './recover.ts';

export interface Next {
  readonly plan: Plan;
  /** Set where something has to be repaired, or answered, or waited for, before the change. */
  readonly recovery?: Recovery;
  /** Mistakes in the file that only an observation can show. */
  readonly diagnostics: readonly Diagnostic[];
  /** What the file asks of a volume that is not done, whatever is repaired. */
  readonly refusals: readonly Finding[];
  /** What has to be repaired first. */
  readonly wrong: readonly Finding[];
  /** What passes by itself, before the next step of the change can be taken. */
  readonly waits: readonly string[];
}

export interface NextContext extends Omit<RepairContext, 'isChangeNext'> {
  /** Subjects that may be destroyed; none by default. */
  readonly allowDestroy?: readonly string[];
}

export function nextOf(context: NextContext): Next {
  const { desired, view, allowDestroy = [] } = context;
  const { plan, diagnostics, refusals, waits } = compile(desired, view);
  const wrong = inTheWay(plan, desired, view);
  const leftovers = leftoversOf(leavingIn(desired, view), view, allowDestroy);
  const change = (): Next => ({ plan: withLeftovers(plan, leftovers), diagnostics, refusals, wrong, waits });
  if (wrong.length === 0) return change();
  const recovery = repairsOf(context, wrong);
  const { steps, basis } = recovery.plan;
  if (steps.length + recovery.questions.length + recovery.waits.length === 0) return change();
  const then = compile(foreseeable(desired, view, wrong, recovery), asRepaired(view, recovery.definitions));
  const known = new Set(steps.map((s) => s.id));
  const foreseen = [...then.plan.steps, ...(then.plan.later ?? [])];
  const later = foreseen.filter((s) => !known.has(s.id));
  const findings = [...recovery.plan.findings, ...then.refusals, ...leftovers.findings];
  return {
    plan: {
      ...plan,
      changes: steps.length + later.length + leftovers.steps.length > 0,
      findings,
      steps,
      isRepair: true,
      later: [...later, ...leftovers.steps],
      diffs: then.plan.diffs,
      basis,
    },
    recovery,
    diagnostics,
    refusals: then.refusals,
    wrong,
    waits: [],
  };
}

/** What the deletions of a plan leave behind goes in a pass of its own: a rollback needs it until then. */
const withLeftovers = (plan: Plan, { steps, findings }: Leftovers): Plan =>
  steps.length + findings.length === 0
    ? plan
    : { ...plan, findings: [...plan.findings, ...findings], later: [...(plan.later ?? []), ...steps] };

/** The repairs alone, of what stands in the way; with what is wrong now. */
export function repairsFirst(context: NextContext): Recovery {
  const { desired, view } = context;
  return repairsOf(context, inTheWay(compile(desired, view).plan, desired, view));
}

function repairsOf(context: NextContext, wrong: readonly Finding[]): Recovery {
  const keys = new Set(wrong.map(keyOf));
  return compileRecovery({ ...context, isChangeNext: true }, (f) => keys.has(keyOf(f)));
}

const keyOf = ({ code, subject }: Finding): string => `${code} ${subject}`;

/** Without volumes that are repaired, while no store shows as what. */
function foreseeable(
  desired: Desired,
  view: View,
  wrong: readonly Finding[],
  { definitions }: Recovery,
): Desired {
  const unseen = new Set(
    wrong
      .filter((f) => kindOf(f)?.isDisagreement === true)
      .flatMap((f) => volumeOfSubject(view, f.subject) ?? [])
      .filter((name) => !definitions.has(name)),
  );
  return { ...desired, volumes: desired.volumes.filter((v) => !unseen.has(v.name)) };
}

/** Every member has the volume as the repairs leave it. All else is as observed. */
function asRepaired(view: View, definitions: ReadonlyMap<VolumeName, StoreVolume | undefined>): View {
  const volumes = new Map<VolumeName, VolumeView>(view.volumes);
  for (const [name, best] of definitions)
    if (best === undefined) volumes.delete(name);
    else volumes.set(name, { name, best, copies: new Map(memberNodes(view).map((node) => [node, best])) });
  return { ...view, volumes, answers: new Map() };
}
