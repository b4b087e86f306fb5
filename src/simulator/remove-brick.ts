/**
 * `remove-brick`: with `start`, nodes with bricks that leave carry the files of these to the others; `commit`
 * takes the bricks out, `stop` keeps them, `force` takes them out as they are: whole sets, or with `replica`
 * members of every set. Owns its traps: what is asked at a commit is whether a process runs, and not whether
 * it came to its end.
 */
import type { BrickWord } from './brick-stage.ts';
import { DHT, localBricks } from './brick.ts';
import { storeVolume, writeVolfiles } from './daemon-store.ts';
import type { Member, Operation } from './operation.ts';
import { isMovedHere, move, moverIn, placeFiles } from './rebalance.ts';
import { missing, moving, readWords, relay, SET_WITH_COPIES, setsIn } from './volume-bricks.ts';
import { type Brick, type Node, nodeOf, type Volume, type World } from './world.ts';

/** Its commit sleeps so long, with glusterd's big lock held. */
const START_MS = 5000;
const STOP_MS = 100;

export function removeBrickOperation(
  { world }: Member,
  name: string,
  args: readonly string[],
): Operation | string {
  const { bricks, words } = readWords(args);
  if (bricks.length === 0) return 'Wrong number of bricks';
  const replica = /^replica (\d+) force$/.exec(words.join(' '))?.[1];
  if (replica !== undefined) return copiesOperation(name, bricks, Number(replica));
  switch (words.join(' ')) {
    case 'force':
      return takeOut(name, bricks, (_volume, on) => (isMovedHere(on.node, name) ? moving(name) : undefined));
    case 'start':
      return startOperation(name, bricks, world.random.uuid());
    case 'stop':
      return stopOperation(name);
    case 'commit':
      return takeOut(name, bricks, (volume, on) => commitRefused(volume, on, bricks));
    default:
      return 'Wrong number of bricks';
  }
}

const isNamed = (brick: Brick, bricks: readonly BrickWord[]): boolean =>
  bricks.some((b) => b.host === brick.hostname && b.path === brick.path);

function bricksRefused(volume: Volume, bricks: readonly BrickWord[]): string | undefined {
  if (volume.bricks.length === bricks.length) return 'Deleting all the bricks of the volume is not allowed';
  const wrong = bricks.find(
    (b) => !volume.bricks.some((brick) => brick.hostname === b.host && brick.path === b.path),
  );
  if (wrong !== undefined) return `Incorrect brick ${wrong.host}:${wrong.path} for volume ${volume.name}`;
  if (bricks.length % Math.max(1, volume.subCount) === 0) return undefined;
  return (
    'Removing bricks from replicate configuration is not allowed ' +
    'without reducing replica count explicitly.'
  );
}

/** Neither its status nor its end counts: a process that died is taken for one that is done. */
function commitRefused(volume: Volume, { node }: Member, bricks: readonly BrickWord[]): string | undefined {
  const staying = volume.bricks.find((b) => isNamed(b, bricks) && !b.decommissioned);
  if (staying !== undefined)
    return `Brick ${staying.hostname}:${staying.path} is not decommissioned. Use start or force option`;
  if (isMovedHere(node, volume.name)) return "use 'force' option as migration is in progress";
  return volume.task.failures > 0
    ? "use 'force' option as migration of some files might have been skipped or has failed"
    : undefined;
}

function takeOut(
  name: string,
  bricks: readonly BrickWord[],
  refused: (volume: Volume, on: Member) => string | undefined,
): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      return refused(volume, on) ?? bricksRefused(volume, bricks);
    },
    commit(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      // Without copies the option is of use, and glusterd turns it on (seen on 10.3).
      if (volume.replica === 1) volume.options.set(SET_WITH_COPIES, 'on');
      const status = volume.task.status === 3 || volume.task.status === 4 ? 0 : volume.task.status;
      Object.assign(volume.task, { operation: 0, id: '', status });
      const gone = volume.bricks.filter((b) => isNamed(b, bricks));
      return relay(on, name, { kept: volume.bricks.filter((b) => !gone.includes(b)), gone, fresh: [] });
    },
  };
}

function copiesRefused(volume: Volume, bricks: readonly BrickWord[], replica: number): string | undefined {
  const { name } = volume;
  const [has, asked] = [String(volume.replica), String(replica)];
  if (volume.type !== 2) return `replica count (${asked}) option given for non replicate volume ${name}`;
  if (replica > volume.replica)
    return `given replica count (${asked}) option is more than volume ${name}'s replica count (${has})`;
  const sets = setsIn(volume);
  const needed = sets.length * (volume.replica - replica);
  if (needed === 0 || bricks.length % needed !== 0)
    return (
      `need ${String(needed)}(xN) bricks for reducing replica count of the volume ` +
      `from ${has} to ${asked}`
    );
  const wrong = bricks.find((b) => !volume.bricks.some((brick) => isNamed(brick, [b])));
  if (wrong !== undefined) return `Incorrect brick ${wrong.host}:${wrong.path} for volume ${name}`;
  if (
    volume.arbiter > 0 &&
    (replica !== 2 || sets.some((set) => !set.slice(-1).every((b) => isNamed(b, bricks))))
  )
    return 'Remove arbiter brick(s) only when converting from arbiter to replica 2 subvolume.';
  return undefined;
}

/** Members of every set go as they are: which of them are good is not asked. */
function copiesOperation(name: string, bricks: readonly BrickWord[], replica: number): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      return isMovedHere(on.node, name) ? moving(name) : copiesRefused(volume, bricks, replica);
    },
    commit(on) {
      const volume = on.daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      const gone = volume.bricks.filter((b) => isNamed(b, bricks));
      const options = replica === 1 ? new Map([...volume.options, [SET_WITH_COPIES, 'on']]) : volume.options;
      const [type, subCount] = replica === 1 ? ([0, 0] as const) : ([2, replica] as const);
      const layout = { type, subCount, replica, arbiter: 0, options };
      return relay(on, name, {
        kept: volume.bricks.filter((b) => !gone.includes(b)),
        gone,
        fresh: [],
        layout,
      });
    },
  };
}

function startOperation(name: string, bricks: readonly BrickWord[], id: string): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage({ node, daemon }) {
      const volume = daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      if (volume.status !== 1)
        return (
          `Volume ${name} needs to be started before remove-brick ` +
          '(you can use \'force\' or "commit" to override this behavior)'
        );
      if (volume.task.operation === 9)
        return (
          `An earlier remove-brick task exists for volume ${name}. ` +
          'Either commit it or stop it before starting a new task.'
        );
      if (isMovedHere(node, name)) return moving(name);
      const down = localBricks(node, volume).find((b) => isNamed(b, bricks) && b.status !== 'Started');
      if (down !== undefined) return `Found stopped brick ${down.hostname}:${down.path}`;
      return bricksRefused(volume, bricks);
    },
    async commit(on) {
      const { world, node, daemon } = on;
      const volume = daemon.volumes.get(name);
      if (volume === undefined || daemon.importing.has(name)) return '';
      if (writeVolfiles(node, volume) !== undefined) return '';
      if (volume.replica === 1) volume.options.set(SET_WITH_COPIES, 'on');
      for (const brick of volume.bricks) brick.decommissioned = isNamed(brick, bricks);
      volume.version += 1;
      const isMover = localBricks(node, volume).some((b) => b.decommissioned);
      const [command, status] = isMover ? [5, 1] : [1, 0];
      Object.assign(volume.task, { command, operation: 9, id, status, files: 0, failures: 0 });
      if (storeVolume(node, daemon, volume) !== undefined) return '';
      placeFiles(node, volume);
      for (const { path, decommissioned } of localBricks(node, volume))
        if (decommissioned) node.disk.removeXattr(path, DHT);
      if (isMover) move(on, volume, () => carryAway(world, node, volume));
      await world.clock.pause(START_MS);
      return undefined;
    },
  };
}

/** The layout stays as it is: the bricks are members again, and take no new files. */
function stopOperation(name: string): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage({ daemon }) {
      const volume = daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      return volume.task.operation === 9 ? undefined : `remove-brick not started for volume ${name}.`;
    },
    async commit({ world, node, daemon }) {
      const volume = daemon.volumes.get(name);
      if (volume === undefined || daemon.importing.has(name)) return '';
      const mover = moverIn(node, name);
      if (mover !== undefined) node.processes.delete(mover.pid);
      const status = mover === undefined ? volume.task.status : 2;
      Object.assign(volume.task, { operation: 0, id: '', status });
      for (const brick of volume.bricks) brick.decommissioned = false;
      volume.version += 1;
      await world.clock.pause(STOP_MS);
      return storeVolume(node, daemon, volume) === undefined ? undefined : '';
    },
  };
}

/** Each file of a leaving brick of this node, to all members of the set to which its name leads. */
function carryAway(world: World, node: Node, volume: Volume): { files: number; failures: number } {
  const size = Math.max(1, volume.subCount);
  const sets = Array.from({ length: volume.bricks.length / size }, (_, i) =>
    volume.bricks.slice(i * size, (i + 1) * size),
  ).filter((set) => set.every((b) => !b.decommissioned));
  const moved = { files: 0, failures: 0 };
  for (const { path: brick } of localBricks(node, volume).filter((b) => b.decommissioned))
    for (const path of node.disk.below(brick)) {
      const name = path.slice(brick.length + 1);
      if (node.disk.isDirectory(path) || name.startsWith('.glusterfs')) continue;
      const target = sets[Buffer.from(name).reduce((sum, byte) => sum + byte, 0) % sets.length] ?? [];
      if (arrives(world, target, name, node.disk.read(path) ?? '')) {
        node.disk.remove(path);
        moved.files += 1;
      } else moved.failures += 1;
    }
  return moved;
}

function arrives(world: World, target: readonly Brick[], name: string, content: string): boolean {
  const errors = target.map(({ hostname, path }) => {
    const disk = nodeOf(world, hostname)?.disk;
    const at = `${path}/${name}`;
    return disk?.mkdirs(at.slice(0, at.lastIndexOf('/'))) ?? disk?.write(at, content);
  });
  return target.length > 0 && errors.every((e) => e === undefined);
}

/** A part that should run begins again when glusterd starts, unless its process lived on. */
export function resumeTasks(world: World, node: Node): void {
  for (const volume of node.daemon?.volumes.values() ?? []) {
    if (volume.task.status !== 1 || isMovedHere(node, volume.name)) continue;
    const carry = (): ReturnType<typeof carryAway> => carryAway(world, node, volume);
    move({ world, node }, volume, volume.task.operation === 9 ? carry : undefined);
  }
}
