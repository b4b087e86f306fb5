/** A volume that the file wants gone, and that is gone on some nodes only. */
import { listed } from '../core/text.ts';
import { volumeName } from '../model/names.ts';
import { comparable } from '../view/copies.ts';
import { stateOf } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';
import { equaliseVolume } from './shared/volume-copies.ts';

export const volumeNotDeletedEverywhere = defineFinding({
  code: 'volume-not-deleted-everywhere',
  explain: {
    title: 'A volume is deleted on some nodes only',
    meaning:
      'The cluster file says that the volume shall not exist. ' +
      'Some nodes have deleted it, others still have it: ' +
      '"volume delete" is refused, and the next start of any glusterd brings it back ' +
      'everywhere.',
    cause:
      'A delete that failed to commit on one node, ' +
      'or a node that was away while the others deleted it. GlusterFS remembers no deletions.',
    looksAt: "vols/ and glusterd's memory of every member, against state: absent in the file.",
    repair:
      'The definition is removed on the nodes that still have it, ' +
      'with glusterd stopped on all of those together. Where one is still on a disk, ' +
      'that needs --allow-destroy volume/VOLUME. Data on the bricks stays.',
    risk: 'None to data. A node that is away meanwhile brings the volume back when it returns.',
    byHand: [
      'Stop glusterd on all nodes that still have the volume, at the same time.',
      'Remove /var/lib/glusterd/vols/VOLUME there, start glusterd again.',
    ],
  },
  detect: (view, desired) =>
    desired.volumes.flatMap((wanted) => {
      if (wanted.state !== 'absent') return [];
      const name = volumeName(wanted.name);
      const nodes = comparable(view, name);
      const onDisk = nodes.filter((n) => n.store.volumes.has(name));
      const inMemory = nodes.filter((n) => !onDisk.includes(n) && stateOf(n)?.volumes.has(name) === true);
      const gone = nodes.filter((n) => !onDisk.includes(n) && !inMemory.includes(n));
      const holding = [...onDisk, ...inMemory];
      if (holding.length === 0 || (gone.length === 0 && inMemory.length === 0)) return [];
      return [
        {
          severity: 'error' as const,
          subject: `volume/${name}`,
          nodes: holding.map((n) => n.node),
          message:
            `volume ${name} shall not exist, but is deleted on some nodes only: ` +
            `${listed(holding.map((n) => n.node))} still ${holding.length === 1 ? 'has' : 'have'} it`,
          evidence: [
            ...onDisk.map((n) =>
              witness(n.node, `vols/${name}/info`, `version=${String(n.store.volumes.get(name)?.version)}`),
            ),
            ...inMemory.map((n) => witness(n.node, 'gluster get-state', `${name}, which is not on disk`)),
            ...gone.map((n) => witness(n.node, `vols/${name}`, 'does not exist')),
          ],
          remedy:
            'finish the deletion: "glusterctl recover FILE' +
            (onDisk.length === 0 ? '"' : ` --allow-destroy volume/${name}"`),
        },
      ];
    }),
  repair: equaliseVolume,
  isDisagreement: true,
});
