/** A store that could not be read: nothing is known of what is in it, or missing. */
import { STORE_ROOT, type Unread } from '../model/observed.ts';
import { isUnread } from '../view/trust.ts';
import { defineFinding, onFullNode, witness } from './finding.ts';

export const storeUnread = defineFinding({
  code: 'store-unread',
  explain: {
    title: "A node's store could not be read",
    meaning:
      'Part of /var/lib/glusterd could not be read. What is missing there may be on the disk, ' +
      'so nothing is concluded from the store of this node, and nothing is repaired from it.',
    cause:
      'A disk that gives errors, a mount that died, or a program that is not installed. ' +
      'What glusterd has only just replaced is read again, and is not reported.',
    looksAt:
      'How reading the store ended, up to three times: "No such file or directory" alone means ' +
      'that something is not there.',
    repair:
      'None. While it is so nothing is changed on any node, ' +
      'and glusterd is neither started nor stopped here.',
    risk:
      'A glusterd that starts on such a disk does not come up, or comes up without its volumes ' +
      'or as another node.',
    byHand: [
      'dmesg, and the state of the disk below /var/lib/glusterd',
      'tar -C /var/lib/glusterd -cf /dev/null . reads all of it',
      'Repair or replace the disk; a store that is lost is restored by "glusterctl recover FILE".',
    ],
  },
  detect: (view) =>
    view.nodes.filter(isUnread).map(({ node, store: { unread } }) => ({
      severity: 'error' as const,
      subject: `node/${node}`,
      nodes: [node],
      message: `the store of ${node} could not be read: nothing is concluded from what is missing there`,
      evidence: unread.map((u) => witness(node, placeOf(u), u.reason)),
      remedy: `read the kernel log of ${node}, repair the disk below ${STORE_ROOT}, then run it again`,
    })),
  // What an observation keeps for its time lies in /run.
  effectOf: [{ codes: ['filesystem-full'], when: onFullNode }],
  needsDecision: true,
  forbidsChange: true,
});

const placeOf = ({ path }: Unread): string => (path === '.' ? STORE_ROOT : `${STORE_ROOT}/${path}`);
