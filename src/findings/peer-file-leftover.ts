/** Files below peers/ that glusterd passes over: a backup, or what is left from a probe. */
import { NULL_UUID } from '../model/names.ts';
import { defineFinding, witness } from './finding.ts';
import { editOf, nodesOf } from './shared/remedy.ts';

export const peerFileLeftover = defineFinding({
  code: 'peer-file-leftover',
  explain: {
    title: 'A leftover peer file',
    meaning:
      'A file below peers/ is not named after the uuid of a peer, or after the null uuid. ' +
      'glusterd passes over it, whatever it says.',
    cause:
      'A copy by hand ("UUID.bak"), or a probe that was broken off: ' +
      'before a peer has answered, its file has the host name, and the null uuid.',
    looksAt: 'The names of the files below peers/.',
    repair:
      'It is moved out of the store, into the folder of the transaction, which keeps it; ' +
      'glusterd is stopped for it, and the bricks go on.',
    risk: 'None with GlusterFS 10; older versions stumble over it.',
    byHand: ['Stop glusterd on the node, move the file away, start glusterd.'],
  },
  detect: (view) =>
    view.nodes.flatMap(({ node, store: { peerLeftovers } }) =>
      peerLeftovers.length === 0
        ? []
        : [
            {
              severity: 'warning' as const,
              subject: `node/${node}`,
              nodes: [node],
              message:
                `glusterd on ${node} passes over ` +
                `${peerLeftovers.map((p) => `peers/${p.file}`).join(', ')}, which is no file of a peer`,
              evidence: peerLeftovers.map((p) =>
                witness(
                  node,
                  `peers/${p.file}`,
                  p.file === NULL_UUID ? 'the null uuid' : 'not named after a uuid',
                ),
              ),
              remedy: '"glusterctl recover FILE" moves it out of the store and keeps it; it does no harm',
            },
          ],
    ),
  repair: (finding, { view }) =>
    nodesOf(finding, view).flatMap((facts) =>
      facts.store.peerLeftovers.map(({ file }) =>
        editOf(facts, { kind: 'move-aside', path: `peers/${file}` }, finding.message),
      ),
    ),
});
