/** A member of the pool that has forgotten everything. */
import { listed } from '../core/text.ts';
import { poolIn } from '../view/pool.ts';
import { formerUuids, isWiped, twinsIn } from '../view/trust.ts';
import { defineFinding, witness } from './finding.ts';
import { downWith, identityEvidence, identityRemedy, restoreIdentity } from './shared/identity.ts';

export const storeWiped = defineFinding({
  code: 'store-wiped',
  explain: {
    title: "A node's store is wiped",
    meaning:
      'The node has neither peers nor volumes in /var/lib/glusterd, ' +
      'while others count it as a member. Its bricks no longer start.',
    cause: 'The system was reinstalled, /var/lib/glusterd was removed, or its file system is not mounted.',
    looksAt: 'peers/ and vols/ of the node against the peers/ files of the others.',
    repair:
      'Identity, peers and volumes are put back from what the other members have, ' +
      'while glusterd is stopped there. The identity only where the node itself shows that it was its own, ' +
      'by a brick or a running process of the old uuid; else a person says so: "--prefer node/NODE=UUID" ' +
      'of the same machine, "replaces: NODE" in the file of a new one.',
    risk:
      'Where the disks of the bricks were lost too, its bricks are empty: ' +
      '"glusterctl apply FILE" resets them, and they are healed.',
    byHand: [
      'Check that /var/lib/glusterd is not an unmounted file system.',
      'Stop glusterd; write the old UUID and operating-version into glusterd.info; ' +
        'copy the peers of the other members (all but itself).',
      'Start glusterd: it takes the volumes from its peers.',
      'Check mounts and volume-id of its bricks, then: gluster volume start VOLUME force',
    ],
  },
  detect: (view, desired) =>
    view.nodes
      .filter((n) => n.version !== undefined && isWiped(view, n) && !twinsIn(view).some((g) => g.includes(n)))
      .map((n) => {
        const former = formerUuids(view, n);
        const by = [...new Set([...poolIn(view).listedAs(n.node).values()].flat())];
        return {
          severity: 'error' as const,
          subject: `node/${n.node}`,
          nodes: [n.node],
          message: `the store of ${n.node} is empty, but ${listed(by)} count it as a member${downWith(n)}`,
          evidence: [
            witness(n.node, '/var/lib/glusterd', n.store.exists ? 'no peers, no volumes' : 'does not exist'),
            witness(n.node, 'glusterd.info', n.store.uuid === undefined ? 'no UUID' : `UUID=${n.store.uuid}`),
            ...by.map((other) =>
              witness(other, 'peers/', `lists ${n.node} as ${[...former.keys()][0] ?? n.store.uuid ?? ''}`),
            ),
            ...identityEvidence(view, n),
          ],
          remedy:
            `check that the file system of /var/lib/glusterd is mounted on ${n.node}; ` +
            `then ${identityRemedy(view, n, desired)}`,
        };
      }),
  repair: restoreIdentity,
});
