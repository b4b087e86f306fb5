/** One name for two volumes. */
import { grouped, listed } from '../core/text.ts';
import { copiesOf, isConflicted } from '../view/copies.ts';
import { defineFinding, witness } from './finding.ts';
import { equaliseVolume } from './shared/volume-copies.ts';

export const volumeIdConflict = defineFinding({
  code: 'volume-id-conflict',
  explain: {
    title: 'One name, two volumes',
    meaning:
      'Nodes have different volumes under one name: their volume-ids differ. ' +
      'glusterd compares names only, so the one with the higher version would overwrite the ' +
      'other.',
    cause: 'The volume was deleted and created again while a node was away.',
    looksAt: 'volume-id in vols/V/info of every member, and the volume-id that the bricks carry.',
    repair:
      'The copy whose id all its bricks carry is written to the nodes that have the other. ' +
      'Where the bricks do not show it either, ' +
      'a person has to say it ("--prefer volume/V=NODE").',
    risk:
      'The data of the other volume can no longer be reached under that name. ' +
      'Its bricks keep their mark and their data.',
    byHand: [
      'getfattr -n trusted.glusterfs.volume-id -e hex BRICK, on every node',
      'Stop glusterd on the nodes with the wrong one, ' +
        'move vols/VOLUME out of /var/lib/glusterd, start glusterd.',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()]
      .filter((v) => isConflicted(view, v))
      .map((volume) => {
        const { name } = volume;
        const groups = grouped(copiesOf(view, volume), ([, copy]) => copy.id);
        const odd = groups.slice(1).flat();
        return {
          severity: 'error' as const,
          subject: `volume/${name}`,
          nodes: odd.map(([n]) => n.node),
          message:
            `${listed(odd.map(([n]) => n.node))} ${odd.length === 1 ? 'has' : 'have'} another volume ` +
            `under the name ${name} than ${listed((groups[0] ?? []).map(([n]) => n.node))}`,
          evidence: groups.flat().flatMap(([n, copy]) => [
            witness(n.node, `vols/${name}/info`, `volume-id=${copy.id} version=${String(copy.version)}`),
            ...copy.bricks.flatMap((b) => {
              const at = view.ownerOf(b) === n.node ? n.paths.get(b.path) : undefined;
              return at === undefined || n.unreadPaths.has(b.path)
                ? []
                : [witness(n.node, b.path, `carries volume-id ${at.volumeId ?? 'none'}`)];
            }),
          ]),
          remedy: `say which one is wanted: "glusterctl recover FILE --prefer volume/${name}=NODE"`,
        };
      }),
  repair: equaliseVolume,
  isDisagreement: true,
});
