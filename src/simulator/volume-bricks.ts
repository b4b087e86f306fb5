/**
 * `add-brick`, `replace-brick … commit force` and `reset-brick`: whole sets come, or further members of each
 * set, or one brick takes the place of another, or of itself. Owns the new list of bricks, and how new
 * members are filled.
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
import { EC_VERSION, localBricks, selfHeal, startBrick, stopBrick } from './brick.ts';
import { storeTask, storeVolume, writeVolfiles } from './daemon-store.ts';
import type { Member, Operation } from './operation.ts';
import { isMovedHere } from './rebalance.ts';
import type { Answer } from './peer-change.ts';
import {
  type Brick,
  brickFile,
  isLocal,
  type Node,
  nodeOf,
  type Volume,
  volumeDir,
  type World,
} from './world.ts';

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
  /** Where the sets become larger or smaller. */
  readonly layout?: Pick<Volume, 'type' | 'subCount' | 'replica' | 'arbiter' | 'options'>;
}

/** After it, memory, disk and processes are as the new list says; bricks that stay are left alone. */
export function relay({ world, node, daemon }: Member, name: string, changed: Changed): string | undefined {
  const old = daemon.volumes.get(name);
  if (old === undefined || daemon.importing.has(name)) return '';
  for (const brick of changed.gone) if (isLocal(node, brick)) stopBrick(world, node, old, brick);
  const volume: Volume = { ...old, ...changed.layout, version: old.version + 1, bricks: changed.kept };
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
  const force = words.at(-1) === 'force';
  const counts = countsIn(force ? words.slice(0, -1) : words);
  if (bricks.length === 0 || counts === undefined) return 'Wrong number of bricks';
  if (counts.replica > 1) return addCopiesOperation(origin, name, { bricks, force, ...counts });
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

/** "replica 3 arbiter 1"; undefined: other words. */
function countsIn(words: readonly string[]): { replica: number; arbiter: number } | undefined {
  const [, replica = '1', arbiter = '0'] =
    /^(?:replica (\d+))?(?: arbiter (\d+))?$/.exec(words.join(' ')) ?? ([undefined] as const);
  return words.length > 0 && replica === '1'
    ? undefined
    : { replica: Number(replica), arbiter: Number(arbiter) };
}

/** Seen on 10.3 as a volume gets its first copies, and as it loses the last. */
export const SET_WITH_COPIES = 'performance.client-io-threads';

interface Copies {
  readonly bricks: readonly BrickWord[];
  readonly force: boolean;
  readonly replica: number;
  readonly arbiter: number;
}

function copiesRefused(volume: Volume, { bricks, replica }: Copies): string | undefined {
  const sets = volume.bricks.length / Math.max(1, volume.subCount);
  const has = String(volume.replica);
  if (volume.type === 2 && replica < volume.replica)
    return `Incorrect replica count (${String(replica)}) supplied. Volume already has (${has})`;
  if (bricks.length === sets * (replica - volume.replica)) return undefined;
  const counts = `(${String(bricks.length)}) supplied for replica count (${String(replica)})`;
  return volume.type === 0 ? `Incorrect number of bricks ${counts}.` : 'Operation failed';
}

/** A further member, or several, last in each set. */
function addCopiesOperation(origin: Member, name: string, copies: Copies): Operation {
  const { bricks, force, replica, arbiter } = copies;
  let fresh: readonly Brick[] = [];
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      if (isMovedHere(on.node, name)) return moving(name);
      const refused = on.node === origin.node ? copiesRefused(volume, copies) : undefined;
      if (refused !== undefined) return refused;
      if (volume.type === 2 && volume.status !== 1)
        return ' Volume must not be in stopped state when replica-count needs to  be increased.';
      if (volume.arbiter > 0) return 'Increasing replica count for arbiter volumes is not supported.';
      if (on.node === origin.node) {
        // Also those of other sets count.
        const hosts = [...new Set(volume.bricks.map((b) => b.hostname)), ...bricks.map((b) => b.host)];
        const all = hosts.map((host) => ({ host, path: '' }));
        const crowd = volume.type === 2 && !force ? crowdedSet(all, all.length, 'replicate') : undefined;
        if (crowd !== undefined) return crowd;
      }
      const down = localBricks(on.node, volume).find((b) => b.status !== 'Started');
      if (down !== undefined && !force)
        return (
          `Brick ${down.path} is down, changing replica count needs all the bricks to be up ` +
          'to avoid data loss'
        );
      if (on.node === origin.node) {
        const unknown = hostsRefused(on, bricks);
        if (unknown !== undefined) return unknown;
        const ids = nextIds(volume, bricks.length);
        fresh = bricks.map((b, i) => defineBrick(on, b, ids[i] ?? ''));
      }
      return stageBricks(on, volume.id, fresh, force);
    },
    commit(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      const placed = fresh.map((b) => placedOn(on.node, b));
      const more = replica - volume.replica;
      const kept = setsIn(volume).flatMap((set, i) => [...set, ...placed.slice(i * more, (i + 1) * more)]);
      const options =
        volume.type === 2
          ? volume.options
          : new Map([
              [SET_WITH_COPIES, 'off'],
              ...[...volume.options].filter(([o]) => o !== SET_WITH_COPIES),
            ]);
      const layout = { type: 2, subCount: replica, replica, arbiter, options } as const;
      const before = setsIn(volume);
      const failed = relay(on, name, { kept, gone: [], fresh: placed, layout });
      if (failed !== undefined) return failed;
      before.forEach((set, i) => {
        for (const brick of placed.slice(i * more, (i + 1) * more)) fill(on, name, set, brick);
      });
      return undefined;
    },
  };
}

export const setsIn = ({ bricks, subCount }: Volume): readonly (readonly Brick[])[] => {
  const size = Math.max(1, subCount);
  return Array.from({ length: bricks.length / size }, (_, i) => bricks.slice(i * size, (i + 1) * size));
};

/** What waits on the others of its set, until all is copied; by the node that has the new brick. */
function fill({ world, node }: Member, name: string, set: readonly Brick[], fresh: Brick): void {
  const own = set.filter((b) => isLocal(node, b));
  for (const { path } of own) node.pendingHeals.set(path, LACKING);
  node.meetsBricksAt = world.clock.now() + MEETS_MS;
  world.clock.after(HEALED_MS, () => {
    for (const { path } of own) node.pendingHeals.set(path, 0);
    const isMember = node.daemon?.volumes.get(name)?.bricks.some((b) => b.path === fresh.path) === true;
    const [source] = set;
    const from = source && nodeOf(world, source.hostname)?.disk;
    if (!isLocal(node, fresh) || !isMember || from === undefined || source === undefined) return;
    for (const path of from.below(source.path)) {
      const at = path.slice(source.path.length + 1);
      if (at.startsWith('.glusterfs')) continue;
      if (from.isDirectory(path)) node.disk.mkdir(`${fresh.path}/${at}`);
      else node.disk.write(`${fresh.path}/${at}`, from.read(path) ?? '');
    }
  });
}

/** Files that the new member lacks, and how long the self-heal daemon takes for them. */
const LACKING = 20;
const HEALED_MS = 15_000;
/** From the answer of glusterd on; 3 to 4 s were seen. */
const MEETS_MS = 4_000;

/** Of a disperse set, from the commit on, until the self-heal daemon begins; 8 s were seen. */
const UNCOUNTED_MS = 8_000;

/**
 * What the other members of the set have waits for the new one: from inside the commit on, but of a disperse
 * set only when the self-heal daemon has healed the new root.
 */
function markForHeal({ world, node }: Member, volume: Volume, source: Brick, fresh: Brick): void {
  node.meetsBricksAt = world.clock.now() + MEETS_MS;
  const set = setsIn(volume).find((bricks) => bricks.includes(source)) ?? [];
  const others = set.filter((b) => b !== source);
  const mark = (): void => {
    for (const { path } of others.filter((b) => isLocal(node, b))) {
      node.pendingHeals.set(path, LACKING);
      healSoon(world, node, path);
    }
  };
  if (volume.type !== 4) {
    mark();
    return;
  }
  const isUsed = others.some(
    ({ hostname, path }) => nodeOf(world, hostname)?.disk.entries.get(path)?.xattrs.has(EC_VERSION) === true,
  );
  if (!isUsed) return;
  world.clock.after(UNCOUNTED_MS, () => {
    if (isLocal(node, fresh)) node.disk.setXattr(fresh.path, EC_VERSION, '1');
    mark();
  });
}

function healSoon(world: World, node: Node, path: string): void {
  world.clock.after(HEALED_MS, () => {
    node.pendingHeals.set(path, 0);
  });
}

const notHeard = (volume: string, nodes: readonly Node[]): string =>
  `Launching heal operation to perform index self heal on volume ${volume} has been unsuccessful:\n` +
  nodes.map(({ name }) => `Commit failed on ${name}. Please check log file for details.`).join('\n');

/** Of every node: what its self-heal daemon has missed. */
export function beginHeal({ world, daemon }: Member, name: string): Answer {
  const volume = daemon.volumes.get(name);
  if (volume === undefined) return { ret: -1, text: missing(name), isPlain: true };
  if (volume.status !== 1) return { ret: -1, text: `Volume ${name} is not started.`, isPlain: true };
  const deaf = [...world.nodes.values()].filter((n) => n.meetsBricksAt > world.clock.now());
  if (deaf.length > 0) return { ret: -1, text: notHeard(name, deaf), isPlain: true };
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
  return inPlaceOf(origin, name, from, to);
}

const RESET_USAGE = 'Usage:\nvolume reset-brick <VOLNAME> <SOURCE-BRICK> {{start} | {<NEW-BRICK> commit}}';

/** A brick in its own place, on another disk; only `commit force` to itself is modelled. */
export function resetBrickOperation(
  origin: Member,
  name: string,
  args: readonly string[],
): Operation | string {
  const { bricks, words } = readWords(args);
  const [from, to] = bricks;
  const isSame = from !== undefined && from.host === to?.host && from.path === to.path;
  if (!isSame || words.join(' ') !== 'commit force') return RESET_USAGE;
  return inPlaceOf(origin, name, from, to);
}

function inPlaceOf(origin: Member, name: string, from: BrickWord, to: BrickWord): Operation {
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
      const overlapping = [...on.daemon.volumes.values()].map((v) => ({
        ...v,
        bricks: v.bricks.filter((b) => b !== source || from.path !== to.path),
      }));
      return fresh === undefined ? '' : stageBricks(on, volume.id, [fresh], true, overlapping);
    },
    commit(on) {
      const volume = on.daemon.volumes.get(name);
      const source = volume === undefined ? undefined : sourceOf(volume);
      if (volume === undefined || source === undefined || fresh === undefined) return missing(name);
      const placed = placedOn(on.node, fresh);
      const kept = volume.bricks.map((b) => (b === source ? placed : b));
      markForHeal(on, volume, source, placed);
      // GF_DEFRAG_STATUS_RESET_DUE_REPLACE_BRC, on nodes that have a part in a task.
      if (volume.task.status !== 0) {
        volume.task.status = 9;
        storeTask(on.node, volume);
      }
      return relay(on, name, { kept, gone: [source], fresh: [placed] });
    },
  };
}
