/**
 * Which copy of a volume is the right one: by the cluster file where it names the volume, else by evidence,
 * else by asking. Owns that decision, as an ordered list of rules; never guesses where data could hang on it.
 */
import { invariant } from '../../core/invariant.ts';
import type { DesiredVolume } from '../../model/desired.ts';
import { type NodeName, nodeName } from '../../model/names.ts';
import type { StoreBrick, StoreVolume } from '../../model/observed.ts';
import { PROTECTION } from '../../model/protection.ts';
import { memberNodes } from '../../view/pool.ts';
import { isProtectedBy, isProtectedOnNodes } from '../../view/protection.ts';
import { brickProcesses, type View, type VolumeView } from '../../view/view.ts';
import type { RepairContext } from './remedy.ts';
import { restrictionsLost } from './restrictions.ts';
import { wantedVolume } from './wanted.ts';

export type Choice =
  | { readonly kind: 'keep'; readonly from: NodeName; readonly why: string }
  | { readonly kind: 'delete'; readonly why: string }
  | { readonly kind: 'ask'; readonly question: string; readonly flags: readonly string[] };

/** Nodes with the same version and content. */
interface Side {
  readonly nodes: readonly NodeName[];
  readonly copy: StoreVolume;
}

/** A volume about which its nodes disagree, with all that a rule may ask. */
interface Case {
  readonly context: RepairContext;
  readonly volume: VolumeView;
  /** As the file names it, whatever it says. */
  readonly named: DesiredVolume | undefined;
  /** As the file wants it to exist. */
  readonly wanted: DesiredVolume | undefined;
  /** The largest first, then the higher version. */
  readonly sides: readonly Side[];
}

interface Rule {
  readonly name: string;
  /** Why it decides, and why at this place. */
  readonly because: string;
  readonly applies: (c: Case) => boolean;
  readonly choose: (c: Case) => Choice;
}

/** The first rule that applies decides. */
export const RULES: readonly Rule[] = [
  {
    name: 'one-is-a-copy',
    because: 'glusterd takes in both volumes; no preference for one copy answers which of them is real',
    applies: (c) => rivalIn(c) !== undefined,
    choose: (c) => ({ ...ask(c, oneIsACopy(c.volume.name, rivalIn(c))), flags: [] }),
  },
  {
    name: 'preferred',
    because: 'a person has named the node',
    applies: (c) => preferred(c) !== undefined,
    choose: (c) => ({
      kind: 'keep',
      from: nodeName(preferred(c) ?? ''),
      why: `--prefer volume/${c.volume.name}=${preferred(c) ?? ''}`,
    }),
  },
  {
    name: 'protected',
    because: 'protection wins over a deletion, also over one that has begun',
    applies: (c) => isHalfDeleted(c) && isProtectedOnNodes(c.context.view, c.volume.name),
    choose: (c) => ask(c, PROTECTED),
  },
  {
    name: 'half-deleted-in-service',
    because: 'clients may be at work on what the file says is gone',
    applies: (c) => isHalfDeleted(c) && isInService(c),
    // What is whole can be stopped, and then deleted, which a person has to allow by its name.
    choose: (c) =>
      c.context.isChangeNext === true && !isDivided(c)
        ? keep(c.sides[0], 'it still serves: it is made whole, then stopped and deleted')
        : ask(
            c,
            'the file says state: absent, but its bricks are serving. ' +
              'Make it whole, then delete it with "apply"',
          ),
  },
  {
    // To delete what every node has is a change, which has to be allowed: `apply` does that.
    name: 'half-deleted',
    because: 'the deletion has begun, and the file wants it',
    applies: isHalfDeleted,
    choose: () => ({ kind: 'delete', why: 'the file says state: absent' }),
  },
  {
    name: 'no-definition',
    because: 'there is no copy to keep',
    applies: ({ sides }) => sides.length === 0,
    choose: () => ({ kind: 'delete', why: 'no node has a definition' }),
  },
  {
    name: 'marks-of-the-bricks',
    because: 'of two volumes with one name, the bricks carry the id of the one whose data they hold',
    applies: (c) => isTwoVolumes(c) && marked(c) !== undefined,
    choose: (c) => keep(marked(c), `all its bricks carry its id ${marked(c)?.copy.id ?? ''}`),
  },
  {
    name: 'two-volumes',
    because: 'the bricks do not agree on whose data they hold',
    applies: isTwoVolumes,
    choose: (c) => ask(c, 'two different volumes have this name; whose data is wanted?'),
  },
  {
    name: 'restriction-lost',
    because: 'neither numbers nor a file that is silent about it may open to all what was closed',
    applies: (c) => lostIn(c).length > 0,
    choose: (c) =>
      ask(
        c,
        `${lostIn(c).join(', ')} would be lost with the copy that most nodes have, and the file does ` +
          'not say it. Name it in the file, or choose the copy',
      ),
  },
  {
    name: 'nearest-to-the-file',
    because: 'the file says which change was wanted, where the bricks are the same',
    applies: (c) => nearest(c) !== undefined,
    choose: (c) => keep(nearest(c), 'it is nearest to what the file says'),
  },
  {
    name: 'newest-majority',
    because: 'a minority that lags is what a commit leaves that failed on one node',
    applies: (c) => isDivided(c) && isMajority(c) && isNewest(c),
    choose: ({ sides }) =>
      keep(sides[0], `${String(sides[0]?.nodes.length ?? 0)} nodes have it, none a newer one`),
  },
  {
    name: 'majority-under-the-file',
    because: 'a minority ahead is what a commit leaves that reached few; the file makes up for the rest',
    applies: (c) => isDivided(c) && isMajority(c) && hasSameBricks(c) && c.wanted !== undefined,
    choose: ({ sides }) => keep(sides[0], 'most nodes have it; the file decides the rest'),
  },
  {
    name: 'divided',
    because: 'without the word of the file, a minority ahead may be the change that was wanted',
    applies: isDivided,
    choose: (c) => ask(c, 'which copy is right?'),
  },
  {
    name: 'named-in-the-file',
    because: 'all copies are the same, and the file wants the volume',
    applies: ({ wanted }) => wanted !== undefined,
    choose: ({ sides }) => keep(sides[0], 'the file names the volume'),
  },
  {
    name: 'running',
    because: 'clients may be at work on it',
    applies: isServed,
    choose: ({ sides }) => keep(sides[0], 'its bricks are running'),
  },
  {
    name: 'started-majority',
    because: 'most nodes have it, and it may hold data',
    applies: (c) =>
      (c.sides[0]?.nodes.length ?? 0) * 2 > memberCount(c) && c.sides[0]?.copy.status !== 'created',
    choose: (c) =>
      keep(
        c.sides[0],
        `${String(c.sides[0]?.nodes.length ?? 0)} of ${String(memberCount(c))} nodes have it, ` +
          'and it was started before',
      ),
  },
  {
    name: 'same-everywhere',
    because: 'what every member has is neither being made nor being deleted',
    applies: (c) => c.sides[0]?.nodes.length === memberCount(c),
    choose: ({ sides }) => keep(sides[0], 'every member has it'),
  },
  {
    name: 'unnamed',
    because: 'nothing shows whether it was being made or being deleted',
    applies: () => true,
    choose: (c) =>
      ask(c, 'shall it exist? Name it in the cluster file: with its bricks, or with state: absent'),
  },
];

export const PROTECTED =
  'the file says state: absent, but the volume is protected. Name it in the file as it was, and ' +
  'recover it; to delete it after that, let the protection go first, in a run of its own';

export function chooseCopy(context: RepairContext, volume: VolumeView): Choice {
  const c = caseOf(context, volume);
  const rule = ruleFor(c);
  invariant(rule, 'the last rule always applies');
  return rule.choose(c);
}

export const ruleFor = (c: Case): Rule | undefined => RULES.find((rule) => rule.applies(c));

export function caseOf(context: RepairContext, volume: VolumeView): Case {
  const named = wantedVolume(context.desired, volume.name);
  const wanted = named?.state === 'absent' ? undefined : named;
  return { context, volume, named, wanted, sides: sidesOf(volume) };
}

const keep = (side: Side | undefined, why: string): Choice => ({
  kind: 'keep',
  from: side?.nodes[0] ?? nodeName(''),
  why,
});

function ask({ volume, sides }: Case, question: string): Extract<Choice, { readonly kind: 'ask' }> {
  const copies = sides
    .map((s) => `${s.nodes.join(', ')}: version ${String(s.copy.version)}, ${s.copy.status}`)
    .join(' · ');
  return {
    kind: 'ask',
    question: `volume ${volume.name} (${copies}): ${question}`,
    flags: sides.map((s) => `--prefer volume/${volume.name}=${s.nodes[0] ?? ''}`),
  };
}

function sidesOf(volume: VolumeView): readonly Side[] {
  const sides = new Map<string, { nodes: NodeName[]; copy: StoreVolume }>();
  for (const [node, copy] of volume.copies) {
    const bricks = copy.bricks.map((b) => `${b.ownerUuid ?? ''}${b.brickId}`).join();
    const key = `${String(copy.version)} ${copy.signature} ${bricks}`;
    const side = sides.get(key);
    if (side === undefined) sides.set(key, { nodes: [node], copy });
    else side.nodes.push(node);
  }
  return [...sides.values()].sort(
    (a, b) => b.nodes.length - a.nodes.length || b.copy.version - a.copy.version,
  );
}

const memberCount = ({ context }: Case): number => memberNodes(context.view).length;

function preferred({ context, volume }: Case): string | undefined {
  const node = context.prefer.get(volume.name);
  return node !== undefined && volume.copies.has(nodeName(node)) ? node : undefined;
}

function isHalfDeleted({ context, volume, named }: Case): boolean {
  return named?.state === 'absent' && !memberNodes(context.view).every((node) => volume.copies.has(node));
}

function isTwoVolumes({ sides }: Case): boolean {
  return new Set(sides.map((s) => s.copy.id)).size > 1;
}

function isDivided({ sides }: Case): boolean {
  return sides.length > 1;
}

const isMajority = ({ sides }: Case): boolean =>
  (sides[0]?.nodes.length ?? 0) > (sides[1]?.nodes.length ?? 0);

const isNewest = ({ sides }: Case): boolean =>
  sides[0]?.copy.version === Math.max(...sides.map((s) => s.copy.version));

const hasSameBricks = ({ sides }: Case): boolean =>
  new Set(sides.map((s) => s.copy.bricks.map((b) => `${b.hostname}:${b.path}`).join(' '))).size === 1;

/** The one side whose id all its bricks carry. */
function marked({ context: { view }, sides }: Case): Side | undefined {
  const matching = sides.filter((side) =>
    side.copy.bricks.every((b) => {
      const owner = view.ownerOf(b);
      return owner !== undefined && view.facts(owner)?.paths.get(b.path)?.volumeId === side.copy.id;
    }),
  );
  return new Set(matching.map((side) => side.copy.id)).size === 1 ? matching[0] : undefined;
}

/** The side of which the file would have to change less than of any other. */
function nearest(c: Case): Side | undefined {
  const { wanted } = c;
  if (wanted === undefined || !isDivided(c) || !hasSameBricks(c)) return undefined;
  const [first, second] = c.sides
    .map((side) => ({ side, distance: distance(side.copy, wanted) }))
    .sort((a, b) => a.distance - b.distance);
  return first !== undefined && second !== undefined && first.distance < second.distance
    ? first.side
    : undefined;
}

/** Restrictions that some copy has, and that the copy which would be chosen has lost. */
function lostIn(c: Case): readonly string[] {
  const { wanted, sides } = c;
  const chosen =
    isDivided(c) && !isTwoVolumes(c) ? (nearest(c) ?? (isMajority(c) ? sides[0] : undefined)) : undefined;
  if (chosen === undefined) return [];
  // A file that is silent about a protection does not let it go: that is a run of its own.
  const isDecided = (key: string): boolean =>
    key === PROTECTION
      ? wanted?.protect === true
      : wanted?.optionsMode === 'exact' || wanted?.options.has(key) === true;
  const lost = sides.flatMap((side) => restrictionsLost(side.copy, chosen.copy));
  return [...new Set(lost)].filter((line) => !isDecided(line.slice(0, line.indexOf('='))));
}

/** How many things the file would have to change. */
function distance(copy: StoreVolume, wanted: DesiredVolume): number {
  const options = [...wanted.options].filter(([name, value]) => copy.options.get(name) !== value).length;
  const state = (copy.status === 'started') === (wanted.state === 'started') ? 0 : 1;
  const bricks = copy.bricks.map((b) => b.path).join() === wanted.bricks.map((b) => b.path).join() ? 0 : 10;
  const protection = isProtectedBy(copy.options) === wanted.protect ? 0 : 1;
  return options + state + bricks + protection;
}

/** A brick that another volume has too: a directory in vols/ that somebody copied. glusterd takes in both. */
export function rivalOf(view: View, volume: StoreVolume): Rival | undefined {
  const bricks = new Set(volume.bricks.map(placeOf));
  for (const { name, best } of view.volumes.values()) {
    const shared = name === volume.name ? undefined : best.bricks.find((b) => bricks.has(placeOf(b)));
    if (shared !== undefined) return { name, brick: placeOf(shared) };
  }
  return undefined;
}

interface Rival {
  readonly name: string;
  readonly brick: string;
}

const rivalIn = ({ context, volume, named }: Case): Rival | undefined =>
  named === undefined ? rivalOf(context.view, volume.best) : undefined;

const placeOf = ({ hostname, path }: StoreBrick): string => `${hostname}:${path}`;

export const oneIsACopy = (volume: string, rival: Rival | undefined): string =>
  `${rival?.brick ?? ''} is a brick of ${volume} and of ${rival?.name ?? ''}: ` +
  'one of the two is a copy. Take its directory out of vols/ on every node, ' +
  'with every glusterd stopped';

/**
 * More than half of its bricks run: clients may be at work. A node that missed the deletion runs only its
 * own.
 */
function isInService({ context: { view }, volume }: Case): boolean {
  const { bricks, status } = volume.best;
  const running = bricks.filter((b) => {
    const owner = view.ownerOf(b);
    const facts = owner === undefined ? undefined : view.facts(owner);
    return facts !== undefined && brickProcesses(facts, volume.name, b.path).length > 0;
  });
  return status === 'started' && running.length * 2 > bricks.length;
}

function isServed({ context: { view }, volume }: Case): boolean {
  return (
    volume.best.status === 'started' &&
    view.nodes.some((facts) =>
      volume.best.bricks.some((b) => brickProcesses(facts, volume.name, b.path).length > 0),
    )
  );
}
