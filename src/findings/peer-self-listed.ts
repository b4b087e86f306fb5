/** A node that has itself among its peers. */
import type { NodeFacts, StorePeer } from '../model/observed.ts';
import { poolIn } from '../view/pool.ts';
import { hasUntrustedStore } from '../view/trust.ts';
import type { View } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';
import { editOf, nodesOf } from './shared/remedy.ts';

export const peerSelfListed = defineFinding({
  code: 'peer-self-listed',
  explain: {
    title: 'A node lists itself as a peer',
    meaning:
      'A file below peers/ describes the node itself. It counts one member too many, and talks to itself.',
    cause:
      'The node had lost its uuid for a while: the others sent it its old identity, ' +
      'and it stored that as one more peer.',
    looksAt: 'Uuids and host names in peers/ against the node itself.',
    repair: 'The file is removed while glusterd is stopped on the node.',
    risk: 'None.',
    byHand: ['Stop glusterd on the node, remove peers/<uuid>, start glusterd.'],
  },
  detect: (view) =>
    view.nodes
      .filter((n) => !hasUntrustedStore(view, n))
      .flatMap((facts) => {
        const own = ownEntries(view, facts);
        if (own.length === 0) return [];
        return [
          {
            severity: 'error' as const,
            subject: `node/${facts.node}`,
            nodes: [facts.node],
            message: `${facts.node} has itself among its peers`,
            evidence: [
              witness(facts.node, 'glusterd.info', `UUID=${facts.store.uuid ?? ''}`),
              ...own.map((p) => witness(facts.node, `peers/${p.file}`, p.hostnames.join(', '))),
            ],
            remedy:
              `remove ${own.map((p) => `peers/${p.file}`).join(', ')} on ${facts.node} while glusterd ` +
              'is stopped',
          },
        ];
      }),
  effectOf: [
    {
      codes: ['peer-listed-twice'],
      when: (effect, cause) => cause.subject.slice('peer/'.length) === effect.subject.slice('node/'.length),
    },
  ],
  repair: (finding, { view }) =>
    nodesOf(finding, view).flatMap((facts) =>
      ownEntries(view, facts).map((p) =>
        editOf(
          facts,
          { kind: 'remove', path: `peers/${p.file}` },
          `${facts.node} has itself among its peers`,
        ),
      ),
    ),
});

/** Entries with its own uuid, or with one that is no node's and a host name that leads to itself. */
const ownEntries = (view: View, facts: NodeFacts): readonly StorePeer[] =>
  facts.store.peers.filter(
    (p) =>
      p.uuid !== undefined &&
      (p.uuid === facts.store.uuid ||
        (view.nodeOf(p.uuid) === undefined &&
          p.hostnames.some((h) => poolIn(view).nodeOfHost(h) === facts.node))),
  );
