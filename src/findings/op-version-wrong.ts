/** An operating version in glusterd.info that is not there, or that the installed program does not know. */
import type { NodeFacts } from '../model/observed.ts';
import { highestOpVersion } from '../view/op-version.ts';
import { isOpVersionTooHigh } from '../view/start-blockers.ts';
import { isUnread, trustedMembers } from '../view/trust.ts';
import { stateOf, type View } from '../view/view.ts';
import { defineFinding, type Found, witness } from './finding.ts';
import { editOf, nodesOf, type Remedy } from './shared/remedy.ts';

export const opVersionWrong = defineFinding({
  code: 'op-version-wrong',
  explain: {
    title: 'An operating version that cannot be',
    meaning:
      'glusterd.info has no operating-version, or one above what the installed program knows. ' +
      'With one too high glusterd does not start ("wrong op-version retrieved"). ' +
      'Without one it starts at version 1, computes checksums in the old way, and is rejected.',
    cause:
      'The way back to an older package, a glusterd.info from another machine, ' +
      'or one that a configuration tool has written.',
    looksAt: 'operating-version in glusterd.info, and the release that is installed.',
    repair:
      'The number that the other members have is written while glusterd is stopped. ' +
      'Where they do not agree, or all have the same wrong one: none.',
    risk: 'glusterd is not started with it: a start that fails can take the bricks with it.',
    byHand: [
      'Stop glusterd on the node, if it runs.',
      'Write operating-version=NUMBER, as the others have it, into /var/lib/glusterd/glusterd.info.',
      'Start glusterd.',
    ],
  },
  detect: (view) =>
    view.nodes
      .filter(isWrong)
      .map((facts) => (isOpVersionTooHigh(facts) ? tooHigh(facts, view) : lost(facts, view))),
  repair: (finding, { view }) =>
    nodesOf(finding, view).flatMap((facts) => writtenAsOthers(facts, view, finding.message)),
});

/** Not of a file that is damaged, or of a node that never had one: those are reported as such. */
const isWrong = (facts: NodeFacts): boolean =>
  !isUnread(facts) &&
  facts.store.uuid !== undefined &&
  !facts.store.problems.some((p) => p.path === 'glusterd.info') &&
  (facts.store.operatingVersion === undefined || isOpVersionTooHigh(facts));

function tooHigh(facts: NodeFacts, view: View): Found {
  const { node, store, version = '', memory } = facts;
  const found = String(store.operatingVersion);
  const right = ofOthers(facts, view);
  const highest = String(highestOpVersion(version));
  return {
    severity: 'error',
    subject: `node/${node}`,
    nodes: [node],
    message:
      `glusterfs ${version} on ${node} does not know operating version ${found}` +
      (memory.kind === 'down'
        ? ', and glusterd is down: it does not start with it'
        : ': glusterd would not start again'),
    evidence: [
      witness(node, 'glusterd.info', `operating-version=${found}`),
      witness(node, `glusterfs ${version}`, `knows ${highest} and below`),
      ...othersSay(facts, view),
    ],
    remedy:
      right === undefined
        ? `install the release that knows ${found} on ${node}; or write operating-version=${highest} ` +
          'on all nodes, if the pool has never used anything newer'
        : '"glusterctl recover FILE"',
  };
}

function lost(facts: NodeFacts, view: View): Found {
  const { node } = facts;
  const believed = stateOf(facts)?.opVersion;
  return {
    severity: 'error',
    subject: `node/${node}`,
    nodes: [node],
    message:
      `glusterd.info of ${node} has no operating-version: ` + 'glusterd starts at version 1 and is rejected',
    evidence: [
      witness(node, 'glusterd.info', 'no operating-version'),
      ...(believed === undefined
        ? []
        : [witness(node, 'gluster get-state', `op-version: ${String(believed)}`)]),
      ...othersSay(facts, view),
    ],
    remedy:
      ofOthers(facts, view) === undefined
        ? `write operating-version=NUMBER into glusterd.info of ${node} while glusterd is stopped there`
        : '"glusterctl recover FILE"',
  };
}

const othersOf = (facts: NodeFacts, view: View): readonly NodeFacts[] =>
  trustedMembers(view).filter((n) => n !== facts && !isWrong(n));

const othersSay = (facts: NodeFacts, view: View): readonly string[] =>
  othersOf(facts, view).map((n) =>
    witness(n.node, 'glusterd.info', `operating-version=${String(n.store.operatingVersion)}`),
  );

/** The one number of the other members, where this program knows it; of a node alone, what it runs at. */
function ofOthers(facts: NodeFacts, view: View): number | undefined {
  const others = othersOf(facts, view);
  const numbers = new Set(others.map((n) => n.store.operatingVersion));
  const [number] = numbers.size > 0 ? numbers : [stateOf(facts)?.opVersion];
  const highest = facts.version === undefined ? undefined : highestOpVersion(facts.version);
  return numbers.size > 1 || number === undefined || number <= 1 || number > (highest ?? 0)
    ? undefined
    : number;
}

function writtenAsOthers(facts: NodeFacts, view: View, reason: string): readonly Remedy[] {
  const number = ofOthers(facts, view);
  const { uuid } = facts.store;
  if (number === undefined || uuid === undefined) return [];
  const lines = [`UUID=${uuid}`, `operating-version=${String(number)}`];
  return [editOf(facts, { kind: 'write', path: 'glusterd.info', lines }, reason)];
}
