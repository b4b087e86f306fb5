/** A glusterd.vol that does not say what glusterd is: the program does not start with it. */
import { definesGlusterd } from '../view/start-blockers.ts';
import { defineFinding, witness } from './finding.ts';

export const glusterdVolDamaged = defineFinding({
  code: 'glusterd-vol-damaged',
  explain: {
    title: 'glusterd.vol is damaged',
    meaning:
      'The volfile of glusterd itself is empty, cut off, or not there. ' +
      'A glusterd that runs has read it long ago, and goes on; it does not start again.',
    cause: 'A power cut or a full disk while it was written, or a configuration tool that wrote nothing.',
    looksAt:
      'glusterd.vol, where the running glusterd says it is, else in /etc/glusterfs: ' +
      'whether it has a line "type mgmt/glusterd".',
    repair:
      'None by this tool: the file is yours, with your ports and addresses in it. ' +
      'Until it is whole, no repair stops or starts glusterd on the node.',
    risk: 'A restart for any other reason leaves the node without glusterd.',
    byHand: [
      'diff /etc/glusterfs/glusterd.vol, of this node and of another',
      'scp /etc/glusterfs/glusterd.vol NODE:/etc/glusterfs/, on a node where it is whole',
      'systemctl start glusterd, if it is down',
    ],
  },
  detect: (view) =>
    view.nodes
      .filter((facts) => facts.version !== undefined && !definesGlusterd(facts))
      .map((facts) => {
        const { node, memory, daemonConfig } = facts;
        const whole = view.nodes.find((n) => n.version !== undefined && definesGlusterd(n));
        return {
          severity: 'error' as const,
          subject: `node/${node}`,
          nodes: [node],
          message:
            `glusterd.vol of ${node} does not say what glusterd is` +
            (memory.kind === 'down'
              ? ', and glusterd is down: it does not start with it'
              : ': glusterd would not start again'),
          evidence: [
            witness(
              node,
              'glusterd.vol',
              daemonConfig.raw.trim() === '' ? 'is empty, or not there' : 'has no "type mgmt/glusterd"',
            ),
          ],
          remedy:
            whole === undefined
              ? `put /etc/glusterfs/glusterd.vol of ${node} back, from a backup or the package`
              : `on ${whole.node}: scp /etc/glusterfs/glusterd.vol ${node}:/etc/glusterfs/`,
        };
      }),
  needsDecision: true,
});
