/** Files of the store that glusterd's own reader stumbles over. */
import { peerUuid, volumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { damagedIn, startBlockers } from '../view/start-blockers.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, onFullNode, witness } from './finding.ts';
import { allOrNothing } from './shared/all-or-nothing.ts';
import { downWith, identityRemedies } from './shared/identity.ts';
import { peerLines } from './shared/peer-files.ts';
import { editOf, nodesOf, type Remedy, type RepairContext } from './shared/remedy.ts';
import { volumeRemedies } from './shared/volume-copies.ts';

export const storeFileCorrupt = defineFinding({
  code: 'store-file-corrupt',
  explain: {
    title: 'A store file is damaged',
    meaning:
      'A file below /var/lib/glusterd is empty, cut off or contradicts itself. ' +
      'With a damaged volume or brick file glusterd does not start; ' +
      'with an empty glusterd.info it starts as somebody else.',
    cause: 'A power cut or a full disk while it was written, or an edit by hand.',
    looksAt:
      'Every text file of the store, read with the same rules as glusterd: ' +
      'key=value lines, each ended by a newline, no empty values, brick-0 to brick-N complete.',
    repair: 'The file is rewritten from what the other members have, while glusterd is stopped on the node.',
    risk:
      'Starting glusterd before the repair: it fails, ' +
      'or with an empty glusterd.info takes a new identity. ' +
      'A failing start can take the bricks with it.',
    byHand: [
      'Do not restart glusterd on the node.',
      'Copy the file from another member. In brick files of the node itself: ' +
        'listen-port as the running brick has it, brick-fsid=0.',
      'Then restart glusterd there.',
    ],
  },
  effectOf: [{ codes: ['filesystem-full'], when: onFullNode }],
  detect: (view) => view.nodes.flatMap((facts) => found(facts, view)),
  repair: (finding, context) =>
    nodesOf(finding, context.view).flatMap((facts) => {
      const paths = damagedIn(facts).map((p) => p.path);
      return allOrNothing(facts, paths, (path) => fileRemedies(facts, path, context));
    }),
});

function found(facts: NodeFacts, view: View): readonly Found[] {
  const { node } = facts;
  const problems = damagedIn(facts);
  if (problems.length === 0) return [];
  const files = [...new Set(problems.map((p) => p.path))];
  const isDown = facts.memory.kind === 'down';
  const isFatal = startBlockers(facts).some((path) => files.includes(path));
  const isIdentity = files.includes('glusterd.info');
  const name = files.length === 1 ? (files[0] ?? '') : `${String(files.length)} files`;
  return [
    {
      severity: 'error',
      subject: `node/${node}`,
      nodes: [node],
      message: `${name} in the store of ${node} ${files.length === 1 ? 'is' : 'are'} damaged${
        isIdentity
          ? downWith(facts)
          : isFatal
            ? isDown
              ? ', and glusterd is down: it does not start with it'
              : ': glusterd would not start again'
            : ''
      }`,
      evidence: problems.map((p) => witness(node, p.path, p.problem)),
      remedy: `do not restart glusterd on ${node} before ${putRight(files, view)}`,
    },
  ];
}

/** Who can put it right: a copy of another node, or a person. */
function putRight(files: readonly string[], view: View): string {
  const isLost = (path: string): boolean => {
    const volume = /^vols\/([^/]+)\//.exec(path)?.[1];
    return volume !== undefined && !view.volumes.has(volumeName(volume));
  };
  const [lost] = files.filter(isLost);
  const [snapshot] = files.filter((path) => path.startsWith('snaps/'));
  if (lost !== undefined)
    return `${lost} is whole: no node has a copy of it. Undo the edit, or take it from a backup`;
  if (snapshot !== undefined)
    return (
      `${snapshot} is as on a node that has the snapshot whole; ` +
      'if nobody needs the snapshot, move its directory out of the store'
    );
  return '"glusterctl recover FILE" has put it right';
}

/** Each damaged file by its kind; what no other node knows needs a person. */
function fileRemedies(facts: NodeFacts, path: string, context: RepairContext): readonly Remedy[] {
  const reason = `${path} on ${facts.node} is damaged`;
  const volume = /^vols\/([^/]+)\/(info|bricks\/|quota\.cksum|node_state\.info)/.exec(path)?.[1];
  if (volume !== undefined && context.view.volumes.has(volumeName(volume)))
    return path.endsWith('/node_state.info')
      ? [editOf(facts, { kind: 'remove', path }, reason)]
      : volumeRemedies(context, volumeName(volume));
  if (path.startsWith('peers/')) return [peerFileRemedy(facts, path, context.view, reason)];
  return path === 'glusterd.info' ? identityRemedies(facts, context) : [];
}

/** Written as the other members have it; removed where they have none of that name. */
function peerFileRemedy(facts: NodeFacts, path: string, view: View, reason: string): Remedy {
  const uuid = peerUuid(path.slice('peers/'.length));
  const lines = uuid === undefined ? undefined : peerLines(view, facts.node, uuid);
  return editOf(
    facts,
    lines === undefined ? { kind: 'remove', path } : { kind: 'write', path, lines },
    reason,
  );
}
