/**
 * `add-brick` and `replace-brick … commit force`: whole replica sets come, or one brick takes the place of
 * another. Owns the new list of bricks; moves no data.
 */
import {
  type BrickWord,
  brickWord,
  crowdedSet,
  defineBrick,
  hostsRefused,
  placedOn,
  stageBricks,
} from './brick-stage.ts';
import { selfHeal, startBrick, stopBrick } from './brick.ts';
import { storeVolume, writeVolfiles } from './daemon-store.ts';
import type { Member, Operation } from './operation.ts';
import { isMovedHere } from './rebalance.ts';
import type { Answer } from './peer-change.ts';
import { type Brick, brickFile, isLocal, type Node, type Volume, volumeDir, type World } from './world.ts';

export const missing = (name: string): string => `Volume ${name} does not exist`;

export const moving = (name: string): string =>
  `Volume name ${name} rebalance is in progress. Please retry after completion`;

interface Words {
  readonly bricks: readonly BrickWord[];
  readonly words: readonly string[];
}

export function readWords(args: readonly string[]): Words {
  const bricks = args.map(brickWord);
  return {
    bricks: bricks.flatMap((b) => b ?? []),
    words: args.filter((_, i) => bricks[i] === undefined),
  };
}

/** What a command makes of the bricks of a volume; where that is a text, the command is refused. */
interface Changed {
  readonly kept: readonly Brick[];
  readonly gone: readonly Brick[];
  readonly fresh: readonly Brick[];
}

/** After it, memory, disk and processes are as the new list says; bricks that stay are left alone. */
export function relay({ world, node, daemon }: Member, name: string, changed: Changed): string | undefined {
  const old = daemon.volumes.get(name);
  if (old === undefined || daemon.importing.has(name)) return '';
  for (const brick of changed.gone) if (isLocal(node, brick)) stopBrick(world, node, old, brick);
  const volume: Volume = { ...old, version: old.version + 1, bricks: changed.kept };
  if (writeVolfiles(node, volume) !== undefined) return '';
  daemon.volumes.set(name, volume);
  for (const brick of changed.fresh)
    if (volume.status === 1 && isLocal(node, brick)) startBrick(world, node, daemon, volume, brick);
  selfHeal(world, node, daemon);
  for (const brick of changed.gone) node.disk.remove(`${volumeDir(name)}/bricks/${brickFile(brick)}`);
  return storeVolume(node, daemon, volume) === undefined ? undefined : '';
}

/** The number after the highest of all: a number that is free again is not given again. */
function nextIds({ name, bricks }: Volume, count: number): readonly string[] {
  const numbers = bricks.map((b) => Number(b.id.slice(`${name}-client-`.length)));
  const next = Math.max(-1, ...numbers) + 1;
  return Array.from({ length: count }, (_, i) => `${name}-client-${String(next + i)}`);
}

export function addBrickOperation(origin: Member, name: string, args: readonly string[]): Operation | string {
  const { bricks, words } = readWords(args);
  const force = words.includes('force');
  if (bricks.length === 0 || words.some((w) => w !== 'force')) return 'Wrong number of bricks';
  let fresh: readonly Brick[] = [];
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      if (isMovedHere(on.node, name)) return moving(name);
      if (on.node === origin.node) {
        const set = Math.max(1, volume.subCount);
        if (bricks.length % set !== 0)
          return `Incorrect number of bricks supplied ${String(bricks.length)} with count ${String(set)}`;
        const kind = volume.type === 4 ? 'disperse' : 'replicate';
        const refused = hostsRefused(on, bricks) ?? (force ? undefined : crowdedSet(bricks, set, kind));
        if (refused !== undefined) return refused;
        const ids = nextIds(volume, bricks.length);
        fresh = bricks.map((b, i) => defineBrick(on, b, ids[i] ?? ''));
      }
      return stageBricks(on, volume.id, fresh, force);
    },
    commit(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      const placed = fresh.map((b) => placedOn(on.node, b));
      return relay(on, name, { kept: [...volume.bricks, ...placed], gone: [], fresh: placed });
    },
  };
}

/** Files that the new member lacks, and how long the self-heal daemon takes for them. */
const LACKING = 20;
const HEALED_MS = 15_000;

/** What the other members of the set have waits for the new one, from inside the commit on. */
function markForHeal({ world, node }: Member, volume: Volume, source: Brick): void {
  const size = Math.max(1, volume.subCount);
  const set = Math.floor(volume.bricks.indexOf(source) / size);
  for (const { path } of volume.bricks.slice(set * size, (set + 1) * size).filter((b) => isLocal(node, b))) {
    if (path === source.path && isLocal(node, source)) continue;
    node.pendingHeals.set(path, LACKING);
    healSoon(world, node, path);
  }
}

function healSoon(world: World, node: Node, path: string): void {
  world.clock.after(HEALED_MS, () => {
    node.pendingHeals.set(path, 0);
  });
}

/** Of every node: what its self-heal daemon has missed. */
export function beginHeal({ world, daemon }: Member, name: string): Answer {
  const volume = daemon.volumes.get(name);
  if (volume === undefined) return { ret: -1, text: missing(name), isPlain: true };
  if (volume.status !== 1) return { ret: -1, text: `Volume ${name} is not started.`, isPlain: true };
  for (const node of world.nodes.values())
    for (const { path } of volume.bricks.filter((b) => isLocal(node, b)))
      if (node.unbegunHeals.delete(path)) healSoon(world, node, path);
  return { ret: 0, text: '', isPlain: true };
}

export function replaceBrickOperation(
  origin: Member,
  name: string,
  args: readonly string[],
): Operation | string {
  const { bricks, words } = readWords(args);
  const [from, to] = bricks;
  if (from === undefined || to === undefined || words.join(' ') !== 'commit force')
    return 'Usage:\nvolume replace-brick <VOLNAME> <SOURCE-BRICK> <NEW-BRICK> {commit force}';
  let fresh: Brick | undefined;
  const sourceOf = (volume: Volume): Brick | undefined =>
    volume.bricks.find((b) => b.hostname === from.host && b.path === from.path);
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      const source = sourceOf(volume);
      if (source === undefined) return `brick: ${from.host}:${from.path} does not exist in volume: ${name}`;
      if (on.node === origin.node) {
        const refused = hostsRefused(on, [to]);
        if (refused !== undefined) return refused;
        fresh = defineBrick(on, to, source.id);
      }
      return fresh === undefined ? '' : stageBricks(on, volume.id, [fresh], true);
    },
    commit(on) {
      const volume = on.daemon.volumes.get(name);
      const source = volume === undefined ? undefined : sourceOf(volume);
      if (volume === undefined || source === undefined || fresh === undefined) return missing(name);
      const placed = placedOn(on.node, fresh);
      const kept = volume.bricks.map((b) => (b === source ? placed : b));
      markForHeal(on, volume, source);
      return relay(on, name, { kept, gone: [source], fresh: [placed] });
    },
  };
}
