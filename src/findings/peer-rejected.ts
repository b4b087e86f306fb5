/**
 * Members that refuse each other. Says which volume is the reason, and which side would win if glusterd had
 * its way.
 */
import { grouped, listed } from '../core/text.ts';
import type { NodeName, VolumeName } from '../model/names.ts';
import type { Finding } from '../model/plan.ts';
import { comparable, copiesOf } from '../view/copies.ts';
import { comparingStale, type Rejection, rejections } from '../view/rejection.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, onOneNode, witness } from './finding.ts';
import { differingLines } from './shared/difference.ts';
import { editOf, type Remedy } from './shared/remedy.ts';
import { volumeRemedies } from './shared/volume-copies.ts';

export const peerRejected = defineFinding({
  code: 'peer-rejected',
  explain: {
    title: 'Peer Rejected',
    meaning:
      'Two members compared their volumes when they connected and did not agree. ' +
      'The rejected one is left out of every change from then on, and drifts further away. ' +
      'Its bricks go on serving.',
    cause:
      'A volume has equal version numbers but different content on the two: ' +
      'a change reached only one side, files were edited, ' +
      'or both sides changed it while they did not see each other.',
    looksAt:
      'The peer state in memory and in peers/, and the volumes of both sides: ' +
      'of two versions the higher wins; equal versions with different content are rejected.',
    repair:
      'The volume is made equal (see volume-config-mismatch); ' +
      'at the next connection the peers accept each other. Where all volumes are equal already, ' +
      'glusterd is restarted on the node that the others reject: it compares with a stale checksum.',
    risk:
      'The wrong choice of the right side loses a change. ' +
      'The common recipe "delete everything but glusterd.info" can lose the only good copy.',
    byHand: [
      'Find the volume: compare "sort /var/lib/glusterd/vols/VOLUME/info" of both nodes.',
      'On the node that is wrong: stop glusterd, copy that info from the right one, start glusterd.',
      'gluster peer status',
    ],
  },
  detect(view) {
    const pairs = rejections(view);
    if (pairs.length === 0) return [];
    return [found(view, pairs)];
  },
  effectOf: [
    // Its checksums are computed in the way of another version.
    { codes: ['op-version-wrong'], when: onOneNode },
    {
      codes: ['volume-config-mismatch'],
      when: (_effect, { subject }, view) =>
        [...view.volumes.keys()].some(
          (name) => subject === `volume/${name}` && reasons(view, name).length > 0,
        ),
    },
  ],
  // The rejected peer is the effect; the volumes that differ are the cause.
  repair: (finding, context) => {
    const names = [...context.view.volumes.keys()];
    const remedies = names.flatMap((name) => volumeRemedies(context, name));
    const isReasonless = names.every((name) => reasons(context.view, name).length === 0);
    return remedies.length === 0 && isReasonless ? comparedAgain(finding, context.view) : remedies;
  },
});

/** Nothing of it needs to be written: glusterd compares again when it is started again. */
function comparedAgain(finding: Finding, view: View): readonly Remedy[] {
  const pairs = rejections(view);
  if (pairs.some((p) => [p.by, p.peer].some((node) => view.facts(node)?.memory.kind !== 'up'))) return [];
  const stale = comparingStale(pairs).flatMap((node) => view.facts(node) ?? []);
  return stale.map((facts) => editOf(facts, { kind: 'restart' }, finding.message));
}

function found(view: View, pairs: readonly Rejection[]): Found {
  const causes = [...view.volumes.values()].flatMap((volume) => reasons(view, volume.name));
  const degree = grouped(
    pairs.flatMap((p) => [p.by, p.peer]),
    (n) => n,
  );
  const most = degree[0]?.[0] ?? pairs[0]?.peer;
  const involved = new Set(pairs.flatMap((p) => [p.by, p.peer]));
  const nodes = view.nodes.map((n) => n.node).filter((n) => involved.has(n));
  return {
    severity: 'error',
    subject: `peer/${most}`,
    nodes,
    message: `${whoRejectsWhom(pairs, most)}, ${
      causes.length === 0
        ? 'though their volumes are equal now'
        : `because of ${listed(causes.map((c) => `volume ${c.volume}`))}`
    }`,
    evidence: [...pairs.map((p) => witness(p.by, p.where, p.peer)), ...causes.flatMap((c) => c.lines)].slice(
      0,
      40,
    ),
    remedy:
      causes.length === 0
        ? '"glusterctl recover FILE" restarts the glusterd that compares with a stale checksum: ' +
          'peers compare again when they connect'
        : 'make the volume equal: "glusterctl recover FILE"',
  };
}

/** Exactly: two that reject a third need not reject each other. `most`: the one of most pairs. */
function whoRejectsWhom(pairs: readonly Rejection[], most: NodeName | undefined): string {
  const by = pairs.filter((p) => p.peer === most).map((p) => p.by);
  const rejects = pairs.filter((p) => p.by === most).map((p) => p.peer);
  if (most === undefined || by.length + rejects.length < pairs.length)
    return grouped(pairs, (p) => p.by)
      .map((own) => `${own[0]?.by ?? ''} rejects ${listed(own.map((p) => p.peer))}`)
      .join('; ');
  const isMutual = by.length === rejects.length && by.every((n) => rejects.includes(n));
  if (isMutual && by.length === 1) return `${listed([...by, most].sort())} reject each other`;
  if (isMutual) return `${listed(by)} reject ${most}, which rejects them`;
  return [
    ...(by.length > 0 ? [`${most} is rejected by ${listed(by)}`] : []),
    ...(rejects.length > 0 ? [`${most} rejects ${listed(rejects)}`] : []),
  ].join('; ');
}

/**
 * What made them reject: copies of one version with different content; and what glusterd would do with the
 * others.
 */
function reasons(
  view: View,
  name: VolumeName,
): readonly { readonly volume: string; readonly lines: readonly string[] }[] {
  const volume = view.volumes.get(name);
  if (volume === undefined || comparable(view, name).length < 2) return [];
  const copies = copiesOf(view, volume);
  const versions = grouped(copies, ([, c]) => String(c.version)).filter(
    (same) => new Set(same.map(([, c]) => c.signature)).size > 1,
  );
  if (versions.length === 0) return [];
  const highest = Math.max(...copies.map(([, c]) => c.version));
  const lines = versions.flatMap((same) => [
    ...differingLines(name, same),
    `volume ${name}: version=${String(same[0]?.[1].version)} on ` +
      `${listed(same.map(([n]) => n.node))}: glusterd lets neither side win`,
  ]);
  const above = copies.filter(([, c]) => c.version === highest).map(([n]) => n.node);
  return [
    {
      volume: name,
      lines: versions.some((same) => same[0]?.[1].version !== highest)
        ? [...lines, `volume ${name}: glusterd would let version=${String(highest)} of ${listed(above)} win`]
        : lines,
    },
  ];
}
