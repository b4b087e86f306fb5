/** Rules about replica and disperse sets: which numbers go together, how many bricks, and on which nodes. */
import { caution, mistake, type Mistake } from '../mistake.ts';
import { SET_BRICKS_MAX } from '../limits.ts';
import { count } from '../../core/text.ts';
import type { WrittenBrick, WrittenVolume } from '../written.ts';
import { eachPresentVolume, type Rule } from './rule.ts';

const ARBITER_REPLICA = 3;
const DISPERSE_DATA_MAX = 16;

const oneKindOfSet = eachPresentVolume(({ replica, disperse }) =>
  replica !== undefined && disperse !== undefined
    ? [
        mistake(
          Math.max(replica.at, disperse.at),
          disperse.path,
          'a volume is replicated or dispersed, not both; drop "replica" or "disperse"',
        ),
      ]
    : [],
);

const arbiterNeedsReplica3 = eachPresentVolume(({ arbiter, replica }) => {
  if (arbiter?.value !== 1 || replica?.value === ARBITER_REPLICA) return [];
  return [
    mistake(arbiter.at, arbiter.path, 'needs "replica: 3"; the third brick of each set is then the arbiter'),
  ];
});

const redundancyNeedsDisperse = eachPresentVolume(({ disperse, redundancy, name }) => {
  if (redundancy !== undefined && disperse === undefined)
    return [mistake(redundancy.at, redundancy.path, 'needs "disperse: N", the number of bricks in a set')];
  if (disperse === undefined || redundancy !== undefined) return [];
  // A number out of range has been reported; nothing is computed from it.
  if (disperse.value < 3 || disperse.value > SET_BRICKS_MAX) return [];
  const usual = String(glusterDefaultRedundancy(disperse.value));
  const set = String(disperse.value);
  const reason = `"redundancy" is missing; gluster would choose ${usual} for disperse ${set}`;
  return [mistake(disperse.at, name.path, reason)];
});

/**
 * As `cli_cmd_create_disperse_check`: the first redundancy below half with which the data bricks are a power
 * of two, else 1.
 */
function glusterDefaultRedundancy(disperse: number): number {
  for (let redundancy = 1; redundancy <= Math.floor((disperse - 1) / 2); redundancy++)
    if (isPowerOfTwo(disperse - redundancy)) return redundancy;
  return 1;
}

const isPowerOfTwo = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));

const redundancyFits = eachPresentVolume(({ disperse, redundancy }) => {
  if (disperse === undefined || redundancy === undefined) return [];
  const [all, spare] = [disperse.value, redundancy.value];
  if (all < 3 || spare < 1) return [];
  if (all <= 2 * spare) {
    const most = String(Math.floor((all - 1) / 2));
    return [
      mistake(
        redundancy.at,
        redundancy.path,
        `must be less than half of disperse: at most ${most} for disperse ${String(all)}`,
      ),
    ];
  }
  if (all - spare > DISPERSE_DATA_MAX)
    return [
      mistake(
        disperse.at,
        disperse.path,
        `has ${String(all - spare)} data bricks in a set; gluster allows ${String(DISPERSE_DATA_MAX)}`,
      ),
    ];
  if (isPowerOfTwo(all - spare)) return [];
  const data = String(all - spare);
  const reason = `${data} data bricks in a set are not a power of two, which is slow on most workloads`;
  return [caution(disperse.at, disperse.path, reason)];
});

const replica2SplitsBrain = eachPresentVolume(({ replica }) =>
  replica?.value === 2
    ? [
        caution(
          replica.at,
          replica.path,
          'two copies can disagree with no third to decide (split-brain); ' +
            '"replica: 3" with "arbiter: 1" needs little more space',
        ),
      ]
    : [],
);

const bricksFillSets = eachPresentVolume((volume) => {
  const set = setOf(volume);
  const { length } = volume.bricks;
  if (set === undefined || !volume.bricksComplete || length % set.size === 0) return [];
  const reason = `${count(length, 'brick')} cannot be divided into ${set.kind} sets of ${String(set.size)}`;
  const at = volume.bricks.at(-1)?.at ?? volume.name.at;
  return [mistake(at, [...volume.name.path, 'bricks'], reason)];
});

/** A disperse set loses nothing with a node that has no more of its bricks than its redundancy. */
const setsSurviveANode = eachPresentVolume((volume, { lineOf }) => {
  const set = setOf(volume);
  if (set === undefined || !volume.bricksComplete) return [];
  const findings: Mistake[] = [];
  let seen = new Map<string, readonly WrittenBrick[]>();
  for (const [i, brick] of volume.bricks.entries()) {
    if (i % set.size === 0) seen = new Map();
    const before = seen.get(brick.node) ?? [];
    const [first] = before;
    seen.set(brick.node, [...before, brick]);
    if (first === undefined || before.length < set.spare) continue;
    const number = String(Math.floor(i / set.size) + 1);
    const reason =
      set.spare > 1
        ? `${set.kind} set ${number} can do without ${String(set.spare)} bricks, and ` +
          `has that many on ${brick.node} already, so losing that node would lose its files`
        : `${set.kind} set ${number} already has a brick on ${brick.node} ` +
          `(line ${String(lineOf(first.at))}), so losing that node would lose both`;
    findings.push(mistake(brick.at, brick.path, reason));
  }
  return findings;
});

/** `spare`: how many of its bricks a node may have. */
function setOf({
  replica,
  disperse,
  redundancy,
}: WrittenVolume): { kind: 'replica' | 'disperse'; size: number; spare: number } | undefined {
  // With both, or with a size out of range, the sets are unclear; that has been reported already.
  if (replica !== undefined && disperse !== undefined) return undefined;
  if (replica !== undefined && replica.value >= 2) return { kind: 'replica', size: replica.value, spare: 1 };
  if (disperse !== undefined && disperse.value >= 3)
    return { kind: 'disperse', size: disperse.value, spare: Math.max(1, redundancy?.value ?? 1) };
  return undefined;
}

export const layoutRules: readonly Rule[] = [
  oneKindOfSet,
  arbiterNeedsReplica3,
  redundancyNeedsDisperse,
  redundancyFits,
  replica2SplitsBrain,
  bricksFillSets,
  setsSurviveANode,
];
