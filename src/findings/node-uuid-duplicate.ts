/** Two nodes that carry one identity. */
import { listed } from '../core/text.ts';
import { twinsIn } from '../view/trust.ts';
import { defineFinding, witness } from './finding.ts';

export const nodeUuidDuplicate = defineFinding({
  code: 'node-uuid-duplicate',
  explain: {
    title: 'Two nodes have the same uuid',
    meaning:
      'GlusterFS distinguishes its peers by uuid only. ' +
      'With two of one uuid, peers flap and a probe is refused.',
    cause: 'A machine was cloned, or made from an image in which glusterd had already run.',
    looksAt: 'UUID in /var/lib/glusterd/glusterd.info of every node.',
    repair: 'None by itself: which of them is the true one must be said by a person.',
    risk:
      'Never give a new uuid to the node whose uuid stands in brick files: ' +
      'its bricks would no longer be its own.',
    byHand: [
      'Choose the clone: the one that owns no bricks.',
      'On the clone: stop glusterd, remove glusterd.info, ' +
        'peers/* and vols/* below /var/lib/glusterd, start glusterd (it makes a new uuid).',
      'gluster peer probe CLONE, from another node',
    ],
  },
  detect: (view) =>
    twinsIn(view).map((group) => {
      const nodes = group.map((n) => n.node);
      return {
        severity: 'error' as const,
        subject: `node/${nodes.at(-1) ?? ''}`,
        nodes,
        message: `${listed(nodes)} have the same uuid`,
        evidence: group.map((n) => witness(n.node, 'glusterd.info', `UUID=${n.store.uuid ?? ''}`)),
        remedy: 'give the clone, which owns no bricks, a uuid of its own',
      };
    }),
});
