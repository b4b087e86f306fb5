/** What lies in vols/ or snaps/ and is no volume and no snapshot: glusterd does not start with it. */
import { volumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { leftoversIn } from '../view/start-blockers.ts';
import { defineFinding, witness } from './finding.ts';
import { allOrNothing } from './shared/all-or-nothing.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';
import { volumeRemedies } from './shared/volume-copies.ts';

export const storeStrayDirectory = defineFinding({
  code: 'store-stray-directory',
  explain: {
    title: 'A leftover in the store',
    meaning:
      'Every directory below vols/ must be a volume, and whatever lies in snaps/, also a plain file, ' +
      'must be a snapshot. With anything else, glusterd does not start.',
    cause: 'A backup copy was put inside the store, or a volume or snapshot was removed only in part.',
    looksAt: 'Directories below vols/ and snaps/ that have no file info, and plain files in snaps/.',
    repair:
      'An empty one is removed while glusterd is stopped. ' +
      'One that is a volume on other nodes is rewritten from them. With files in it: ' +
      "none, as what lies there may be somebody's only copy.",
    risk: 'None, if it is moved and not removed.',
    byHand: ['mv /var/lib/glusterd/vols/DIRECTORY /root/', 'systemctl start glusterd, if it is down'],
  },
  detect: (view) =>
    view.nodes.flatMap((facts) => {
      const { node } = facts;
      const leftovers = leftoversIn(facts);
      if (leftovers.length === 0) return [];
      const isDown = facts.memory.kind === 'down';
      return [
        {
          severity: 'error' as const,
          subject: `node/${node}`,
          nodes: [node],
          message: isDown
            ? `glusterd on ${node} is down and does not start while ${leftovers.join(', ')} is in its store`
            : `glusterd on ${node} will not start again while ${leftovers.join(', ')} is in its store`,
          evidence: leftovers.flatMap((d) => [
            witness(node, d, facts.store.files.has(d) ? 'is a plain file' : 'has no info file'),
            ...[...view.volumes.values()]
              .filter((v) => d === `vols/${v.name}`)
              .flatMap((v) => [...v.copies.keys()].map((n) => witness(n, `vols/${v.name}/info`, 'exists'))),
          ]),
          remedy: `on ${node}: ${leftovers.map((d) => `mv /var/lib/glusterd/${d} /root/`).join('; ')}`,
        },
      ];
    }),
  repair: (finding, context) =>
    nodesOf(finding, context.view).flatMap((facts) =>
      allOrNothing(facts, leftoversIn(facts), (path) => leftoverRemedies(facts, path, context)),
    ),
});

/**
 * A directory that another node has as a volume is a damaged copy; an empty one only keeps glusterd from
 * starting; what else lies there is somebody's.
 */
function leftoverRemedies(facts: NodeFacts, directory: string, context: RepairContext): readonly Remedy[] {
  const name = /^vols\/(.+)$/.exec(directory)?.[1];
  if (name !== undefined && context.view.volumes.has(volumeName(name)))
    return volumeRemedies(context, volumeName(name));
  if ([...facts.store.files.keys(), ...facts.store.hashes.keys()].some((f) => f.startsWith(`${directory}/`)))
    return [];
  const reason = `${directory} on ${facts.node} is empty, and glusterd does not start with it`;
  return [editOf(facts, { kind: 'remove', path: directory }, reason)];
}
