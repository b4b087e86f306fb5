/** Options of the whole cluster that are not the same everywhere. */
import { grouped, listed } from '../core/list.ts';
import { trustedMembers } from '../view/trust.ts';
import { defineFinding } from './finding.ts';

const VERSION_KEY = 'global-option-version';

export const optionsMismatch = defineFinding({
  code: 'options-mismatch',
  explain: {
    title: 'Cluster options differ',
    meaning:
      'Options of the whole cluster ("volume set all") are not the same on all members: brick multiplexing or quorum work on some nodes only. GlusterFS notices it only where the version of the options differs.',
    cause: 'A "volume set all" while a node was away, or that failed to commit there.',
    looksAt: 'The file /var/lib/glusterd/options of every member.',
    repair:
      'The file with the highest version, among equals the one that most nodes have, is copied to the others with glusterd stopped there. With no majority a person decides.',
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
        message: `${listed(odd)} ${odd.length === 1 ? 'has' : 'have'} other options of the whole cluster than the rest`,
        evidence: groups.map(
          (same) =>
            `${listed(same.map((n) => n.node))}: options: ${same[0] === undefined ? '' : of(same[0])}`,
        ),
        remedy: 'with all peers connected: gluster volume set all KEY VALUE, for the keys that differ',
      },
    ];
  },
});
