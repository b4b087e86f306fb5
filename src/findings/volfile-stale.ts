/** Volfiles that one node hands to clients and self-heal otherwise than the rest. */
import { grouped, listed } from '../core/text.ts';
import { copiesOf, type Copy, isSame } from '../view/copies.ts';
import type { View, VolumeView } from '../view/view.ts';
import { defineFinding, type Found } from './finding.ts';
import { editOf, nodesOf } from './shared/remedy.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

export const volfileStale = defineFinding({
  code: 'volfile-stale',
  explain: {
    title: 'A volfile is stale',
    meaning:
      'The volume is the same on all nodes, but the volfile made of it is not. ' +
      'A client gets another configuration depending on which node it asked.',
    cause: 'Volfiles were edited by hand, cut off by a power cut, or not regenerated after an upgrade.',
    looksAt:
      'Hashes of the volfiles for clients and self-heal (*-fuse.vol, ' +
      '*-shd.vol) on all members whose info is equal.',
    repair:
      'glusterd.upgrade is removed while glusterd is stopped on the nodes concerned: ' +
      'it rewrites all volfiles when it starts.',
    risk: 'Edits by hand are lost, as they are with every change.',
    byHand: ['gluster volume set VOLUME KEY VALUE, with a value that is already set'],
  },
  detect: (view) => [...view.volumes.values()].flatMap((volume) => found(view, volume)),
  repair: (finding, { view }) =>
    nodesOf(finding, view).map((facts) => editOf(facts, { kind: 'renew-volfiles' }, finding.message)),
});

function found(view: View, volume: VolumeView): readonly Found[] {
  const { name } = volume;
  const copies = copiesOf(view, volume);
  const first = copies[0];
  if (first === undefined) return [];
  const files = [
    `${name}.tcp-fuse.vol`,
    `${name}.rdma-fuse.vol`,
    `trusted-${name}.tcp-fuse.vol`,
    `${name}-shd.vol`,
  ];
  const suspects = files
    .map((file) => ({ file, path: `vols/${name}/${file}` }))
    .filter(({ path }) => !isPlain(copies, path));
  if (suspects.length === 0) return [];
  const alike = copies.every(
    ([n, c]) => c.version === first[1].version && n.version === first[0].version && isSame(c, first[1]),
  );
  const bad = suspects.flatMap(({ file, path }) => {
    const having = copies.flatMap(([n]) => {
      const hash = n.store.hashes.get(path);
      return hash === undefined ? [] : [{ node: n.node, hash }];
    });
    const groups = grouped(having, (h) => h.hash);
    const odd = groups.flatMap((same, i) => (same[0]?.hash === EMPTY || (alike && i > 0) ? same : []));
    return odd.length === 0 ? [] : [{ file, groups, odd }];
  });
  if (bad.length === 0) return [];
  const nodes = [...new Set(bad.flatMap((b) => b.odd.map((o) => o.node)))];
  return [
    {
      severity: 'warning',
      subject: `volume/${name}`,
      nodes,
      message: `volfiles of volume ${name} on ${listed(nodes)} are not what the volume says`,
      evidence: bad.flatMap(({ file, groups }) =>
        groups.map(
          (same) =>
            `${listed(same.map((h) => h.node))}: vols/${name}/${file}: ` +
            (same[0]?.hash === EMPTY ? 'is empty' : `sha256 ${same[0]?.hash.slice(0, 16) ?? ''}…`),
        ),
      ),
      remedy: `gluster volume set ${name} with an option that is already set: it rewrites the volfiles`,
    },
  ];
}

/** The same on all that have it, and not empty. */
function isPlain(copies: readonly Copy[], path: string): boolean {
  let usual: string | undefined;
  for (const [facts] of copies) {
    const hash = facts.store.hashes.get(path);
    if (hash === undefined) continue;
    if (hash === EMPTY || (usual !== undefined && hash !== usual)) return false;
    usual = hash;
  }
  return true;
}
