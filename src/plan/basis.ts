/**
 * What a plan was computed from, as node → key → value, so that apply can say what changed meanwhile, by
 * node and key.
 */
import { digest } from '../core/digest.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { Basis, Plan } from '../model/plan.ts';
import { brickProcesses, type View } from '../view/view.ts';

export function basisOf(desired: Desired, view: View): Basis {
  const volumes = new Set<string>(desired.volumes.map((v) => v.name));
  return Object.fromEntries(view.nodes.map((facts) => [facts.node, nodeBasis(facts, volumes)]));
}

function nodeBasis(facts: NodeFacts, volumes: ReadonlySet<string>): { readonly [key: string]: string } {
  const basis: Record<string, string> = {
    uuid: facts.store.uuid ?? 'none',
    glusterd: facts.memory.kind,
    peers: facts.store.peers
      .map((p) => `${p.uuid ?? p.file}=${String(p.state)}`)
      .sort()
      .join(' '),
  };
  for (const [name, volume] of facts.store.volumes) {
    if (!volumes.has(name)) continue;
    const down = volume.bricks.filter(
      (b) => b.ownerUuid === facts.store.uuid && brickProcesses(facts, name, b.path).length === 0,
    );
    basis[`volume/${name}`] =
      `version ${String(volume.version)}, ${volume.status}, content ${digest(volume.signature)}`;
    if (down.length > 0) basis[`volume/${name} bricks down`] = down.map((b) => b.path).join(' ');
  }
  return basis;
}

/** Each a sentence; empty: nothing moved. */
export function compareBasis(before: Basis, now: Basis): readonly string[] {
  const moved: string[] = [];
  for (const node of [...new Set([...Object.keys(before), ...Object.keys(now)])].sort()) {
    const [was, is] = [before[node] ?? {}, now[node] ?? {}];
    for (const key of [...new Set([...Object.keys(was), ...Object.keys(is)])].sort())
      if (was[key] !== is[key])
        moved.push(`${node}: ${key} was "${was[key] ?? 'absent'}", is "${is[key] ?? 'absent'}"`);
  }
  return moved;
}

/**
 * Why the plan is another one than was shown, each a sentence: something moved, or other steps follow from
 * the same. What is run is the plan that was made again; of a shown one, that may come from a file, nothing
 * is taken on trust.
 */
export function movedSince(shown: Plan, again: Plan): readonly string[] {
  const moved = compareBasis(shown.basis, again.basis);
  if (moved.length > 0) return moved;
  return stepWords(again) === stepWords(shown) ? [] : ['the file asks for other steps now'];
}

const stepWords = (plan: Plan): string =>
  JSON.stringify(plan.steps.map((s) => [s.id, s.action, s.subject, s.args, s.nodes, s.risk, s.after]));
