/**
 * All nodes of a cluster read together: what each is asked for, and its answer as a reading. Connects
 * nothing, and draws no conclusion.
 */
import { absentNodes, type Desired, leftOutOf } from '../model/desired.ts';
import { mayBeGone } from '../model/left-out.ts';
import { withoutInert } from './inert.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeLink, ObserveRequest } from '../model/node-link.ts';
import type { NodeFacts, NodeReading, Observed } from '../model/observed.ts';

export type OptionCatalogue = NonNullable<NodeFacts['optionCatalogue']>;

/** What the probe has to read for this cluster file. */
export const observeRequest = (
  desired: Desired,
  node: NodeName,
  first: NodeName | undefined,
): ObserveRequest => ({
  paths: desired.volumes.flatMap((v) => v.bricks.filter((b) => b.node === node).map((b) => b.path)),
  hosts: desired.nodes.map((n) => n.name),
  optionCatalogue: node === first && desired.volumes.some((v) => v.options.size > 0),
  unlessStored: optionNames(desired),
});

/**
 * As written, so a short name is in no store. Empty where a name could be another key of a volume's file:
 * those have no dot.
 */
function optionNames(desired: Desired): readonly string[] {
  const names = new Set(desired.volumes.flatMap((v) => [...v.options.keys()]));
  return [...names].every((name) => name.includes('.')) ? [...names] : [];
}

/** What earlier observations have found, which no node is asked for again. */
interface Known {
  readonly catalogue?: OptionCatalogue | undefined;
  readonly baseline?: ((node: NodeName) => NodeFacts | undefined) | undefined;
  readonly stopped?: boolean;
}

export async function observeAll(
  desired: Desired,
  links: ReadonlyMap<NodeName, NodeLink>,
  signal?: AbortSignal,
  { catalogue, baseline, stopped = false }: Known = {},
): Promise<Observed> {
  const first = catalogue === undefined ? [...links.keys()][0] : undefined;
  const readings = await Promise.all(
    [...links].map(async ([node, link]): Promise<[NodeName, NodeReading]> => {
      const request = { ...observeRequest(desired, node, first), baseline: baseline?.(node), stopped };
      const reading = await readNode(link, request, signal);
      if (reading.kind === 'failed' || catalogue === undefined) return [node, reading];
      return [node, { kind: 'read', facts: { ...reading.facts, optionCatalogue: catalogue } }];
    }),
  );
  return withLeftOut(desired, readings);
}

/** An observation of these readings, and of the nodes that nobody was to ask. */
export function withLeftOut(
  desired: Desired,
  readings: Iterable<readonly [NodeName, NodeReading]>,
): Observed {
  const known = new Map(readings);
  const leftOut = leftOutOf(desired)
    .filter((node) => !isThere(known.get(node)))
    .map((node) => [node, { kind: 'left-out' }] as const);
  const observed = {
    nodes: new Map<NodeName, NodeReading>([...known, ...leftOut]),
    leaving: absentNodes(desired),
  };
  // One that is read is kept: while it is detached, it has to be seen to know nobody any more.
  return withoutInert(observed, desired, ({ kind }) => kind !== 'left-out');
}

/** One that refuses a login is there. */
const isThere = (reading: NodeReading | undefined): boolean =>
  reading?.kind === 'read' || (reading?.kind === 'failed' && !mayBeGone(reading.failure));

/** Of a node that was asked. */
type Answer = Exclude<NodeReading, { readonly kind: 'left-out' }>;

export async function readNode(
  link: NodeLink,
  request: ObserveRequest,
  signal?: AbortSignal,
): Promise<Answer> {
  const read = await link.observe(request, signal);
  return read.ok ? { kind: 'read', facts: read.value } : { kind: 'failed', failure: read.error };
}

/** The names of all options, from whichever node was asked for them. */
export const catalogueIn = (observed: Observed): OptionCatalogue | undefined =>
  [...observed.nodes.values()].flatMap((r) =>
    r.kind === 'read' && r.facts.optionCatalogue !== undefined ? [r.facts.optionCatalogue] : [],
  )[0];
