/**
 * What each step of a plan, and then its undo, makes of the volumes that it touches. Pure; knows no action by
 * name.
 */
import type { Intent } from '../actions/action.ts';
import { actionNamed } from '../actions/index.ts';
import { type Definition, type Definitions } from '../model/definition.ts';
import type { VolumeName } from '../model/names.ts';
import type { Step } from '../model/plan.ts';

/** By step id, by volume: the definitions that the step leaves, and after it each intent of its inverse. */
export type Becomes = {
  readonly [step: string]: { readonly [volume: string]: readonly (Definition | null)[] | 'unknown' };
};

interface Expected {
  readonly definitions: Definitions;
  readonly unknown: ReadonlySet<VolumeName>;
}

/** In the order of the plan: steps of one volume follow each other. */
export function becomesOf(
  steps: readonly Step[],
  inverseOf: (step: Step) => readonly Intent[] | null,
  before: Definitions,
): Becomes {
  let now: Expected = { definitions: before, unknown: new Set() };
  const all: { [step: string]: Becomes[string] } = {};
  for (const step of steps) {
    now = after(step, now);
    const states = [now];
    for (const intent of inverseOf(step) ?? []) states.push(after(intent, states.at(-1) ?? now));
    const volumes = actionNamed(step.action).volumes(step.args);
    all[step.id] = Object.fromEntries(volumes.map((v) => [v, statesOf(v, states)]));
  }
  return all;
}

function after({ action: name, args }: Intent, { definitions, unknown }: Expected): Expected {
  const action = actionNamed(name);
  const made = action.becomes(args, definitions);
  return made === 'unknown'
    ? { definitions, unknown: new Set([...unknown, ...action.volumes(args)]) }
    : { definitions: new Map([...definitions, ...made]), unknown };
}

const statesOf = (volume: VolumeName, states: readonly Expected[]): Becomes[string][string] =>
  states.some(({ unknown }) => unknown.has(volume))
    ? 'unknown'
    : states.map(({ definitions }) => definitions.get(volume) ?? null);
