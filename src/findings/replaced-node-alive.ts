/** A node that is to be replaced as lost, and is there. */
import { connectedToLeftOut } from '../view/pool.ts';
import type { Desired } from '../model/desired.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const replacedNodeAlive = defineFinding({
  code: 'replaced-node-alive',
  explain: {
    title: 'A node that is replaced is alive',
    meaning:
      'The file says "replaces: NODE" of another one, which is for a node that is lost. This one can be ' +
      'reached, or a glusterd is connected to it. Nothing is changed.',
    cause:
      'It has come back, or was never lost. Or it has gone down less than two minutes ago, or 16 where TCP ' +
      'still repeats what was being sent to it.',
    looksAt: 'Whether it answers SSH under its name, and what the other glusterds say of their peer.',
    repair: 'None: a node that lives is not taken for lost.',
    risk: 'None: nothing is touched.',
    byHand: [
      'Where it lives and shall go: "replaces" out of the file, the node into it with state: absent.',
      'Where it is lost: switch it off, and run the same command.',
      'Dead, and listed as Connected: ss -K dst ADDRESS, on each node that lists it so',
    ],
  },
  detect: (view, desired) => desired.nodes.flatMap((n) => (n.replacedBy === undefined ? [] : found(n, view))),
  needsDecision: true,
  forbidsChange: true,
});

function found({ name, replacedBy }: Desired['nodes'][number], view: View): readonly Found[] {
  const isRead = view.facts(name) !== undefined;
  const seeing = connectedToLeftOut(view, name);
  if (!isRead && seeing.length === 0) return [];
  return [
    {
      severity: 'error',
      subject: `node/${name}`,
      nodes: [name],
      message: `${name}, which ${replacedBy ?? ''} is to replace, is alive`,
      evidence: [
        ...(isRead ? [witness(name, 'ssh', 'it could be read')] : []),
        ...seeing.map((n) => witness(n.node, 'gluster get-state', `${name} Connected`)),
      ],
      remedy:
        `where it shall go though it lives: ${name} into the file with state: absent, and no "replaces". ` +
        'Where it has only just gone down, try again in two minutes',
    },
  ];
}
