/** Copies of a volume with equal version and different content. */
import { grouped, listed } from '../core/text.ts';
import { copiesOf, type Copy, isConflicted, isSame, sidesOf } from '../view/copies.ts';
import { stateOf, type View, type VolumeView } from '../view/view.ts';
import { defineFinding, type Found } from './finding.ts';
import { brickFileLines, differingKeys, differingLines, memoryDifferences } from './shared/difference.ts';
import { equaliseVolume } from './shared/volume-copies.ts';

/** Keys that another version of glusterd writes or leaves out for the same volume. */
const BY_RELEASE: ReadonlySet<string> = new Set(['stripe_count', 'tier-enabled', 'thin_arbiter_count']);

export const volumeConfigMismatch = defineFinding({
  code: 'volume-config-mismatch',
  explain: {
    title: 'A volume differs between nodes',
    meaning:
      'Nodes have the same version of a volume with different content. ' +
      'Where its checksum shows it, glusterd rejects the peer at the next connection; ' +
      'where it does not, clients get another configuration from one node than from the other, ' +
      'and nothing ever says so.',
    cause:
      'A change that was stored on some nodes only, ' +
      'two changes while the nodes did not see each other, or files edited by hand.',
    looksAt:
      'The lines of vols/V/info on every member, sorted, ' +
      'and the keys of brick files that are the same everywhere (uuid, hostname, path, ' +
      'decommissioned, brick-id).',
    repair:
      'The copy that is right — by the cluster file, ' +
      'else by evidence — is written to the nodes that differ, with glusterd stopped there. ' +
      'Bricks go on running.',
    risk:
      'What only the losing side had is gone. Where bricks or their order differ, ' +
      'the wrong choice mixes up replica sets.',
    byHand: [
      'diff <(ssh node01 sort /var/lib/glusterd/vols/VOLUME/info) <(ssh node02 sort ' +
        '/var/lib/glusterd/vols/VOLUME/info)',
      'On the node that is wrong: stop glusterd, ' +
        'copy info (and brick files but for listen-port and brick-fsid), start glusterd.',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()].flatMap((volume) => {
      if (volume.copies.size < 2 || isConflicted(view, volume)) return [];
      const [first, ...rest] = copiesOf(view, volume);
      if (
        first === undefined ||
        rest.every(([, copy]) => copy.version === first[1].version && isSame(copy, first[1]))
      )
        return [];
      const versions = grouped(settled(view, volume), ([, copy]) => String(copy.version));
      return versions.flatMap((copies) => found(volume, copies));
    }),
  repair: equaliseVolume,
  isDisagreement: true,
});

/** Without nodes whose glusterd contradicts its own disk: that disk was edited, which is another finding. */
const settled = (view: View, volume: VolumeView): readonly Copy[] => {
  const copies = copiesOf(view, volume);
  if (sidesOf(copies).length < 2) return copies;
  return copies.filter(([facts, copy]) => {
    const memory = stateOf(facts)?.volumes.get(volume.name);
    return memory === undefined || memoryDifferences(view, facts.node, copy, memory).length === 0;
  });
};

function found({ name }: VolumeView, copies: readonly Copy[]): readonly Found[] {
  const sides = sidesOf(copies);
  if (sides.length < 2) return [];
  const keys = differingKeys(copies);
  const odd = sides.slice(1).flat();
  const byRelease = keys.length > 0 && keys.every((k) => BY_RELEASE.has(k));
  const what =
    keys.length === 0 ? 'its brick files' : keys.length > 3 ? `${String(keys.length)} keys` : listed(keys);
  return [
    {
      severity: 'error',
      subject: `volume/${name}`,
      nodes: odd.map(([n]) => n.node),
      message:
        `volume ${name} is not the same on all nodes: ` +
        `${what} ${keys.length === 1 ? 'differs' : 'differ'} on ` +
        listed(odd.map(([n]) => n.node)),
      evidence: [
        ...differingLines(name, copies),
        ...brickFileLines(name, copies),
        `all of them: version=${String(copies[0]?.[1].version)}`,
      ],
      remedy: byRelease
        ? 'finish the upgrade of all nodes, then raise cluster.op-version: the nodes write it alike again'
        : `"glusterctl recover FILE"; for a volume that the file does not name: --prefer volume/${name}=NODE`,
    },
  ];
}
