/** Members that run the cluster at different operating versions. */
import { grouped, listed } from '../core/text.ts';
import { isOpVersionTooHigh } from '../view/start-blockers.ts';
import { trustedMembers } from '../view/trust.ts';
import { defineFinding, witness } from './finding.ts';

export const opVersionMismatch = defineFinding({
  code: 'op-version-mismatch',
  explain: {
    title: 'Operating versions differ',
    meaning:
      'All members must run at the same operating version. ' +
      'A node outside of the range of another is not let in at its next reconnect.',
    cause: 'glusterd.info was edited or restored, or the version was raised while a node was away.',
    looksAt: 'operating-version in glusterd.info of every member.',
    repair: 'None by itself: raising the version cannot be taken back.',
    risk: 'A version that one of the programs does not know keeps that node out of the pool.',
    byHand: [
      'Upgrade the packages of all nodes to the same version.',
      'gluster volume get all cluster.max-op-version',
      'gluster volume set all cluster.op-version VERSION',
    ],
  },
  detect(view) {
    // One that its program does not know is another fault.
    const known = trustedMembers(view).filter(
      (n) => n.store.operatingVersion !== undefined && !isOpVersionTooHigh(n),
    );
    const groups = grouped(known, (n) => String(n.store.operatingVersion));
    if (groups.length < 2) return [];
    const odd = groups.slice(1).flat();
    return [
      {
        severity: 'error' as const,
        subject: 'cluster',
        nodes: odd.map((n) => n.node),
        message: `${listed(odd.map((n) => n.node))} run at another operating version than the others`,
        evidence: known.map((n) =>
          witness(
            n.node,
            'glusterd.info',
            `operating-version=${String(n.store.operatingVersion)} (glusterfs ${n.version ?? ''})`,
          ),
        ),
        remedy: 'bring all nodes to one package version, then raise cluster.op-version',
      },
    ];
  },
});
