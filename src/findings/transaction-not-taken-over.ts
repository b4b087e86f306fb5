/** Nodes that are back, and have not taken over a transaction that was made without them. */
import type { NodeName, VolumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { pastTransactions } from '../view/transactions.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const transactionNotTakenOver = defineFinding({
  code: 'transaction-not-taken-over',
  explain: {
    title: 'A transaction that a returned node has not taken over',
    meaning:
      'A node was left out of a transaction by "--without NODE". It is back, and its store differs from ' +
      'those of the nodes that took part.',
    cause:
      'Its glusterd has not shaken hands with the others yet, which takes some seconds after a start; ' +
      'or it cannot: it is down, has no connection, or is rejected.',
    looksAt: 'owner.json of the transactions on the other nodes, and vols/ on the node and on the others.',
    repair:
      'glusterd takes over what has a higher version. What stays different is found by itself, ' +
      'and recover repairs that.',
    risk: 'Until then the node serves volumes by their old definition.',
    byHand: ['gluster pool list, on the node', 'glusterctl recover FILE'],
  },
  detect: (view) => view.nodes.flatMap((facts) => behind(view, facts)),
});

/** The last transaction without it counts: what it takes over then is all of them. */
function behind(view: View, facts: NodeFacts): readonly Found[] {
  const { node } = facts;
  const last = pastTransactions(view).find(
    ({ owner, states }) =>
      owner?.without?.includes(node) === true &&
      !states.has(node) &&
      [...states.values()].includes('committed'),
  );
  const other = last === undefined ? undefined : [...last.states.keys()][0];
  const taking = other === undefined ? undefined : view.facts(other);
  if (last === undefined || taking === undefined) return [];
  const volumes = differing(view, facts, taking);
  if (volumes.length === 0) return [];
  return [
    {
      severity: 'warning',
      subject: `node/${node}`,
      nodes: [node],
      message: `transaction ${last.id} was made without ${node}, which has not taken it over yet`,
      evidence: volumes.flatMap((v) => [versionOn(view, taking.node, v), versionOn(view, node, v)]),
      remedy:
        `wait until glusterd on ${node} has shaken hands with the others; if it stays so: ` +
        '"glusterctl recover FILE"',
    },
  ];
}

const differing = (view: View, { store: a }: NodeFacts, { store: b }: NodeFacts): readonly VolumeName[] =>
  [...view.volumes.keys()].filter((v) => {
    const [own, other] = [a.volumes.get(v), b.volumes.get(v)];
    return own?.version !== other?.version || own?.signature !== other?.signature;
  });

function versionOn(view: View, node: NodeName, volume: VolumeName): string {
  const copy = view.facts(node)?.store.volumes.get(volume);
  return witness(
    node,
    `vols/${volume}/info`,
    copy === undefined ? 'does not exist' : `version=${String(copy.version)}`,
  );
}
