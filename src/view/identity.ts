/**
 * What on a node itself shows that a uuid is its own. Owns those witnesses: a name or an address may belong
 * to another machine by now, and that others list a uuid under it shows nothing.
 */
import type { PeerUuid } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { trustedMembers } from './trust.ts';
import { stateOf, type View } from './view.ts';

/** Each a line of evidence. None: whose machine it is, is for a person to say. */
export const identityWitnesses = (view: View, facts: NodeFacts, uuid: PeerUuid): readonly string[] => [
  ...(stateOf(facts)?.uuid === uuid ? [`gluster get-state: MYUUID: ${uuid}`] : []),
  ...facts.processes
    .filter((p) => p.role === 'brick' && p.argv.includes(`*-posix.glusterd-uuid=${uuid}`))
    .map((p) => `/proc/${String(p.pid)}/cmdline: glusterd-uuid=${uuid}`),
  ...markedBricks(view, facts, uuid),
];

/** Its disks: a brick of that uuid, as the members have it, which carries the mark of its volume here. */
function markedBricks(view: View, facts: NodeFacts, uuid: PeerUuid): readonly string[] {
  const lines = trustedMembers(view)
    .filter((member) => member !== facts)
    .flatMap(({ store: { volumes } }) => [...volumes.values()])
    .flatMap(({ name, id, bricks }) =>
      bricks
        .filter((b) => b.ownerUuid === uuid && facts.paths.get(b.path)?.volumeId === id)
        .map(({ path }) => `${path}: trusted.glusterfs.volume-id=${id}, of its brick of volume ${name}`),
    );
  return [...new Set(lines)];
}
