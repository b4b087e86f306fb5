/** Somebody is changing the cluster right now. */
import { grouped, listed } from '../core/text.ts';
import { defineFinding, witness } from './finding.ts';

export const lockHeld = defineFinding({
  code: 'lock-held',
  explain: {
    title: 'The cluster is locked',
    meaning: 'Another glusterctl holds the cluster and is changing it. What is read now may be in between.',
    cause: 'An apply, recover or restore is under way.',
    looksAt: 'The kernel lock on /run/glusterctl/lock of every node, and owner.json beside it.',
    repair: 'None needed: it ends with its holder. A holder that is dead lets go within 30 seconds.',
    risk: 'None.',
    byHand: ['glusterctl lock show FILE', 'glusterctl lock release FILE --force TRANSACTION'],
  },
  detect(view) {
    const held = view.nodes.flatMap((n) => (n.lock?.held === true ? [{ node: n.node, lock: n.lock }] : []));
    return grouped(held, (h) => h.lock.owner?.transaction ?? '').map((same) => {
      const owner = same[0]?.lock.owner;
      return {
        severity: 'info' as const,
        subject: 'cluster',
        nodes: same.map((h) => h.node),
        message:
          owner === undefined
            ? `${listed(same.map((h) => h.node))} ${same.length === 1 ? 'is' : 'are'} locked by an ` +
              'unknown holder'
            : `the cluster is locked by ${owner.user}@${owner.host} since ${owner.since}`,
        evidence: same.map((h) =>
          witness(
            h.node,
            '/run/glusterctl/lock',
            'held by pid ' +
              String(h.lock.pid ?? 0) +
              (owner === undefined ? '' : `, transaction ${owner.transaction}: ${owner.command}`),
          ),
        ),
        remedy: 'wait for it to end; "glusterctl lock show FILE" shows the holder',
      };
    });
  },
});
