/** A node of the file that belongs to somebody else. */
import type { NodeFacts } from '../model/observed.ts';
import { poolIn } from '../view/pool.ts';
import { hasUntrustedStore } from '../view/trust.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';

export const peerInAnotherPool = defineFinding({
  code: 'peer-in-another-pool',
  explain: {
    title: 'A node that is in another pool',
    meaning:
      'A node of the file has peers or volumes of its own that have nothing to do with the ' +
      'pool of the others. glusterd refuses to take it in.',
    cause:
      'A wrong address in the file, a machine that was used before, ' +
      'or a pool that was formed by hand in two halves.',
    looksAt: 'peers/ and vols/ of every node that the pool does not list.',
    repair: 'None: what it holds may be in use.',
    risk:
      'Clearing its store gives up its volumes. Their data stays on the bricks, ' +
      'with marks that keep them from being used again.',
    byHand: [
      'gluster pool list; gluster volume list, on that node',
      'Take it out of its pool, or correct the file.',
    ],
  },
  detect(view) {
    const { root, isMember } = poolIn(view);
    return view.nodes
      .filter(
        (n) =>
          !isMember(n.node) && !hasUntrustedStore(view, n) && holdsSomething(n) && !knowsMembers(view, n),
      )
      .map((n) => ({
        severity: 'error' as const,
        subject: `node/${n.node}`,
        nodes: [n.node],
        message:
          `${n.node} is not in the pool of ${root ?? 'the others'}, ` + 'but has peers or volumes of its own',
        evidence: [
          ...n.store.peers.map((p) => witness(n.node, `peers/${p.file}`, p.hostnames.join(', '))),
          ...[...n.store.volumes.keys()].map((v) => witness(n.node, `vols/${v}`, 'exists')),
        ].slice(0, 20),
        remedy: `check the address of ${n.node} in the file; a node has to be empty to join a pool`,
      }));
  },
});

const holdsSomething = (facts: NodeFacts): boolean =>
  facts.store.peers.length > 0 || facts.store.volumes.size > 0 || (stateOf(facts)?.volumes.size ?? 0) > 0;

/** Then it is a member that the others have lost, which is another finding. */
const knowsMembers = (view: View, facts: NodeFacts): boolean =>
  facts.store.peers.some((p) => {
    const node = view.nodeOf(p.uuid);
    return node !== undefined && poolIn(view).isMember(node);
  });
