/** Daemons other than self-heal that a started volume needs, and that do not run on a node. */
import { daemonStart } from '../actions/daemon.ts';
import type { Finding } from '../model/plan.ts';
import { grouped, listed } from '../core/text.ts';
import { forceProblems, isOnline, trustedBricks } from '../view/brick.ts';
import { isYoung, type MissingDaemon, missingDaemons } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { type Remedy, type RepairContext, stepAfter } from './shared/remedy.ts';

export const daemonOffline = defineFinding({
  code: 'daemon-offline',
  explain: {
    title: 'A daemon of a volume is offline',
    meaning:
      'A started volume uses a quota, bitrot or snapshot daemon that does not run on a node. ' +
      'Without quotad, limits are not enforced for what is written through its bricks; ' +
      'without bitd and scrub, files there are neither signed nor checked; ' +
      'without snapd, clients do not see snapshots.',
    cause: 'It was killed or crashed. Like bricks, it is supervised by nobody.',
    looksAt:
      'online_status of quotad, bitd, scrub and snapd in gluster get-state, ' +
      'on nodes of volumes with features.quota, features.bitrot or features.uss.',
    repair:
      'By "volume start V force", where every brick of the volume is fit to start: ' +
      'it starts those that are down besides.',
    risk: 'None to start it.',
    byHand: ['gluster volume status VOLUME', 'gluster volume start VOLUME force'],
  },
  detect: (view) => grouped(offline(view), (d) => d.node).map(found),
  repair: startDaemons,
});

/** A young glusterd still brings them up itself. */
const offline = (view: View): readonly MissingDaemon[] =>
  missingDaemons(view).filter(({ node, service }) => {
    const facts = view.facts(node);
    return service !== 'shd' && facts !== undefined && !isYoung(facts);
  });

function found(missing: readonly MissingDaemon[]): Found {
  const [first] = missing;
  const node = first?.node ?? '';
  const services = missing.map((d) => d.service);
  return {
    severity: 'warning',
    subject: `node/${node}`,
    nodes: first === undefined ? [] : [first.node],
    message: `${listed(services)} on ${node} ${services.length === 1 ? 'does' : 'do'} not run`,
    evidence: missing.map((d) =>
      witness(node, 'gluster get-state', `${d.service} Offline, which volume ${d.volume} needs`),
    ),
    remedy: `gluster volume start ${first?.volume ?? ''} force`,
  };
}

/** What starts a brick by force starts these too; where a brick needs something itself, that comes first. */
function startDaemons(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  const own = offline(view).filter((d) => finding.nodes.includes(d.node));
  return grouped(own, (d) => d.volume).flatMap((missing) => {
    const volume = missing[0]?.volume ?? '';
    if (forceProblems(volume, view).length > 0) return [];
    if (!trustedBricks(view).every((b) => b.volume.name !== volume || isOnline(b))) return [];
    const everywhere = offline(view).filter((d) => d.volume === volume);
    const services = [...new Set(everywhere.map((d) => d.service))].sort();
    return [stepAfter(daemonStart.intent({ volume, services }), finding.message)];
  });
}
