/**
 * Nodes that shall be absent, as steps: each when all else is done and no brick is left on it, those that are
 * lost first. Owns what is said of bricks that keep a node in the pool.
 */
import { nodeDetach } from '../actions/node-detach.ts';
import { listed } from '../core/text.ts';
import type { Desired } from '../model/desired.ts';
import type { Finding, Step } from '../model/plan.ts';
import { bricksOn, type Departing, departing, type KeptBrick } from '../view/departure.ts';
import { pendingIn } from '../view/replacement.ts';
import type { View } from '../view/view.ts';
import { setsOf } from '../view/whole.ts';
import type { Part } from './part.ts';

/** `changing`: volumes with steps of the file, which take these bricks away. */
export function departures(desired: Desired, view: View, changing: ReadonlySet<string>): Part {
  const findings: Finding[] = [];
  const steps: Step[] = [];
  const waits: string[] = [];
  const lostFirst = [...departing(view)].sort((a, b) => Number(b.isGone) - Number(a.isGone));
  for (const each of lostFirst) {
    const kept = bricksOn(each, view);
    const staying = kept.filter(({ volume = '' }) => !changing.has(volume));
    if (staying.length > 0) findings.push(hasBricks(each, staying));
    else {
      const { node, uuid, isGone } = each;
      const by = desired.nodes.find((n) => n.name === node)?.replacedBy;
      const reason = by === undefined ? 'the file says state: absent' : `the file has ${by} in its place`;
      steps.push(nodeDetach.step({ node, uuid, isGone }, view, { reason, after: [] }));
      waits.push(...kept.map(({ place, of }) => `${place} is still a brick of ${of}`));
    }
  }
  if (steps.length > 0) waits.push(...healsIn(desired, view));
  return { steps: [], diffs: [], findings, owed: { steps, findings: [], waits } };
}

/**
 * Heals that go on, in volumes of the file: until then, what a brick held that has left the node is there
 * once more.
 */
const healsIn = ({ volumes }: Desired, view: View): readonly string[] =>
  volumes.flatMap(({ name }) => {
    const volume = view.volumes.get(name)?.best;
    return volume?.status !== 'started' ? [] : setsOf(volume).flatMap((set) => pendingIn(set, view));
  });

const hasBricks = ({ node }: Departing, bricks: readonly KeptBrick[]): Finding => ({
  code: 'node-has-bricks',
  severity: 'error',
  subject: `node/${node}`,
  nodes: [node],
  message:
    `${node} is not to be in the pool, and has bricks of ` + listed([...new Set(bricks.map((b) => b.of))]),
  evidence: bricks.map(({ place, of }) => `${place} is a brick of ${of}`),
  remedy:
    'give these volumes bricks on other nodes, or delete them, in a run before; a volume that the file ' +
    'does not name has to be named first ("glusterctl export FILE")',
});
