/** Members that cannot hear each other, where neither end explains it. */
import { grouped, listed } from '../core/text.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { isConnectedTo, peerEntry } from '../view/pool.ts';
import { hasUntrustedStore, trustedMembers } from '../view/trust.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineFinding, type Found, isBetween, onOneNode, witness } from './finding.ts';

export const peerDisconnected = defineFinding({
  code: 'peer-disconnected',
  explain: {
    title: 'Peer disconnected',
    meaning:
      'Two members that both run have no connection between them. ' +
      'glusterd carries out changes without the one it does not see, ' +
      'and says that all went well.',
    cause:
      'A firewall or a route between them, port 24007 closed, a wrong address for the name, ' +
      'or TLS switched on for only one of them.',
    looksAt: "The peers in each glusterd's memory, and the file secure-access on both.",
    repair: 'None by this tool: the network is not its to change.',
    risk:
      'Changes made meanwhile reach only one side; ' +
      'two sides that both change are rejected when they meet again.',
    byHand: [
      'getent hosts PEER, on the node',
      'nc -z PEER 24007',
      'ls /var/lib/glusterd/secure-access, on both',
      'systemctl restart glusterd, if all of that is well',
    ],
  },
  detect: (view) => {
    const pairs = trustedMembers(view).flatMap((facts) => unheard(view, facts));
    return grouped(pairs, ({ other }) => other.node).map((same) => found(same));
  },
  effectOf: [
    {
      codes: ['name-resolution'],
      // The node that the name means, and the one on which it leads elsewhere.
      when: (effect, cause) =>
        cause.subject === effect.subject.replace('peer/', 'node/') && onOneNode(effect, cause),
    },
    { codes: ['peer-name-wrong'], when: isBetween },
  ],
  // Whom nobody hears, no restarted glusterd would hear either.
  keepsApart: (finding, view) =>
    finding.nodes.some((n) => isUnreached(view, n)) ? view.nodes.map((n) => n.node) : finding.nodes,
});

interface Pair {
  readonly facts: NodeFacts;
  readonly other: NodeFacts;
}

/** Peers that this node has no connection to, though they run and know it. */
function unheard(view: View, facts: NodeFacts): readonly Pair[] {
  return (stateOf(facts)?.peers ?? []).flatMap((peer) => {
    const node = peer.connected ? undefined : view.nodeOf(peer.uuid);
    const other = node === undefined ? undefined : view.facts(node);
    if (other === undefined || hasUntrustedStore(view, other) || other.memory.kind !== 'up') return [];
    if (peerEntry(view, other.node, facts.store.uuid) === undefined) return [];
    // Where both ends see it, it is reported once.
    const isReported = !isConnectedTo(other, facts) && view.nodes.indexOf(other) < view.nodes.indexOf(facts);
    return isReported ? [] : [{ facts, other }];
  });
}

const hasTls = (facts: NodeFacts): boolean => facts.store.files.has('secure-access');

function found(pairs: readonly Pair[]): Found {
  const other = pairs[0]?.other;
  const name = other?.node ?? '';
  const all = [...pairs.map((p) => p.facts), ...(other === undefined ? [] : [other])];
  const nodes = all.map((n) => n.node);
  const from = nodes.slice(0, -1);
  const tlsDiffers = new Set(all.map(hasTls)).size > 1;
  return {
    severity: 'error',
    subject: `peer/${name}`,
    nodes,
    message:
      `${listed(from)} ${from.length === 1 ? 'has' : 'have'} no connection to ` +
      `${name}${tlsDiffers ? ': only some of them use TLS' : ''}`,
    evidence: [
      ...pairs.flatMap((p) => [
        witness(p.facts.node, 'gluster get-state', `${name} Disconnected`),
        witness(
          name,
          'gluster get-state',
          `${p.facts.node} ${isConnectedTo(p.other, p.facts) ? 'Connected' : 'Disconnected'}`,
        ),
      ]),
      ...(tlsDiffers
        ? all.map((n) => witness(n.node, 'secure-access', hasTls(n) ? 'exists' : 'does not exist'))
        : []),
    ],
    remedy: tlsDiffers
      ? 'make secure-access the same on all, then restart glusterd there'
      : `check the network between them: port 24007 of ${name} from ${listed(from)}`,
  };
}

function isUnreached(view: View, node: NodeName): boolean {
  const facts = view.facts(node);
  return facts !== undefined && !view.nodes.some((n) => n !== facts && isConnectedTo(n, facts));
}
