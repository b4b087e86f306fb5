/**
 * The cases of the fault matrix as data: every action, phase, role and fault, in a fixed order, and the rules
 * by which a combination makes no sense. Runs nothing.
 */
import { seeded } from '../../../src/simulator/random.ts';

export const PHASES = ['lock', 'pre-validate', 'commit', 'post-validate', 'unlock'] as const;
export const ROLES = ['coordinator', 'brick-owner', 'other-member', 'bystander'] as const;
export const FAULTS = [
  'command-fails',
  'cut-before',
  'cut-after',
  'glusterd-killed',
  'glusterd-crashed',
  'glusterd-frozen',
  'disk-full',
  'store-immutable',
  'node-rebooted',
  'controller-killed',
  'second-controller',
  'terminal-closed',
  'node-lost',
  'journal-lost',
  'killed-in-restart',
  'set-by-hand',
  'add-brick-by-hand',
  'replace-brick-by-hand',
] as const;

export type Phase = (typeof PHASES)[number];
export type Role = (typeof ROLES)[number];
export type Fault = (typeof FAULTS)[number];

/** What one case changes: the action of the product, and where its own commands run. */
export interface Change {
  readonly name: string;
  readonly action: string;
  readonly runsOn: Role;
  readonly repair?: true;
  /** Nothing takes it back. */
  readonly final?: true;
}

export const CHANGES: readonly Change[] = [
  { name: 'peer-attach', action: 'peer-attach', runsOn: 'coordinator' },
  { name: 'volume-create', action: 'volume-create', runsOn: 'coordinator' },
  { name: 'volume-start', action: 'volume-start', runsOn: 'coordinator' },
  { name: 'volume-set', action: 'volume-options', runsOn: 'coordinator' },
  { name: 'volume-reset', action: 'volume-options', runsOn: 'coordinator' },
  { name: 'volume-stop', action: 'volume-stop', runsOn: 'coordinator' },
  { name: 'volume-delete', action: 'volume-delete', runsOn: 'coordinator' },
  { name: 'volume-add-bricks', action: 'volume-add-bricks', runsOn: 'coordinator' },
  { name: 'volume-add-copies', action: 'volume-add-copies', runsOn: 'coordinator' },
  { name: 'volume-remove-copies', action: 'volume-remove-copies', runsOn: 'coordinator', final: true },
  { name: 'brick-replace', action: 'brick-replace', runsOn: 'coordinator', final: true },
  { name: 'node-detach', action: 'node-detach', runsOn: 'coordinator' },
  { name: 'brick-start', action: 'brick-start', runsOn: 'brick-owner', repair: true },
  { name: 'glusterd-start', action: 'glusterd-start', runsOn: 'brick-owner', repair: true },
  { name: 'store-repair', action: 'store-repair', runsOn: 'brick-owner', repair: true },
  { name: 'self-heal-start', action: 'self-heal-start', runsOn: 'coordinator', repair: true },
  { name: 'pidfile-remove', action: 'pidfile-remove', runsOn: 'brick-owner', repair: true },
];

/** Actions without cases of their own, each with the reason. */
export const NOT_MADE: readonly (readonly [string, string])[] = [
  ['peer-detach', 'only a rollback takes it: the cases of peer-attach do'],
  ['brick-clean', 'only a rollback takes it: the cases of volume-create do'],
  ['store-restore', 'only a rollback takes it: the cases of store-repair do'],
  ['volume-withdraw-bricks', 'only a rollback takes it: the cases of volume-add-bricks do'],
  ['volume-withdraw-copies', 'only a rollback takes it: the cases of volume-add-copies do'],
  ['brick-vacate', 'only a rollback takes it: the cases that bring bricks do'],
  ['volume-restore', 'one of `restore` alone'],
  ['volume-rebalance', 'needs a volume that has grown under a client; its end is waited for'],
  ['volume-rebalance-stop', 'only a rollback takes it, of a rebalance'],
  ['volume-remove-bricks', 'needs files that move; its end is waited for'],
  ['volume-remove-bricks-stop', 'needs a removal that moves files'],
  ['volume-remove-bricks-commit', 'needs a removal that has moved all files'],
  ['volume-remove-lost', 'needs disks that are gone'],
  ['brick-reset', 'needs a disk that is exchanged'],
  ['brick-unmark', 'needs marks that nobody took off'],
  ['volume-ports-store', 'needs a port on disk that is not the one in use'],
  ['drain-mark', 'one of `drain` and `undrain` alone'],
  ['node-bricks-stop', 'one of `drain` alone'],
  ['node-bricks-start', 'one of `undrain` alone'],
  ['daemon-start', 'needs a daemon of another feature'],
  ['daemon-end', 'needs a daemon that nobody wants'],
  ['brick-start-force', 'needs a glusterd that holds no port for its brick'],
  ['process-end', 'needs an orphan process, which takes too long to make for a matrix'],
  ['brick-restart', 'needs a brick on a foreign port, which takes too long to make for a matrix'],
];

export interface Case {
  readonly name: string;
  readonly change: Change;
  readonly phase: Phase;
  readonly role: Role;
  readonly fault: Fault;
}

type Rule = (c: Case) => boolean;

/** Each kills the controller; what is done by hand comes between that and the recovery. */
export const BY_HAND = ['set-by-hand', 'add-brick-by-hand', 'replace-brick-by-hand'] as const;
export type ByHand = (typeof BY_HAND)[number];
export const isByHand = (fault: Fault): fault is ByHand => BY_HAND.some((f) => f === fault);

const OF_THE_CONTROLLER: readonly Fault[] = [
  'controller-killed',
  'second-controller',
  'terminal-closed',
  'killed-in-restart',
  ...BY_HAND,
];
/** The volume is there before and after, and started in one of the two. */
const OF_A_VOLUME = ['volume-start', 'volume-set', 'volume-reset', 'volume-stop'];

const JOINS_OR_LEAVES = ['peer-attach', 'node-detach'];

const OF_GLUSTERD: readonly Fault[] = [
  'glusterd-killed',
  'glusterd-crashed',
  'glusterd-frozen',
  'command-fails',
];

/** The first that holds is why a combination is left out. */
const RULES: readonly (readonly [string, Rule])[] = [
  [
    'a fault of the controller has no node: it is run once, not once a role',
    (c) => OF_THE_CONTROLLER.includes(c.fault) && c.role !== 'coordinator',
  ],
  [
    'a node that joins or leaves makes no member a bystander',
    (c) => JOINS_OR_LEAVES.includes(c.change.name) && c.role === 'bystander',
  ],
  [
    'nothing is committed yet: another fault has the node rebooted, or the controller killed',
    (c) =>
      (c.fault === 'node-lost' || c.fault === 'journal-lost' || isByHand(c.fault)) &&
      (c.phase === 'lock' || c.phase === 'pre-validate'),
  ],
  [
    'a node is lost, or a journal, with a change of a volume that is rolled back',
    (c) =>
      (c.fault === 'node-lost' || c.fault === 'journal-lost') &&
      (c.change.repair === true || c.change.final === true || JOINS_OR_LEAVES.includes(c.change.name)),
  ],
  [
    'what is done by hand is done to a volume that is there',
    (c) => isByHand(c.fault) && !OF_A_VOLUME.includes(c.change.name),
  ],
  [
    'a rollback that stops glusterd begins with a commit that fails on a volume that is there',
    (c) => c.fault === 'killed-in-restart' && (c.phase !== 'commit' || !OF_A_VOLUME.includes(c.change.name)),
  ],
  [
    'no gluster command runs in this phase',
    (c) => c.fault === 'command-fails' && (c.phase === 'lock' || c.phase === 'unlock'),
  ],
  [
    'the step runs its command on another node',
    (c) => c.fault === 'command-fails' && c.phase === 'commit' && c.role !== c.change.runsOn,
  ],
  [
    'the step runs no gluster command',
    (c) => c.fault === 'command-fails' && c.phase === 'commit' && c.change.name === 'pidfile-remove',
  ],
  [
    'the lock writes nothing to the disk',
    (c) => (c.fault === 'disk-full' || c.fault === 'store-immutable') && c.phase === 'lock',
  ],
  [
    'that glusterd is down until the commit',
    (c) =>
      c.change.name === 'glusterd-start' &&
      c.role === 'brick-owner' &&
      OF_GLUSTERD.includes(c.fault) &&
      c.phase !== 'post-validate' &&
      c.phase !== 'unlock',
  ],
];

export const ALL: readonly Case[] = CHANGES.flatMap((change) =>
  PHASES.flatMap((phase) =>
    ROLES.flatMap((role) =>
      FAULTS.map((fault) => ({
        name: [change.name, phase, OF_THE_CONTROLLER.includes(fault) ? 'controller' : role, fault].join('/'),
        change,
        phase,
        role,
        fault,
      })),
    ),
  ),
);

export const ruleAgainst = (c: Case): string | undefined => RULES.find(([, holds]) => holds(c))?.[0];

export const CASES: readonly Case[] = ALL.filter((c) => ruleAgainst(c) === undefined);

/** How many each rule leaves out. */
export function skipped(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const c of ALL) {
    const rule = ruleAgainst(c);
    if (rule !== undefined) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return counts;
}

/**
 * One of each of `count` equal slices, which one by the seed: even over all, and in step with none of the
 * lists.
 */
export function sampled(cases: readonly Case[], count: number, seed: number): readonly Case[] {
  if (count >= cases.length) return cases;
  const random = seeded(seed);
  return Array.from({ length: count }, (_, i) => {
    const [from, to] = [i, i + 1].map((n) => Math.floor((n * cases.length) / count));
    return cases[random.int(from!, to! - 1)]!;
  });
}
