/** Self-heal daemons that glusterd does not reach: several on a node, or one that it did not start. */
import { daemonEnd } from '../actions/daemon.ts';
import { selfHealStart } from '../actions/self-heal-start.ts';
import { type GlusterProcess, type NodeFacts, TICKS_PER_SECOND } from '../model/observed.ts';
import { forceProblems, isOnline, trustedBricks } from '../view/brick.ts';
import { waitsForPeers } from '../view/settled.ts';
import { trustedMembers } from '../view/trust.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { nodesOf, type Remedy, type RepairContext, stepAfter, stepBefore } from './shared/remedy.ts';

/** One that starts forks, and is two for a moment; one that is replaced ends while the next one starts. */
const SETTLED_S = 30;
const PID_FILE = /^(\/var)?\/run\/gluster\/shd\/[^/]+\/[^/]+-shd\.pid$/;

export const selfHealDaemonDuplicate = defineFinding({
  code: 'self-heal-daemon-duplicate',
  explain: {
    title: 'Several self-heal daemons on a node',
    meaning:
      'More than one glustershd runs on a node, or one that glusterd did not start. ' +
      'Only one of them hears of changes of the volumes; the others heal by what was true once. ' +
      'The pid file may name either.',
    cause: 'One was started by hand, or glusterd lost the pid file and started a second one.',
    looksAt: 'The argv and the age of every self-heal daemon of the node.',
    repair:
      'All of them are ended, and "volume start V force" starts one: ' +
      'of one that is left, glusterd may not know.',
    risk: 'Heals pause for some seconds.',
    byHand: ['pgrep -af glustershd, on the node', 'kill PID, of each', 'gluster volume start VOLUME force'],
  },
  detect: (view) => trustedMembers(view).flatMap(found),
  repair: (finding, context) =>
    nodesOf(finding, context.view).flatMap((facts) => oneOnly(facts, finding.message, context)),
});

/** All of the node where they are too many, or one is a stranger. */
function odd(facts: NodeFacts): readonly GlusterProcess[] {
  const all = facts.processes.filter(
    (p) =>
      p.role === 'self-heal' && p.state !== 'Z' && facts.ticks - p.startTicks > SETTLED_S * TICKS_PER_SECOND,
  );
  return all.length > 1 || all.some((p) => !PID_FILE.test(pidFileOf(p) ?? '/run/gluster/shd/x/x-shd.pid'))
    ? all
    : [];
}

const pidFileOf = ({ argv }: GlusterProcess): string | undefined => {
  const at = argv.indexOf('-p');
  return at < 0 ? undefined : argv[at + 1];
};

function found(facts: NodeFacts): readonly Found[] {
  const all = odd(facts);
  const { node } = facts;
  if (all.length === 0) return [];
  return [
    {
      severity: 'warning',
      subject: `node/${node}`,
      nodes: [node],
      message:
        all.length === 1
          ? `the self-heal daemon on ${node} is none that glusterd has started`
          : `${String(all.length)} self-heal daemons run on ${node}`,
      evidence: all.map((p) =>
        witness(node, `/proc/${String(p.pid)}/cmdline`, `-p ${pidFileOf(p) ?? '(none)'}`),
      ),
      remedy:
        `on ${node}: kill ${all.map((p) => String(p.pid)).join(' ')}; ` +
        'then gluster volume start VOLUME force',
    },
  ];
}

/** Not where nothing could start one again. */
function oneOnly(facts: NodeFacts, reason: string, { view }: RepairContext): readonly Remedy[] {
  const healing = [...facts.store.volumes.values()].find(
    (v) =>
      v.status === 'started' &&
      v.layout.kind !== 'distribute' &&
      forceProblems(v.name, view).length === 0 &&
      trustedBricks(view).every((b) => b.volume.name !== v.name || isOnline(b)),
  );
  if (healing === undefined || facts.memory.kind !== 'up' || waitsForPeers(facts)) return [];
  const ends = odd(facts).map(({ pid, startTicks, argv }) => {
    const word = argv[argv.indexOf('--volfile-id') + 1] ?? 'shd';
    return stepBefore(
      daemonEnd.intent({ node: facts.node, what: 'self-heal daemon', pid, startTicks, word }),
      reason,
    );
  });
  return [...ends, stepAfter(selfHealStart.intent({ volume: healing.name }), reason)];
}
