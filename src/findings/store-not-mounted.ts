/**
 * A store that has a file system of its own in fstab, which is not mounted: what lies there now is not the
 * store.
 */
import { defineFinding, witness } from './finding.ts';

export const storeNotMounted = defineFinding({
  code: 'store-not-mounted',
  explain: {
    title: 'The file system of the store is not mounted',
    meaning:
      'The file system of /var/lib/glusterd is in fstab, and it is not mounted. ' +
      'The directory below it looks like a node that knows nothing; ' +
      'what is written there disappears with the next mount.',
    cause: 'The disk is missing or damaged, or the mount failed at boot.',
    looksAt: 'Mount points of /etc/fstab at and above /var/lib/glusterd.',
    repair: 'None by this tool: nothing is written there, and glusterd is neither started nor stopped.',
    risk: 'glusterd started on the empty directory is a new node that no peer knows.',
    byHand: ['systemctl stop glusterd, if it runs', 'mount /var/lib/glusterd', 'systemctl start glusterd'],
  },
  detect: (view) =>
    view.nodes.flatMap((n) => {
      const { unmounted } = n.daemonConfig;
      if (unmounted === undefined) return [];
      return [
        {
          severity: 'error' as const,
          subject: `node/${n.node}`,
          nodes: [n.node],
          message: `the file system of glusterd's store on ${n.node} is not mounted`,
          evidence: [
            witness(n.node, '/etc/fstab', `${unmounted} is a mount point, and nothing is mounted there`),
          ],
          remedy: `mount ${unmounted} on ${n.node} before anything else`,
        },
      ];
    }),
  needsDecision: true,
});
