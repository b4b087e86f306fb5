/**
 * Compares what is with what was, for the volumes and peers that a transaction touched. Owns what "exactly as
 * before" means.
 */
import { actionNamed } from '../../actions/index.ts';
import { type NodeName, nodeName, volumeName, type VolumeName } from '../../model/names.ts';
import type { Step } from '../../model/plan.ts';
import { stateOf, type View } from '../../view/view.ts';
import { sameInMemory } from '../../view/same-in-memory.ts';
import { type Before, daemonProblems } from '../journal.ts';
import type { Residue } from './manual-steps.ts';
import { missingIn } from '../revive.ts';

export interface Difference {
  /** Volumes whose stores differ from before, or from each other. */
  readonly volumes: ReadonlySet<VolumeName>;
  readonly residue: readonly Residue[];
}

export const touchedVolumes = (steps: readonly Step[]): ReadonlySet<VolumeName> =>
  new Set(steps.flatMap((s) => actionNamed(s.action).volumes(s.args)));

export function compareWithBefore(view: View, before: Before, touched: ReadonlySet<VolumeName>): Difference {
  const volumes = new Set<VolumeName>();
  const left: Residue[] = [];
  for (const node of before.stores.keys())
    if (view.facts(node) === undefined) left.push({ node, what: `${node} is out of sight` });
  for (const name of touched)
    for (const { node, what } of compareVolume(view, before, name)) {
      volumes.add(name);
      left.push({ node, what, volume: name });
    }
  for (const facts of view.nodes) {
    const was = before.stores.get(facts.node);
    const peers = peerWords(was?.peers ?? []);
    if (peers !== peerWords(facts.store.peers))
      left.push({ node: facts.node, what: `${facts.node} has other peers than before` });
  }
  const known = before.journal.amiss ?? [];
  left.push(
    ...daemonProblems(view)
      .filter((d) => !known.includes(d.subject))
      .map(({ node, what }) => ({ node, what })),
  );
  left.push(...bricksDown(view, before), ...bricksUp(view, before, touched));
  return { volumes, residue: left };
}

const peerWords = (peers: readonly { readonly uuid: string | undefined; readonly file: string }[]): string =>
  peers
    .map((p) => p.uuid ?? p.file)
    .sort()
    .join(' ');

/** Content as before on every node, and one version on all of them; memory as disk. */
function compareVolume(
  view: View,
  before: Before,
  name: VolumeName,
): readonly { node: NodeName; what: string }[] {
  const found: { node: NodeName; what: string }[] = [];
  const versions = new Set<number>();
  for (const facts of view.nodes) {
    const was = before.stores.get(facts.node)?.volumes.get(name);
    const is = facts.store.volumes.get(name);
    const remembered = stateOf(facts)?.volumes.get(name);
    if (is !== undefined) versions.add(is.version);
    if ((was === undefined) !== (is === undefined))
      found.push({
        node: facts.node,
        what: `volume ${name} ${is === undefined ? 'is missing' : 'is left'} on ${facts.node}`,
      });
    else if (was?.signature !== is?.signature)
      found.push({ node: facts.node, what: `volume ${name} on ${facts.node} is not as it was` });
    else if (stateOf(facts) !== undefined && !sameInMemory(is, remembered))
      found.push({
        node: facts.node,
        what: `glusterd on ${facts.node} remembers volume ${name} otherwise than its store has it`,
      });
  }
  if (versions.size > 1)
    found.push(
      ...view.nodes.map(({ node }) => ({
        node,
        what: `volume ${name} has different versions: ${[...versions].join(', ')}`,
      })),
    );
  return found;
}

/**
 * Of every volume, not only of those that were touched: a glusterd that ended meanwhile may have taken any
 * along.
 */
const bricksDown = (view: View, { journal }: Before): Difference['residue'] =>
  missingIn(view, journal).map(({ node, what }) => ({
    node: nodeName(node),
    what: `${what} is not online again`,
  }));

/** Processes of bricks that were not online before and belong to a touched volume. */
export function bricksUp(
  view: View,
  before: Before,
  touched: ReadonlySet<VolumeName>,
): Difference['residue'] {
  const online = new Set(before.journal.online.map((b) => `${b.volume} ${b.node} ${b.path}`));
  const repaired = new Set(
    before.journal.plan.steps.filter((s) => s.subject.startsWith('brick/')).map((s) => s.subject),
  );
  return view.nodes.flatMap((facts) =>
    facts.processes.flatMap((p) => {
      if (p.brick === undefined || p.state === 'Z' || !touched.has(volumeName(p.brick.volume))) return [];
      if (
        online.has(`${p.brick.volume} ${facts.node} ${p.brick.path}`) ||
        repaired.has(`brick/${facts.node}:${p.brick.path}`)
      )
        return [];
      return [
        {
          node: facts.node,
          what: `a process of brick ${facts.node}:${p.brick.path} is left (pid ${String(p.pid)})`,
        },
      ];
    }),
  );
}
