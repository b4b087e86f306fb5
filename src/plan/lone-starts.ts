/**
 * Starts of glusterd among the repairs. One that would give its store to others, and restart their bricks, is
 * started together with those, once all are equal; or not at all. Pure.
 */
import { glusterdStart } from '../actions/glusterd-start.ts';
import { actionNamed } from '../actions/index.ts';
import { nodeName, type NodeName, volumeName } from '../model/names.ts';
import type { Finding } from '../model/plan.ts';
import { editOf, type Remedy } from '../findings/shared/remedy.ts';
import { type CopyOn, harmOfStarts } from '../view/lone-start.ts';
import type { View } from '../view/view.ts';

type EditRemedy = Extract<Remedy, { readonly kind: 'edit' }>;

export interface Starts {
  readonly arranged: readonly Remedy[];
  /** Starts that wait until the stores agree. */
  readonly withheld: readonly Finding[];
}

/** `held`: nodes that are not stopped. */
export function startsTogether(remedies: readonly Remedy[], held: ReadonlySet<NodeName>, view: View): Starts {
  const edits = remedies.flatMap((r) => (r.kind === 'edit' ? [r] : []));
  const edited = new Set(edits.map(({ node }) => node));
  const factsOf = (nodes: Iterable<NodeName>): View['nodes'] =>
    [...nodes].flatMap((node) => view.facts(node) ?? []);
  const started = new Set(
    remedies.flatMap((r) => startedBy(r, view) ?? []).filter((node) => !edited.has(node)),
  );
  const harm = harmOfStarts(view, factsOf(started));
  if (harm.size === 0) return { arranged: remedies, withheld: [] };
  const together = factsOf(new Set([...harm.keys(), ...edited])).filter((n) => n.memory.kind !== 'up');
  const harmAfter = edits.length === 0 ? harm : harmOfStarts(view, together, storesAfter(edits, view));
  const withheld: Finding[] = [];
  const arranged = remedies.flatMap((r): readonly Remedy[] => {
    const node = startedBy(r, view);
    const facts = node === undefined || !harm.has(node) ? undefined : view.facts(node);
    if (facts === undefined || r.kind !== 'step') return [r];
    const why = harmAfter.get(facts.node) ?? (held.has(facts.node) ? harm.get(facts.node) : undefined);
    if (why === undefined) return [editOf(facts, { kind: 'restart' }, r.reason)];
    withheld.push(withheldStart(facts.node, why));
    return [];
  });
  return { arranged, withheld };
}

const startedBy = (remedy: Remedy, view: View): NodeName | undefined =>
  remedy.kind === 'step' && remedy.intent.action === glusterdStart.name
    ? actionNamed(remedy.intent.action).nodes(remedy.intent.args, view)[0]
    : undefined;

function storesAfter(edits: readonly EditRemedy[], view: View): CopyOn {
  const from = new Map<string, NodeName | undefined>();
  for (const { node, edit } of edits) {
    if (edit.kind === 'copy-volume') from.set(`${node} ${edit.volume}`, nodeName(edit.from));
    const removed = edit.kind === 'remove' ? /^vols\/([^/]+)$/.exec(edit.path)?.[1] : undefined;
    if (removed !== undefined) from.set(`${node} ${volumeName(removed)}`, undefined);
  }
  return (node, volume) => {
    const key = `${node} ${volume}`;
    const source = from.has(key) ? from.get(key) : node;
    return source === undefined ? undefined : view.volumes.get(volume)?.copies.get(source);
  };
}

const withheldStart = (node: NodeName, evidence: readonly string[]): Finding => ({
  code: 'step-not-possible',
  severity: 'error',
  subject: `node/${node}`,
  nodes: [node],
  message: `glusterd on ${node} is not started beside stores that differ from its own`,
  evidence,
  remedy:
    'make the stores equal first: "glusterctl doctor" names what differs, "glusterctl recover" repairs it',
});
