/** Quota limits that only some nodes know. */
import { grouped, listed } from '../core/text.ts';
import { volumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { copiesOf } from '../view/copies.ts';
import { defineFinding } from './finding.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';

/** A 16-byte gfid and the kind of its limit. */
const RECORD_BYTES = 17;

export const quotaConfMismatch = defineFinding({
  code: 'quota-conf-mismatch',
  explain: {
    title: 'Quota limits differ',
    meaning:
      'Nodes do not agree about which directories have quota limits. GlusterFS 7 and later never notice it.',
    cause: 'A "quota limit-usage" that failed to commit on one node, or was made while it was away.',
    looksAt: 'The records of vols/V/quota.conf and the version in quota.cksum on all members.',
    repair:
      'quota.conf and quota.cksum are copied from a node with the newest version to those that ' +
      'differ, with glusterd stopped there.',
    risk: 'With the wrong file, limits are not shown or not enforced.',
    byHand: [
      'gluster volume quota VOLUME list, on several nodes',
      'gluster volume quota VOLUME limit-usage PATH SIZE, for those that differ',
    ],
  },
  detect: (view) =>
    [...view.volumes.values()].flatMap((volume) => {
      const { name } = volume;
      const copies = copiesOf(view, volume);
      if (
        copies.every(([n, copy]) => copy.quotaVersion === 0 && !n.store.files.has(`vols/${name}/quota.conf`))
      )
        return [];
      const groups = grouped(
        copies,
        ([n, copy]) => `${String(copy.quotaVersion)} ${limitsOf(n, name).join(' ')}`,
      );
      if (groups.length < 2) return [];
      const odd = groups.slice(1).flatMap((same) => same.map(([n]) => n.node));
      return [
        {
          severity: 'warning' as const,
          subject: `volume/${name}`,
          nodes: odd,
          message: `quota limits of volume ${name} differ on ${listed(odd)}`,
          evidence: groups.map((same) => {
            const first = same[0];
            const count = first === undefined ? 0 : limitsOf(first[0], name).length;
            return (
              `${listed(same.map(([n]) => n.node))}: vols/${name}/quota.conf: ` +
              `${String(count)} limits, version=${String(first?.[1].quotaVersion)}`
            );
          }),
          remedy: `set the limits that differ again: gluster volume quota ${name} limit-usage PATH SIZE`,
        },
      ];
    }),
  repair: copyNewest,
});

/**
 * Its records, sorted: their order says only in which order they were made. A file without records says the
 * same as none.
 */
function limitsOf(facts: NodeFacts, volume: string): readonly string[] {
  const content = facts.store.files.get(`vols/${volume}/quota.conf`)?.content;
  if (content === undefined) return [];
  const records: string[] = [];
  for (let at = content.indexOf(10) + 1; at > 0 && at < content.length; at += RECORD_BYTES)
    records.push(content.toString('hex', at, at + RECORD_BYTES));
  return records.sort();
}

/** Which limits were meant, only the higher quota version shows. */
function copyNewest(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const name = finding.subject.slice('volume/'.length);
  const copies = [...(view.volumes.get(volumeName(name))?.copies ?? [])];
  const newest = Math.max(...copies.map(([, c]) => c.quotaVersion));
  const donor = copies.find(([n, c]) => c.quotaVersion === newest && !finding.nodes.includes(n))?.[0];
  if (donor === undefined) return [];
  const reason = `quota limits of ${name} are taken from ${donor}`;
  return nodesOf(finding, view).flatMap((facts) =>
    ['quota.conf', 'quota.cksum'].map((file) =>
      editOf(facts, { kind: 'copy-file', path: `vols/${name}/${file}`, from: donor }, reason),
    ),
  );
}
