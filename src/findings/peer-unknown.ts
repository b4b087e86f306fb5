/** Members of the pool that the cluster file does not name. */
import { listed } from '../core/text.ts';
import type { Desired } from '../model/desired.ts';
import { poolIn } from '../view/pool.ts';
import type { View } from '../view/view.ts';
import { defineFinding, witness } from './finding.ts';

export const peerUnknown = defineFinding({
  code: 'peer-unknown',
  explain: {
    title: 'A member that the file does not name',
    meaning:
      'The pool has a member that is not among the nodes of the cluster file. ' +
      'It was not read, takes part in every change, and can bring back an old configuration.',
    cause: 'A node was added by hand, or removed from the file without being detached.',
    looksAt: 'Uuids in peers/ that are no uuid of a node of the file.',
    repair:
      'None: the file has to say it. ' +
      'Until then nothing is changed, and no unfinished transaction is finished.',
    risk:
      'It is not locked, so another controller could change it at the same time, ' +
      'and a change that it does not commit makes it a node that disagrees.',
    byHand: ['Add the node to the file, or, if it shall go: gluster peer detach NODE'],
  },
  detect: (view, desired) =>
    [...view.strangers].flatMap(([uuid, { hostnames, listedBy }]) => {
      const by = listedBy.filter((n) => poolIn(view).isMember(n));
      if (by.length === 0 || hostnames.some((h) => isNamed(h, view, desired))) return [];
      const name = hostnames[0] ?? uuid;
      return [
        {
          severity: 'error' as const,
          subject: `peer/${name}`,
          nodes: by,
          message: `${name} is a member of the pool, but the cluster file does not name it`,
          evidence: by.map((n) => witness(n, `peers/${uuid}`, listed(hostnames))),
          remedy: `add ${name} to the nodes of the file, or detach it: gluster peer detach ${name}`,
        },
      ];
    }),
  needsDecision: true,
  forbidsChange: true,
});

/** Also a node that could not be read, or has lost its uuid, is named. */
function isNamed(host: string, view: View, desired: Desired): boolean {
  if (poolIn(view).nodeOfHost(host) !== undefined) return true;
  const resolved = (name: string): readonly string[] => view.nodes.flatMap((n) => n.resolves.get(name) ?? []);
  const meant = new Set([host, ...resolved(host)]);
  return desired.nodes.some((n) => [n.name, n.address, ...resolved(n.name)].some((a) => meant.has(a)));
}
