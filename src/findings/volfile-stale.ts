/** Volfiles that nothing can be started from, or that one node gives out otherwise than the rest. */
import { grouped, listed } from '../core/text.ts';
import type { NodeName } from '../model/names.ts';
import { trustedBricks, volfileProblems } from '../view/brick.ts';
import { copiesOf, isSame } from '../view/copies.ts';
import type { View, VolumeView } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { editOf, nodesOf } from './shared/remedy.ts';

export const volfileStale = defineFinding({
  code: 'volfile-stale',
  explain: {
    title: 'A volfile is stale or broken',
    meaning:
      'The volume is well defined, but a volfile made of it is not what the definition says: a client gets ' +
      'another configuration depending on which node it asked. Or it is empty, cut off, or names a ' +
      'translator that is not installed: a brick or a client does not start with it, and what runs goes on ' +
      'until it is started again.',
    cause:
      'Volfiles were edited by hand, cut off by a power cut or a full disk, or not regenerated after an ' +
      'upgrade to a release that has dropped a translator.',
    looksAt:
      'Hashes of the volfiles for clients and self-heal (*-fuse.vol, *-shd.vol) on all members whose info ' +
      'is equal; and of every volfile, also those of bricks, whether it ends as it should, and whether ' +
      'each translator that it names (type FOLDER/NAME) is in the xlator directory of the installed release.',
    repair:
      'glusterd.upgrade is removed while glusterd is stopped on the nodes concerned: ' +
      'it rewrites all volfiles when it starts, and then starts the bricks that were down.',
    risk: 'Edits by hand are lost, as they are with every change.',
    byHand: [
      'gluster volume set VOLUME KEY VALUE, with a value that is already set: it rewrites the volfiles',
      'gluster volume start VOLUME force, where a brick is down',
      'Where a translator is missing on this node alone, and not on others of the same release: install ' +
        'glusterfs-server again',
    ],
  },
  detect: (view) => [...view.volumes.values()].flatMap((volume) => found(view, volume)),
  repair: (finding, { view }) =>
    nodesOf(finding, view).map((facts) => editOf(facts, { kind: 'renew-volfiles' }, finding.message)),
});

function found(view: View, volume: VolumeView): readonly Found[] {
  const { name } = volume;
  const [broken, odd] = [brokenOf(volume, view), oddOf(volume, view)];
  const nodes = [...new Set([...broken, ...odd].flatMap((b) => b.nodes))];
  if (nodes.length === 0) return [];
  const bricks = trustedBricks(view).filter((b) => b.volume.name === name && volfileProblems(b).length > 0);
  const places = listed(bricks.map((b) => `${b.facts.node}:${b.brick.path}`));
  return [
    {
      severity: bricks.length > 0 ? 'error' : 'warning',
      subject: `volume/${name}`,
      nodes,
      message:
        bricks.length > 0
          ? `${bricks.length === 1 ? 'brick' : 'bricks'} ${places} of volume ${name} cannot be started: ` +
            'nothing can be started from the volfile'
          : `volfiles of volume ${name} on ${listed(nodes)} are not what the volume says`,
      evidence: [...broken, ...odd].flatMap((b) => b.evidence),
      remedy:
        `gluster volume set ${name} with an option that is already set: it rewrites the volfiles` +
        (bricks.length > 0 ? `; then: gluster volume start ${name} force` : ''),
    },
  ];
}

interface Bad {
  readonly nodes: readonly NodeName[];
  readonly evidence: readonly string[];
}

const brokenOf = (volume: VolumeView, view: View): readonly Bad[] =>
  copiesOf(view, volume).flatMap(([{ node, brokenVolfiles }]) =>
    [...brokenVolfiles]
      .filter(([path]) => path.startsWith(`vols/${volume.name}/`))
      .map(([path, fault]) => ({ nodes: [node], evidence: [witness(node, path, fault)] })),
  );

/** Only what is made of the same definition can be compared. */
function oddOf(volume: VolumeView, view: View): readonly Bad[] {
  const { name } = volume;
  const copies = copiesOf(view, volume);
  const [first] = copies;
  const files = [
    `${name}.tcp-fuse.vol`,
    `${name}.rdma-fuse.vol`,
    `trusted-${name}.tcp-fuse.vol`,
    `${name}-shd.vol`,
  ];
  const suspects = files.flatMap((file) => {
    const path = `vols/${name}/${file}`;
    const having = copies.flatMap(([{ node, store, brokenVolfiles }]) => {
      const hash = store.hashes.get(path);
      return hash === undefined || brokenVolfiles.has(path) ? [] : [{ node, hash }];
    });
    return having.every((h) => h.hash === having[0]?.hash)
      ? []
      : [{ path, groups: grouped(having, (h) => h.hash) }];
  });
  const isAlike =
    suspects.length > 0 &&
    first !== undefined &&
    copies.every(
      ([n, c]) => c.version === first[1].version && n.version === first[0].version && isSame(c, first[1]),
    );
  if (!isAlike) return [];
  return suspects.map(({ path, groups }) => ({
    nodes: groups.slice(1).flatMap((same) => same.map((h) => h.node)),
    evidence: groups.map((same) =>
      witness(listed(same.map((h) => h.node)), path, `sha256 ${same[0]?.hash.slice(0, 16) ?? ''}…`),
    ),
  }));
}
