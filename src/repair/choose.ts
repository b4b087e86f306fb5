/**
 * Which copy of a volume is the right one: by the cluster file where it names the volume, else by evidence,
 * else by asking. Owns that decision; never guesses where data could hang on it.
 */
import type { DesiredVolume } from '../model/desired.ts';
import { type NodeName, nodeName } from '../model/names.ts';
import type { StoreBrick, StoreVolume } from '../model/observed.ts';
import { brickProcesses, type View, type VolumeView } from '../view/view.ts';
import { memberNodes } from '../view/pool.ts';
import type { RepairContext } from './remedy.ts';

export type Choice =
  | { readonly kind: 'keep'; readonly from: NodeName; readonly why: string }
  | { readonly kind: 'delete'; readonly why: string }
  | { readonly kind: 'ask'; readonly question: string; readonly flags: readonly string[] };

interface Side {
  readonly nodes: readonly NodeName[];
  readonly copy: StoreVolume;
}

export function chooseCopy(context: RepairContext, volume: VolumeView): Choice {
  const { view, desired, prefer } = context;
  const named = desired.volumes.find((v) => v.name === volume.name);
  const rival = named === undefined ? rivalOf(view, volume.best) : undefined;
  // No preference for one node's copy answers this: both volumes would be on every node.
  if (rival !== undefined)
    return { ...ask(volume, sidesOf(volume), oneIsACopy(volume.name, rival)), flags: [] };
  const preferred = prefer.get(volume.name);
  if (preferred !== undefined && volume.copies.has(nodeName(preferred)))
    return { kind: 'keep', from: nodeName(preferred), why: `--prefer volume/${volume.name}=${preferred}` };
  const sides = sidesOf(volume);
  const isWhole = memberNodes(view).every((node) => volume.copies.has(node));
  if (named?.state === 'absent' && !isWhole)
    return inService(context, volume)
      ? ask(
          volume,
          sides,
          'the file says state: absent, but its bricks are serving. Make it whole, then delete it with "apply"',
        )
      : { kind: 'delete', why: 'the file says state: absent' };
  // To delete what every node has is a change, which has to be allowed; here the nodes are only made equal.
  const wanted = named?.state === 'absent' ? undefined : named;
  const only = sides[0];
  if (only === undefined) return { kind: 'delete', why: 'no node has a definition' };
  if (new Set(sides.map((s) => s.copy.id)).size > 1) return byMarks(context, volume, sides);
  if (sides.length > 1) return among(sides, wanted, volume);
  if (wanted !== undefined) return keep(only, 'the file names the volume');
  if (served(context, volume)) return keep(only, 'its bricks are running');
  if (only.nodes.length * 2 > memberNodes(view).length && only.copy.status !== 'created')
    return keep(
      only,
      `${String(only.nodes.length)} of ${String(memberNodes(view).length)} nodes have it, and it was started before`,
    );
  return ask(
    volume,
    sides,
    'shall it exist? Name it in the cluster file: with its bricks, or with state: absent',
  );
}

const keep = (side: Side, why: string): Choice => ({
  kind: 'keep',
  from: side.nodes[0] ?? nodeName(''),
  why,
});

function ask(
  volume: VolumeView,
  sides: readonly Side[],
  question: string,
): Extract<Choice, { readonly kind: 'ask' }> {
  const told = sides
    .map((s) => `${s.nodes.join(', ')}: version ${String(s.copy.version)}, ${s.copy.status}`)
    .join(' · ');
  return {
    kind: 'ask',
    question: `volume ${volume.name} (${told}): ${question}`,
    flags: sides.map((s) => `--prefer volume/${volume.name}=${s.nodes[0] ?? ''}`),
  };
}

/**
 * Nodes with the same version and content stand together; the largest group first, then the higher version.
 */
function sidesOf(volume: VolumeView): readonly Side[] {
  const sides = new Map<string, { nodes: NodeName[]; copy: StoreVolume }>();
  for (const [node, copy] of volume.copies) {
    const key = `${String(copy.version)} ${copy.signature} ${copy.bricks.map((b) => `${b.ownerUuid ?? ''}${b.brickId}`).join()}`;
    const side = sides.get(key);
    if (side === undefined) sides.set(key, { nodes: [node], copy });
    else side.nodes.push(node);
  }
  return [...sides.values()].sort(
    (a, b) => b.nodes.length - a.nodes.length || b.copy.version - a.copy.version,
  );
}

/**
 * A lagging minority is what a commit that failed on one node leaves; a minority ahead of the rest is what a
 * commit leaves that reached few. The file tells which was wanted; without its word a minority that is ahead
 * is asked about.
 */
function among(sides: readonly Side[], wanted: DesiredVolume | undefined, volume: VolumeView): Choice {
  const [largest, second] = sides;
  if (largest === undefined || second === undefined) return ask(volume, sides, 'which copy is right?');
  const newest = Math.max(...sides.map((s) => s.copy.version));
  const bricks = new Set(sides.map((s) => s.copy.bricks.map((b) => `${b.hostname}:${b.path}`).join(' ')));
  if (bricks.size === 1 && wanted !== undefined) {
    const ranked = [...sides].sort((a, b) => distance(a.copy, wanted) - distance(b.copy, wanted));
    if (
      ranked[0] !== undefined &&
      ranked[1] !== undefined &&
      distance(ranked[0].copy, wanted) < distance(ranked[1].copy, wanted)
    )
      return keep(ranked[0], 'it is nearest to what the file says');
  }
  if (largest.nodes.length > second.nodes.length && largest.copy.version === newest)
    return keep(largest, `${String(largest.nodes.length)} nodes have it, none a newer one`);
  if (bricks.size === 1 && wanted !== undefined && largest.nodes.length > second.nodes.length)
    return keep(largest, 'most nodes have it; the file decides the rest');
  return ask(volume, sides, 'which copy is right?');
}

/** How many things the file would have to change. */
function distance(copy: StoreVolume, wanted: DesiredVolume): number {
  const options = [...wanted.options].filter(([name, value]) => copy.options.get(name) !== value).length;
  const state = (copy.status === 'started') === (wanted.state === 'started') ? 0 : 1;
  const bricks = copy.bricks.map((b) => b.path).join() === wanted.bricks.map((b) => b.path).join() ? 0 : 10;
  return options + state + bricks;
}

/**
 * Two volumes of one name: the bricks carry the id of the one whose data they hold. All of them, or a person
 * decides.
 */
function byMarks({ view }: RepairContext, volume: VolumeView, sides: readonly Side[]): Choice {
  const matching = sides.filter((side) =>
    side.copy.bricks.every((b) => {
      const owner = view.ownerOf(b);
      return owner !== undefined && view.facts(owner)?.paths.get(b.path)?.volumeId === side.copy.id;
    }),
  );
  const [match] = matching;
  if (match !== undefined && new Set(matching.map((m) => m.copy.id)).size === 1)
    return keep(match, `all its bricks carry its id ${match.copy.id}`);
  return ask(volume, sides, 'two different volumes have this name; whose data is wanted?');
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

const placeOf = ({ hostname, path }: StoreBrick): string => `${hostname}:${path}`;

export const oneIsACopy = (volume: string, { name, brick }: Rival): string =>
  `${brick} is a brick of ${volume} and of ${name}: one of the two is a copy. Take its directory out of vols/ on every node, with every glusterd stopped`;

/**
 * More than half of its bricks run: clients may be at work. A node that missed the deletion runs only its
 * own.
 */
function inService({ view }: RepairContext, volume: VolumeView): boolean {
  const { bricks, status } = volume.best;
  const running = bricks.filter((b) => {
    const owner = view.ownerOf(b);
    const facts = owner === undefined ? undefined : view.facts(owner);
    return facts !== undefined && brickProcesses(facts, volume.name, b.path).length > 0;
  });
  return status === 'started' && running.length * 2 > bricks.length;
}

const served = ({ view }: RepairContext, volume: VolumeView): boolean =>
  volume.best.status === 'started' &&
  view.nodes.some((facts) =>
    volume.best.bricks.some((b) => brickProcesses(facts, volume.name, b.path).length > 0),
  );
