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
      'It is moved aside while glusterd is stopped, into the folder of the transaction: ' +
      '/var/lib/glusterctl/transactions/ID/aside on that node, where it stays until somebody removes it. ' +
      'A directory that is a volume on other nodes is rewritten from them.',
    risk: 'None: what lies there is moved, and not removed.',
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
          remedy: '"glusterctl recover FILE" moves it out of the store, and keeps it',
        },
      ];
    }),
  repair: (finding, context) =>
    nodesOf(finding, context.view).flatMap((facts) =>
      allOrNothing(facts, leftoversIn(facts), (path) => leftoverRemedies(facts, path, context)),
    ),
});

/**
 * A directory that another node has as a volume is a damaged copy. What else lies there may be somebody's,
 * and an observation does not show all that a directory holds: nothing is removed.
 */
function leftoverRemedies(facts: NodeFacts, directory: string, context: RepairContext): readonly Remedy[] {
  const name = /^vols\/(.+)$/.exec(directory)?.[1];
  if (name !== undefined && context.view.volumes.has(volumeName(name)))
    return volumeRemedies(context, volumeName(name));
  const reason = `glusterd on ${facts.node} does not start with ${directory} in its store`;
  return [editOf(facts, { kind: 'move-aside', path: directory }, reason)];
}
