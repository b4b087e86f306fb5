/** A volume that some members of the pool have and others do not. */
import { listed } from '../core/text.ts';
import type { NodeFacts } from '../model/observed.ts';
import { comparable } from '../view/copies.ts';
import { stateOf, type View, type VolumeView } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { equaliseVolume } from './shared/volume-copies.ts';
import { isAbsent } from './shared/wanted.ts';

export const volumeMissingOnNode = defineFinding({
  code: 'volume-missing-on-node',
  explain: {
    title: 'Volume missing on a node',
    meaning:
      'One member of the pool has no definition of a volume that the others have. ' +
      'Every change of that volume fails there.',
    cause:
      'A create or delete that failed to commit on one node, ' +
      'a store directory removed by hand, or a node that was away.',
    looksAt: 'The set of vols/*/info in the store of every member.',
    repair:
      'The definition is copied to the node that lacks it, or removed from those that have it, ' +
      'as the cluster file says.',
    risk: 'If the volume was meant to be deleted, restoring it brings it back everywhere.',
    byHand: [
      'Decide whether the volume shall exist.',
      'To restore: stop glusterd on the node that lacks it, ' +
        'copy /var/lib/glusterd/vols/VOLUME from a good node (listen-port as the running brick ' +
        'has it, brick-fsid=0), start glusterd.',
      'To delete: stop glusterd on all nodes that have it, together; ' +
        'remove vols/VOLUME there, start them again.',
    ],
  },
  detect: (view, desired) =>
    [...view.volumes.values()].flatMap((volume) => {
      if (isAbsent(desired, volume.name)) return [];
      const nodes = comparable(view, volume.name);
      const lacking = nodes.filter((n) => !volume.copies.has(n.node));
      const holding = nodes.filter((n) => volume.copies.has(n.node));
      return lacking.length === 0 || holding.length === 0 ? [] : [found(view, volume, { lacking, holding })];
    }),
  repair: equaliseVolume,
  isDisagreement: true,
});

interface Sides {
  readonly lacking: readonly NodeFacts[];
  readonly holding: readonly NodeFacts[];
}

function found(view: View, volume: VolumeView, { lacking, holding }: Sides): Found {
  const { name } = volume;
  const info = `vols/${name}/info`;
  const inMemory = lacking.filter((n) => stateOf(n)?.volumes.has(name) === true);
  const away = view.failed.size > 0 ? ` (not asked: ${[...view.failed.keys()].join(', ')})` : '';
  return {
    severity: 'error',
    subject: `volume/${name}`,
    nodes: lacking.map((n) => n.node),
    message: `volume ${name} is missing on ${listed(lacking.map((n) => n.node))}${away}`,
    evidence: [
      ...holding.map((n) => witness(n.node, info, `version=${String(volume.copies.get(n.node)?.version)}`)),
      ...lacking.map((n) => witness(n.node, info, 'does not exist')),
      ...inMemory.map((n) => witness(n.node, 'gluster get-state', `glusterd still has ${name} in memory`)),
      `when glusterd next starts on any of them, ${listed(lacking.map((n) => n.node))} would ` +
        `take the volume in again from ${listed(holding.map((n) => n.node))}`,
    ],
    remedy: 'say in the cluster file whether the volume shall exist, then "glusterctl recover FILE"',
  };
}
