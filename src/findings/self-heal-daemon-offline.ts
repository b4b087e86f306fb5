/** Nodes on which nobody heals. */
import { selfHealStart } from '../actions/self-heal-start.ts';
import type { DaemonVolume, NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { forceProblems, isOnline, localBricks, trustedBricks } from '../view/brick.ts';
import { isYoung, waitsForPeers } from '../view/settled.ts';
import { trustedMembers } from '../view/trust.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineFinding, onOneNode, witness } from './finding.ts';
import { nodesOf, type Remedy, type RepairContext, stepAfter } from './shared/remedy.ts';

const OFF = /^(off|no|false|disable|0)$/i;

export const selfHealDaemonOffline = defineFinding({
  code: 'self-heal-daemon-offline',
  explain: {
    title: 'Self-heal daemon offline',
    meaning:
      'The self-heal daemon of a node does not run. ' +
      'What its bricks of replica and disperse volumes have missed, or others have missed, ' +
      'is not healed from here.',
    cause: 'It was killed or crashed. Like bricks, it is supervised by nobody.',
    looksAt:
      "shd_svc.online_status of started replica and disperse volumes in glusterd's memory, " +
      'on nodes that have bricks of them.',
    repair:
      'By "volume start V force", where every brick of the volume is fit to start: ' +
      'it starts those that are down besides.',
    risk: 'None to start it.',
    byHand: ['gluster volume start VOLUME force'],
  },
  detect: (view) =>
    trustedMembers(view).flatMap((facts) => {
      const offline = unhealed(view, facts);
      const [first] = offline;
      if (first === undefined || waitsForPeers(facts)) return [];
      // glusterd still tries to bring it up.
      const isEarly = isYoung(facts);
      return [
        {
          severity: isEarly ? ('info' as const) : ('warning' as const),
          subject: `node/${facts.node}`,
          nodes: [facts.node],
          message:
            `the self-heal daemon on ${facts.node} does not run` +
            (isEarly ? ' yet: glusterd was started a moment ago' : ''),
          evidence: offline.map((v) =>
            witness(facts.node, 'gluster get-state', `${v.name}: shd_svc.online_status: Offline`),
          ),
          remedy: `gluster volume start ${first.name} force`,
        },
      ];
    }),
  effectOf: [{ codes: ['self-heal-daemon-duplicate'], when: onOneNode }],
  repair: startDaemon,
});

/**
 * Started replica and disperse volumes with bricks on the node that nobody heals from there, though somebody
 * should.
 */
export function unhealed(view: View, facts: NodeFacts): readonly DaemonVolume[] {
  const local = new Set(localBricks(view, facts).map((b) => b.volume.name));
  return [...(stateOf(facts)?.volumes.values() ?? [])].filter((v) => {
    const volume = facts.store.volumes.get(v.name);
    const isOff = OFF.test(
      v.options.get('cluster.self-heal-daemon') ?? v.options.get('cluster.disperse-self-heal-daemon') ?? 'on',
    );
    return (
      v.selfHealOnline === false &&
      v.status === 'started' &&
      volume?.status === 'started' &&
      volume.layout.kind !== 'distribute' &&
      local.has(v.name) &&
      !isOff
    );
  });
}

/** Where a brick needs something itself, that comes first, and what starts it by force starts this too. */
function startDaemon(finding: Finding, { view }: RepairContext): readonly Remedy[] {
  return nodesOf(finding, view)
    .flatMap((facts) => unhealed(view, facts).map((v) => v.name))
    .filter((name) => forceProblems(name, view).length === 0)
    .filter((name) => trustedBricks(view).every((b) => b.volume.name !== name || isOnline(b)))
    .map((volume) => stepAfter(selfHealStart.intent({ volume }), finding.message));
}
