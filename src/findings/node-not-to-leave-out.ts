/** Why a node cannot be left out: it lives, or too few members would be left to decide anything. */
import { count, listed } from '../core/text.ts';
import type { Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import { connectedToLeftOut, memberNodes } from '../view/pool.ts';
import { followers, neededForQuorum } from '../view/quorum.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const nodeNotToLeaveOut = defineFinding({
  code: 'node-not-to-leave-out',
  explain: {
    title: 'A node that cannot be left out',
    meaning:
      '"--without NODE" was given for a node that is alive, or without which no strict majority of the ' +
      'pool is left. Then nothing is changed.',
    cause:
      'The node, or its network, has come back; it has gone down less than two minutes ago, or 16 where ' +
      'TCP still repeats what was being sent to it; or more members are gone than the rest can go on ' +
      'without.',
    looksAt:
      "What the other glusterds say of their peer, the members in peers/, and the volumes' server quorum.",
    repair: 'None: bring a node back, or leave out none that is alive.',
    risk:
      'Two halves of a pool that both change are rejected when they meet again. Of two strict majorities ' +
      'one node is in both, and its lock keeps a second controller out.',
    byHand: [
      'gluster pool list, on each node',
      'Dead, and listed as Connected: ss -K dst ADDRESS, on each node that lists it so',
      'Bring the node back, or detach it for good.',
    ],
  },
  detect: (view, desired) => {
    const nodes = [...view.leftOut].flatMap(([node, uuid]) => (uuid === undefined ? [] : [node]));
    if (nodes.length === 0) return [];
    // Of one that is replaced it is said otherwise that it lives.
    const named = nodes.filter((node) => !isReplaced(node, desired));
    return [...named.flatMap((node) => alive(view, node)), ...tooFew(view, nodes), ...noQuorum(view, nodes)];
  },
  needsDecision: true,
  forbidsChange: true,
});

const isReplaced = (node: NodeName, { nodes }: Desired): boolean =>
  nodes.some((n) => n.name === node && n.replacedBy !== undefined);

const refusal = (
  subject: string,
  nodes: readonly NodeName[],
): Pick<Found, 'severity' | 'subject' | 'nodes'> => ({
  severity: 'error',
  subject,
  nodes,
});

function alive(view: View, node: NodeName): readonly Found[] {
  const seeing = connectedToLeftOut(view, node);
  const [first] = seeing;
  if (first === undefined) return [];
  return [
    {
      ...refusal(`node/${node}`, [node]),
      message: `${node} is alive: the glusterd of ${first.node} is connected to it`,
      evidence: seeing.map((n) => witness(n.node, 'gluster get-state', `${node} Connected`)),
      remedy:
        `run it without "--without ${node}"; if ${node} has only just gone down, try again in two ` +
        'minutes: glusterd notices it by then. If something was being sent to it, glusterd takes up to ' +
        `16 minutes: "ss -K dst ADDRESS", with the address of ${node}, on ` +
        `${listed(seeing.map((n) => n.node))} ends the dead connections immediately`,
    },
  ];
}

/** Two controllers that each have a strict majority have a node in common, and its lock. */
function tooFew(view: View, nodes: readonly NodeName[]): readonly Found[] {
  const rest = memberNodes(view);
  const all = rest.length + view.strangers.size;
  if (rest.length * 2 > all) return [];
  return [
    {
      ...refusal('cluster', nodes),
      message:
        `without ${listed(nodes)} only ${count(rest.length, 'member')} of ${String(all)} would be left, ` +
        'which is no majority',
      evidence: [...view.strangers].flatMap(([uuid, { hostnames, listedBy }]) =>
        listedBy.map((n) => witness(n, `peers/${uuid}`, listed(hostnames))),
      ),
      remedy: 'bring enough nodes back that more than half of the pool is there',
    },
  ];
}

function noQuorum(view: View, nodes: readonly NodeName[]): readonly Found[] {
  const volumes = followers(view);
  const needed = neededForQuorum(view);
  const running = view.nodes.filter((n) => n.memory.kind === 'up').length;
  if (volumes.length === 0 || running >= needed) return [];
  return [
    {
      ...refusal('cluster', nodes),
      message:
        `without ${listed(nodes)} server quorum is lost: glusterd runs on ${count(running, 'member')}, ` +
        `and ${String(needed)} are needed`,
      evidence: volumes.map((v) => `volume ${v}: cluster.server-quorum-type=server`),
      remedy: 'bring a member back, or start glusterd where it is down',
    },
  ];
}
