/** Options of the whole cluster that are not the same everywhere. */
import { grouped, listed } from '../core/text.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { trustedMembers } from '../view/trust.ts';
import { defineFinding } from './finding.ts';
import { editOf, type Remedy, type RepairContext } from './shared/remedy.ts';

const VERSION_KEY = 'global-option-version';

export const optionsMismatch = defineFinding({
  code: 'options-mismatch',
  explain: {
    title: 'Cluster options differ',
    meaning:
      'Options of the whole cluster ("volume set all") are not the same on all members: ' +
      'brick multiplexing or quorum work on some nodes only. ' +
      'GlusterFS notices it only where the version of the options differs.',
    cause: 'A "volume set all" while a node was away, or that failed to commit there.',
    looksAt: 'The file /var/lib/glusterd/options of every member.',
    repair:
      'The file with the highest version, among equals the one that most nodes have, ' +
      'is copied to the others with glusterd stopped there. With no majority a person decides.',
    risk: 'Changing the quorum ratio can stop and start bricks; multiplexing takes effect when bricks start.',
    byHand: ['gluster volume set all KEY VALUE, again, with all peers connected'],
  },
  detect(view) {
    const known = trustedMembers(view).filter((n) => !n.store.problems.some((p) => p.path === 'options'));
    const text = (options: ReadonlyMap<string, string>): string =>
      [...options]
        .map(([k, v]) => `${k}=${v}`)
        .sort()
        .join(' ');
    // A file that was never written says the same as version 0 without options.
    const of = (n: (typeof known)[number]): string => text(new Map([[VERSION_KEY, '0'], ...n.store.options]));
    const groups = grouped(known, of);
    if (groups.length < 2) return [];
    const odd = groups
      .slice(1)
      .flat()
      .map((n) => n.node);
    return [
      {
        severity: 'error' as const,
        subject: 'cluster',
        nodes: odd,
        message:
          `${listed(odd)} ${odd.length === 1 ? 'has' : 'have'} other options of the whole cluster ` +
          'than the rest',
        evidence: groups.map(
          (same) =>
            `${listed(same.map((n) => n.node))}: options: ${same[0] === undefined ? '' : of(same[0])}`,
        ),
        remedy: 'with all peers connected: gluster volume set all KEY VALUE, for the keys that differ',
      },
    ];
  },
  repair: copyNewest,
});

/**
 * The file with the highest version, among equals the one that most nodes have; with no majority a person
 * decides.
 */
function copyNewest(_finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const known = trustedMembers(view);
  const textOf = (n: NodeFacts): string =>
    n.store.files.get('options')?.content.toString('utf8').split('\n').sort().join('\n') ?? '';
  const version = (n: NodeFacts): number => Number(n.store.options.get(VERSION_KEY) ?? 0);
  const newest = Math.max(...known.map(version));
  const [first, second] = grouped(
    known.filter((n) => version(n) === newest),
    textOf,
  );
  const donor = first?.[0];
  if (donor === undefined) return [];
  if (second !== undefined && second.length === first?.length)
    return [
      {
        kind: 'question',
        subject: 'cluster',
        question:
          `the options of the whole cluster differ between ${first.map((n) => n.node).join(', ')} ` +
          `and ${second.map((n) => n.node).join(', ')}, with no majority: ` +
          'set them again with "gluster volume set all KEY VALUE"',
        flags: [],
      },
    ];
  const reason = `the options of the whole cluster are taken from ${donor.node}`;
  return known
    .filter((n) => textOf(n) !== textOf(donor))
    .map((n) => editOf(n, { kind: 'copy-file', path: 'options', from: donor.node }, reason));
}
