/** Snapshots that only some members know. */
import { listed } from '../core/text.ts';
import { trustedMembers } from '../view/trust.ts';
import { defineFinding, witness } from './finding.ts';

export const snapshotMissingOnNode = defineFinding({
  code: 'snapshot-missing-on-node',
  explain: {
    title: 'Snapshot missing on a node',
    meaning:
      'A member does not have a snapshot that others have. ' +
      'It can neither be deleted nor restored as things are.',
    cause: 'A snapshot command that failed on one node.',
    looksAt: 'The set of snaps/*/info in the store of every member.',
    repair: 'None by itself.',
    risk: 'The logical volume of a half-deleted snapshot stays and can fill its pool.',
    byHand: [
      'To bring it back: restart glusterd on the node that lacks it.',
      'To delete it: on the odd node, stop glusterd, ' +
        'remove its directory below snaps/ and its logical volume, start glusterd.',
    ],
  },
  detect(view) {
    const all = trustedMembers(view);
    const holders = new Map<string, string[]>();
    for (const { node, store } of all)
      for (const path of store.files.keys()) {
        const name = /^snaps\/([^/]+)\/info$/.exec(path)?.[1];
        if (name === undefined) continue;
        const of = holders.get(name);
        if (of === undefined) holders.set(name, [node]);
        else of.push(node);
      }
    return [...holders].flatMap(([name, holding]) => {
      const lacking = all
        .filter((n) => !holding.includes(n.node) && !n.store.directories.includes(`snaps/${name}`))
        .map((n) => n.node);
      if (lacking.length === 0) return [];
      return [
        {
          severity: 'error' as const,
          subject: `snapshot/${name}`,
          nodes: lacking,
          message: `snapshot ${name} is missing on ${listed(lacking)}`,
          evidence: [
            ...holding.map((n) => witness(n, `snaps/${name}/info`, 'exists')),
            ...lacking.map((n) => witness(n, `snaps/${name}/info`, 'does not exist')),
          ],
          remedy:
            `if it shall exist, restart glusterd on ${listed(lacking)}; ` +
            'if not, see "glusterctl explain snapshot-missing-on-node"',
        },
      ];
    });
  },
});
