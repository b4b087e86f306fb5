/**
 * `volume create`: its command line, its stage phase and its commit. The stage has side effects that nothing
 * undoes: see brick-stage.ts. Owns the layouts; moves no data.
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
import { ensureUuid, storeVolume, writeVolfiles } from './daemon-store.ts';
import type { Member, Operation } from './operation.ts';
import { type Volume, volumeDir, noTask } from './world.ts';

interface Words {
  readonly replica: number;
  readonly arbiter: number;
  readonly disperse: number;
  readonly redundancy: number;
  readonly transport: 0 | 1 | 2;
  readonly force: boolean;
  readonly bricks: readonly BrickWord[];
}

function readWords(words: readonly string[]): Words | string {
  const numbers = new Map<string, number>();
  const bricks: BrickWord[] = [];
  let transport: 0 | 1 | 2 = 0;
  let force = false;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] ?? '';
    const brick = brickWord(word);
    if (brick !== undefined) bricks.push(brick);
    else if (word === 'force') force = true;
    else if (word === 'transport') transport = words[++i] === 'rdma' ? 1 : words[i] === 'tcp,rdma' ? 2 : 0;
    else if (['replica', 'arbiter', 'disperse', 'redundancy'].includes(word))
      numbers.set(word, Number(words[++i]));
    else return `Wrong brick type: ${word}, use <HOSTNAME>:<export-dir-abs-path>`;
  }
  const number = (key: string, other: number): number => numbers.get(key) ?? other;
  return {
    replica: number('replica', 1),
    arbiter: number('arbiter', 0),
    disperse: number('disperse', 0),
    redundancy: number('redundancy', 0),
    transport,
    force,
    bricks,
  };
}

/** The operation, or what the command line itself refuses. */
export function createOperation(origin: Member, name: string, args: readonly string[]): Operation | string {
  const words = readWords(args);
  if (typeof words === 'string') return words;
  const set = Math.max(words.replica, words.disperse);
  if (words.bricks.length === 0) return 'Wrong number of bricks';
  if (words.bricks.length % Math.max(1, set) !== 0)
    return `number of bricks is not a multiple of ${words.disperse > 0 ? 'disperse' : 'replica'} count`;
  const { world, node, daemon } = origin;
  ensureUuid(world, node, daemon);
  const made: { volume?: Volume } = {};
  return {
    volume: name,
    framework: 'synctask',
    stage(on) {
      if (on.daemon.volumes.has(name)) return `Volume ${name} already exists`;
      if (on.node === node) {
        const refused = namesRefused(origin, words);
        if (refused !== undefined) return refused;
        made.volume = define(origin, name, words);
      }
      return made.volume === undefined
        ? ''
        : stageBricks(on, made.volume.id, made.volume.bricks, words.force);
    },
    commit(on) {
      if (made.volume === undefined) return '';
      const volume: Volume = {
        ...made.volume,
        version: 1,
        options: new Map(made.volume.options),
        task: noTask(),
        bricks: made.volume.bricks.map((b) => placedOn(on.node, b)),
      };
      const error =
        on.node.disk.mkdirs(volumeDir(name)) ??
        writeVolfiles(on.node, volume) ??
        storeVolume(on.node, on.daemon, volume);
      if (error !== undefined) return 'Failed to store the Volume information';
      on.daemon.volumes.set(name, volume);
      return undefined;
    },
  };
}

function namesRefused(origin: Member, words: Words): string | undefined {
  const { bricks, force, replica, disperse } = words;
  const refused = hostsRefused(origin, bricks);
  if (refused !== undefined) return refused;
  const kind = disperse > 0 ? 'disperse' : 'replicate';
  return force ? undefined : crowdedSet(bricks, Math.max(replica, disperse), kind);
}

function define(origin: Member, name: string, words: Words): Volume {
  const { world } = origin;
  const { replica, arbiter, disperse, redundancy, transport } = words;
  const type = disperse > 0 ? 4 : replica > 1 ? 2 : 0;
  const full = [
    ['cluster.granular-entry-heal', 'on'],
    ['storage.fips-mode-rchecksum', 'on'],
  ] as const;
  return {
    name,
    id: world.random.uuid(),
    type,
    subCount: type === 0 ? 0 : Math.max(replica, disperse),
    replica: type === 2 ? replica : 1,
    arbiter,
    disperse,
    redundancy,
    transport,
    username: world.random.uuid(),
    password: world.random.uuid(),
    clientOpVersion: type === 2 ? 30800 : type === 4 ? 30600 : 2,
    status: 0,
    version: 0,
    options: new Map([
      ...(type === 2 ? full : full.slice(1)),
      ['transport.address-family', 'inet'] as const,
      ['nfs.disable', 'on'] as const,
      ...(type === 2 ? [['performance.client-io-threads', 'off'] as const] : []),
    ]),
    bricks: words.bricks.map((brick, i) => defineBrick(origin, brick, `${name}-client-${String(i)}`)),
    task: noTask(),
  };
}
