/** A machine that the file calls new, and that is the old one. */
import type { Desired } from '../model/desired.ts';
import { identityWitnesses } from '../view/identity.ts';
import { poolIn } from '../view/pool.ts';
import { formerUuids, hasLostIdentity, isWiped } from '../view/trust.ts';
import type { View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';

export const nodeNotNew = defineFinding({
  code: 'node-not-new',
  explain: {
    title: 'A machine that is said to be new is the old one',
    meaning:
      'The file says "replaces: NODE" of NODE itself: its machine was lost, and a new one has its name. ' +
      'This one has lost its store and is the old one all the same. Nothing is changed.',
    cause: 'Its store was lost, or it was installed again, and its disks or its uuid are still there.',
    looksAt:
      'The uuid in its store and in the memory of its glusterd, the argv of its bricks, ' +
      'and the volume-id of its brick directories, against what the others have of it.',
    repair: 'None: its bricks have their files, and there is nothing to replace.',
    risk: 'None: nothing is touched.',
    byHand: ['Take "replaces" out of the file; then "glusterctl recover FILE" puts its store back.'],
  },
  detect: (view, desired) => desired.nodes.flatMap((n) => (n.isNewMachine === true ? found(n, view) : [])),
  needsDecision: true,
  forbidsChange: true,
});

/** One that has its store is in its place already: the line has done its work. */
function found({ name }: Desired['nodes'][number], view: View): readonly Found[] {
  const facts = view.facts(name);
  if (facts === undefined || !(isWiped(view, facts) || hasLostIdentity(view, facts))) return [];
  const { uuid } = facts.store;
  const isListed = uuid !== undefined && poolIn(view).listedAs(name).has(uuid);
  const witnesses = [...formerUuids(view, facts).keys()].flatMap((u) => identityWitnesses(view, facts, u));
  if (!isListed && witnesses.length === 0) return [];
  return [
    {
      severity: 'error',
      subject: `node/${name}`,
      nodes: [name],
      message: `${name} is not a new machine: nothing to replace`,
      evidence: [
        ...(isListed ? [witness(name, 'glusterd.info', `UUID=${uuid}, by which the others know it`)] : []),
        ...witnesses.map((line) => `${name}: ${line}`),
      ],
      remedy: 'take "replaces" out of the file, then "glusterctl recover FILE"',
    },
  ];
}
