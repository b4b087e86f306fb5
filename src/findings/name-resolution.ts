/** Host names of the cluster that lead some node nowhere, or to the wrong machine. */
import { isLoopbackAddress } from '../core/address.ts';
import { grouped, listed } from '../core/text.ts';
import type { NodeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const nameResolution = defineFinding({
  code: 'name-resolution',
  explain: {
    title: 'A host name does not lead to its node',
    meaning:
      'A name by which the cluster knows a node does not resolve on some node, ' +
      'or resolves to another machine. glusterd then cannot reach that peer, ' +
      'or does not take its own bricks for its own.',
    cause:
      'A missing or old line in /etc/hosts, DNS, or a name that means a NAT address that is on ' +
      'no interface of the node.',
    looksAt:
      'Every node name and brick host, resolved on every node, ' +
      'against the addresses that the meant node has.',
    repair: 'None by this tool: name resolution is not its to change.',
    risk: 'glusterd does not start where the host of a brick cannot be resolved and its uuid is unknown.',
    byHand: ['getent ahosts NAME, on the node named', 'Correct /etc/hosts or DNS there.'],
  },
  detect: (view) => [...meant(view)].flatMap(([host, target]) => found(view, host, target)),
  // Restarted, the one whose name leads elsewhere would not be found again.
  keepsApart: (finding, view) => {
    const target = view.nodes.find((n) => finding.subject === `node/${n.node}`);
    return target?.memory.kind === 'up' ? [...finding.nodes, target.node] : finding.nodes;
  },
});

/** Each name with the node that it must lead to. */
function meant(view: View): ReadonlyMap<string, NodeFacts> {
  const targets = new Map<string, NodeFacts>(view.nodes.map((n) => [n.node, n]));
  for (const { best } of view.volumes.values())
    for (const brick of best.bricks) {
      const node = targets.has(brick.hostname) ? undefined : view.ownerOf(brick);
      const facts = node === undefined ? undefined : view.facts(node);
      if (facts !== undefined) targets.set(brick.hostname, facts);
    }
  return targets;
}

type Fault = 'unresolved' | 'another-node' | 'not-own' | 'unknown-address';

interface Seen {
  readonly node: NodeName;
  readonly addresses: readonly string[];
  readonly fault: Fault;
}

function found(view: View, host: string, target: NodeFacts): readonly Found[] {
  const own = new Set(target.addresses);
  const seen = view.nodes.flatMap((n): readonly Seen[] => {
    const addresses = n.resolves.get(host);
    if (
      addresses === undefined ||
      addresses.some((a) =>
        n === target ? own.has(a) || isLoopbackAddress(a) : own.has(a) && !isLoopbackAddress(a),
      )
    )
      return [];
    return [{ node: n.node, addresses, fault: faultOf(view, n, target, addresses) }];
  });
  return grouped(seen, (s) => s.fault).map((same) => {
    const nodes = same.map((s) => s.node);
    const fault = same[0]?.fault ?? 'unresolved';
    return {
      // A name may lead through address translation: what seems strange from outside need not be wrong.
      severity: fault === 'unknown-address' ? 'warning' : 'error',
      subject: `node/${target.node}`,
      nodes,
      message: `on ${listed(nodes)}, the name ${host} ${SAYS[fault]}`,
      evidence: [
        ...same.map((s) =>
          witness(
            s.node,
            `getent ahosts ${host}`,
            s.addresses.length === 0 ? 'nothing' : s.addresses.join(' '),
          ),
        ),
        witness(
          target.node,
          'own addresses',
          target.addresses.filter((a) => !isLoopbackAddress(a)).join(' '),
        ),
      ],
      remedy: `correct /etc/hosts or DNS on ${listed(nodes)}`,
    };
  });
}

const SAYS: Readonly<Record<Fault, string>> = {
  unresolved: 'does not resolve',
  'another-node': 'leads to another node',
  'not-own': 'leads to an address that the node itself does not have',
  'unknown-address': 'leads to an address that its node does not have',
};

function faultOf(view: View, observer: NodeFacts, target: NodeFacts, addresses: readonly string[]): Fault {
  if (addresses.length === 0) return 'unresolved';
  if (observer === target) return 'not-own';
  const isOthers = addresses.some(
    (a) => isLoopbackAddress(a) || view.nodes.some((n) => n !== target && n.addresses.includes(a)),
  );
  return isOthers ? 'another-node' : 'unknown-address';
}
