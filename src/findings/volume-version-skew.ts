/** Copies of a volume with different versions: the highest will overwrite the others. */
import { listed } from '../core/text.ts';
import { copiesOf, type Copy, isConflicted } from '../view/copies.ts';
import type { View, VolumeView } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { differingLines } from './shared/difference.ts';
import { equaliseVolume } from './shared/volume-copies.ts';

export const volumeVersionSkew = defineFinding({
  code: 'volume-version-skew',
  explain: {
    title: 'A volume has different versions',
    meaning:
      'A node is behind with a volume. Nothing shows it until the next connection between the ' +
      'nodes: then the copy with the highest version overwrites the others whole, ' +
      'and the bricks there are restarted on new ports.',
    cause: 'A change that failed to commit on one node, or was made while that node was away.',
    looksAt: 'version in vols/V/info of every member.',
    repair:
      'The copy that is right is written to the nodes that differ, ' +
      'with glusterd stopped there, so that nothing is left to take over and no brick is ' +
      'restarted.',
    risk: 'If the higher version is the wrong one, it has to be put right before any glusterd restarts.',
    byHand: [
      'If the highest version is right: restart glusterd on the nodes that are behind, ' +
        'one after the other; wait for bricks and heals in between.',
      'If it is wrong: stop glusterd on the node that has it, ' +
        'copy vols/VOLUME/info from the others, start it.',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()].flatMap((volume) =>
      volume.copies.size < 2 || isConflicted(view, volume) ? [] : found(view, volume, copiesOf(view, volume)),
    ),
  repair: equaliseVolume,
  isDisagreement: true,
});

function found(view: View, { name }: VolumeView, copies: readonly Copy[]): readonly Found[] {
  if (copies.every(([, c]) => c.version === copies[0]?.[1].version)) return [];
  const highest = Math.max(...copies.map(([, c]) => c.version));
  const behind = copies.filter(([, c]) => c.version < highest);
  if (behind.length === 0) return [];
  const ahead = copies.filter(([, c]) => c.version === highest);
  const names = listed(behind.map(([n]) => n.node));
  const bouncing = behind.flatMap(([n, c]) =>
    c.status === 'started'
      ? c.bricks.filter((b) => view.ownerOf(b) === n.node).map((b) => `${n.node}:${b.path}`)
      : [],
  );
  const onlyVersion = new Set(copies.map(([, c]) => c.signature)).size === 1;
  return [
    {
      severity: onlyVersion ? 'warning' : 'error',
      subject: `volume/${name}`,
      nodes: behind.map(([n]) => n.node),
      message: `volume ${name} is older on ${names}${onlyVersion ? ', though its content is the same' : ''}`,
      evidence: [
        ...copies.map(([n, c]) => witness(n.node, `vols/${name}/info`, `version=${String(c.version)}`)),
        ...differingLines(name, [...ahead, ...behind]),
        `at the next connection, ${names} would take over version=${String(highest)} from ` +
          listed(ahead.map(([n]) => n.node)),
        ...(bouncing.length === 0 ? [] : [`and these bricks would be restarted: ${bouncing.join(', ')}`]),
      ],
      remedy: `"glusterctl recover FILE"; do not restart glusterd on ${names} before`,
    },
  ];
}
