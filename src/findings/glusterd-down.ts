/**
 * A glusterd that does not run, or runs and refuses. Where a file of the store keeps it from starting, that
 * is its cause.
 */
import { listed } from '../core/text.ts';
import type { VolumeName } from '../model/names.ts';
import type { NodeFacts } from '../model/observed.ts';
import { isDrained } from '../view/drained.ts';
import { bricksWithoutPath, startFaults } from '../view/start-blockers.ts';
import { defineFinding, type Found, onFullNode, onOneNode, witness } from './finding.ts';
import { nodesOf } from './shared/remedy.ts';
import { startGlusterd } from './shared/start-glusterd.ts';

export const glusterdDown = defineFinding({
  code: 'glusterd-down',
  explain: {
    title: 'glusterd is down',
    meaning:
      'The management daemon of a node does not answer. ' +
      'Its bricks may still serve clients, but every change of the cluster passes this node ' +
      'by, and it comes back with an old configuration.',
    cause:
      'It was stopped, it crashed, or it gave up while starting (its log then ends with ' +
      '"Initialization of volume failed").',
    looksAt: 'The answer of "gluster get-state", the process list and the service manager.',
    repair:
      'glusterd is started, once everything that its start would spread or overwrite has been checked. ' +
      'Where its store is ahead of the others, it is started together with them, once all stores are equal.',
    risk:
      'Its start takes in every volume of which another node has a higher version, ' +
      'and restarts the bricks of those.',
    byHand: [
      'systemctl reset-failed glusterd',
      'systemctl start glusterd',
      'tail /var/log/glusterfs/glusterd.log',
    ],
  },
  detect: (view) => view.nodes.filter((n) => n.version !== undefined && n.memory.kind === 'down').map(found),
  effectOf: [
    {
      codes: [
        'store-unread',
        'store-not-mounted',
        'store-wiped',
        'store-file-corrupt',
        'store-stray-directory',
        'glusterd-vol-damaged',
        'op-version-wrong',
        'node-uuid-duplicate',
        'node-uuid-changed',
        'peer-one-way',
      ],
      when: (effect, cause, view) =>
        onOneNode(effect, cause) &&
        nodesOf(effect, view).some((facts) => startFaults(view, facts).length > 0),
    },
    { codes: ['port-held'], when: onOneNode },
    {
      codes: ['filesystem-full'],
      when: onFullNode,
    },
    {
      codes: ['brick-not-mounted'],
      when: (effect, cause, view) =>
        nodesOf(effect, view).some((facts) =>
          bricksWithoutPath(facts).some(({ path }) => cause.subject === `brick/${facts.node}:${path}`),
        ),
    },
    {
      codes: ['brick-unread'],
      when: (effect, cause, view) =>
        onOneNode(effect, cause) &&
        nodesOf(effect, view).some((facts) => startFaults(view, facts).length > 0),
    },
  ],
  // On a drained node somebody works.
  repair: (finding, context) =>
    nodesOf(finding, context.view).some((n) => isDrained(n) || mutedBy(n).length > 0)
      ? []
      : startGlusterd(finding, context),
});

/** Volumes of which a brick was replaced after a rebalance: get-state fails, and a restart cures nothing. */
const mutedBy = ({ store, processes }: NodeFacts): readonly VolumeName[] =>
  processes.some((p) => p.role === 'glusterd' && p.state !== 'Z')
    ? [...store.volumes.values()].filter(({ task }) => task?.isReset === true).map(({ name }) => name)
    : [];

function found(facts: NodeFacts): Found {
  const { node, service } = facts;
  const process = facts.processes.find((p) => p.role === 'glusterd' && p.state !== 'Z');
  const isStarting = service.active === 'activating';
  const said = facts.memory.kind === 'up' ? '' : facts.memory.detail;
  const muted = mutedBy(facts);
  const since =
    muted.length === 0 ? '' : `: a brick of volume ${listed(muted)} was replaced after a rebalance`;
  return {
    severity: isStarting ? 'warning' : 'error',
    subject: `node/${node}`,
    nodes: [node],
    message: isStarting
      ? `glusterd on ${node} is starting`
      : process === undefined
        ? `glusterd on ${node} is down`
        : `glusterd on ${node} runs but does not say what it knows${since}`,
    evidence: [
      witness(node, 'gluster get-state', said),
      ...muted.map((v) => witness(node, `vols/${v}/node_state.info`, 'status=9 or 10: a brick was replaced')),
      witness(
        node,
        '/proc',
        process === undefined ? 'no glusterd' : `glusterd is pid ${String(process.pid)}`,
      ),
      ...(service.active === ''
        ? []
        : [
            witness(
              node,
              'systemctl show glusterd',
              `ActiveState=${service.active} Result=${service.result}`,
            ),
          ]),
    ],
    remedy:
      process === undefined
        ? '"glusterctl recover FILE": its start takes over and spreads volumes, which is checked first'
        : muted.length > 0
          ? muted.map((v) => `gluster volume rebalance ${v} fix-layout start`).join('; ')
          : `read /var/log/glusterfs/glusterd.log on ${node}`,
  };
}
