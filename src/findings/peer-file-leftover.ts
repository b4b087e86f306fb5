/** Files below peers/ that are left from a probe, or named after another uuid than they hold. */
import { peerUuid } from '../model/names.ts';
import { defineFinding, witness } from './finding.ts';

export const peerFileLeftover = defineFinding({
  code: 'peer-file-leftover',
  explain: {
    title: 'A leftover peer file',
    meaning:
      'A file below peers/ is not named after the uuid of the peer that it describes. ' +
      'glusterd passes over it.',
    cause: 'A probe that was broken off (the file has the host name), or a copy by hand.',
    looksAt: 'The names of the files below peers/ and the uuid in them.',
    repair: 'None needed.',
    risk: 'None with GlusterFS 10; older versions stumble over it.',
    byHand: ['Stop glusterd on the node, remove the file, start glusterd.'],
  },
  detect: (view) =>
    view.nodes.flatMap((facts) =>
      facts.store.peers
        .filter((p) => p.uuid !== undefined && peerUuid(p.file) !== p.uuid)
        .map((p) => ({
          severity: 'info' as const,
          subject: `node/${facts.node}`,
          nodes: [facts.node],
          message: `peers/${p.file} on ${facts.node} is left over from a probe`,
          evidence: [witness(facts.node, `peers/${p.file}`, `uuid=${p.uuid ?? ''}`)],
          remedy: 'it does no harm; remove it when glusterd is stopped anyway',
        })),
    ),
});
