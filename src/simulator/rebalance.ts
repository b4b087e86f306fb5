/**
 * `rebalance`: each node with bricks of the volume moves files in a process of its own, which goes on without
 * glusterd. Owns that process, also that of a removal of bricks, and what a node stores of its end; which
 * files a rebalance moves is not modelled.
 */
import { DHT, localBricks } from './brick.ts';
import { storeTask } from './daemon-store.ts';
import type { Answer } from './peer-change.ts';
import type { Member, Operation } from './operation.ts';
import { GLUSTERD_CGROUP, spawn } from './process.ts';
import type { Node, Process, Task, Volume } from './world.ts';

/** Its commit sleeps so long, with glusterd's big lock held. */
const START_MS = 5000;
const STOP_MS = 100;
const MOVE_MIN_MS = 15_000;
const MOVE_MAX_MS = 60_000;
const LAYOUT_MS = 20_000;
const FILES_MAX = 500;

const isMover = ({ argv }: Process, volume: string): boolean => argv.includes(`rebalance/${volume}`);

export const moverIn = (node: Node, volume: string): Process | undefined =>
  [...node.processes.values()].find((p) => isMover(p, volume));

/** Of a removal of bricks: carries their files away, and says how many, and how many it could not. */
export type Carry = () => { readonly files: number; readonly failures: number };

export const isMovedHere = (node: Node, volume: string): boolean => moverIn(node, volume) !== undefined;

/** The root of each local brick gets a part of the volume. */
export function placeFiles(node: Node, volume: Volume): void {
  for (const { path } of localBricks(node, volume)) node.disk.setXattr(path, DHT, 'range');
}

/** Written where glusterd lives to hear of it; else its next start finds the process gone. */
function ended(
  { world, node }: Pick<Member, 'world' | 'node'>,
  name: string,
  { pid }: Process,
  carry: Carry | undefined,
): void {
  if (node.processes.get(pid) === undefined) return;
  node.processes.delete(pid);
  const carried = carry?.();
  const volume = node.daemon?.volumes.get(name);
  if (volume === undefined) return;
  volume.task.status = 3;
  const files = volume.task.command === 4 ? 0 : world.random.int(1, FILES_MAX);
  Object.assign(volume.task, { files, ...carried });
  storeTask(node, volume);
  world.trace.push(`${node.name} rebalance of ${name} is over`);
}

export function move(on: Pick<Member, 'world' | 'node'>, volume: Volume, carry?: Carry): void {
  const { world, node } = on;
  const argv = ['/usr/sbin/glusterfs', '-s', 'localhost', '--volfile-id', `rebalance/${volume.name}`];
  const process = spawn(world, node, { argv, role: 'client', cgroup: GLUSTERD_CGROUP });
  if (carry === undefined) placeFiles(node, volume);
  const ms = volume.task.command === 4 ? LAYOUT_MS : world.random.int(MOVE_MIN_MS, MOVE_MAX_MS);
  world.clock.after(ms, () => {
    ended(on, volume.name, process, carry);
  });
}

const missing = (name: string): string => `Volume ${name} does not exist`;

export function rebalanceOperation(
  { world }: Member,
  name: string,
  words: readonly string[],
): Operation | string {
  const asked = words.join(' ');
  if (asked === 'start') return startOperation(name, world.random.uuid(), 1);
  if (asked === 'fix-layout start') return startOperation(name, world.random.uuid(), 4);
  return asked === 'stop' ? stopOperation(name) : 'Usage:\nvolume rebalance <VOLNAME> …';
}

function startOperation(name: string, id: string, command: Task['command']): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage({ node, daemon }) {
      const volume = daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      if (volume.status !== 1) return `Volume ${name} needs to be started to perform rebalance`;
      if (volume.bricks.length <= Math.max(1, volume.subCount))
        return `Volume ${name} is not a distribute volume or contains only 1 brick.`;
      if (volume.task.operation === 9)
        return (
          `A remove-brick task on volume ${name} is not yet committed. ` +
          'Either commit or stop the remove-brick task.'
        );
      return isMovedHere(node, name) ? `Rebalance on ${name} is already started` : undefined;
    },
    async commit(on) {
      const { world, node, daemon } = on;
      const volume = daemon.volumes.get(name);
      if (volume === undefined || daemon.importing.has(name)) return '';
      // A member without a brick keeps the id, and nothing else of it.
      const status = localBricks(node, volume).length > 0 ? 1 : 0;
      const own = status === 1 ? command : 0;
      Object.assign(volume.task, { command: own, operation: 19, id, status, files: 0, failures: 0 });
      if (storeTask(node, volume) !== undefined) return '';
      if (status === 1) move({ world, node }, volume);
      await world.clock.pause(START_MS);
      return undefined;
    },
  };
}

const STATUS_WORDS = ['not started', 'in progress', 'stopped', 'completed', 'failed'];

/** Each member that has a part in it says how far it is; one that is away is not missed. */
export function taskStatus({ world, daemon }: Member, name: string, operation: 9 | 19): Answer {
  const volume = daemon.volumes.get(name);
  if (volume === undefined) return { ret: -1, text: missing(name) };
  const what = operation === 9 ? 'remove-brick' : 'Rebalance';
  if (volume.task.operation !== operation)
    return { ret: -1, text: `${what} not started for volume ${name}.` };
  const parts = [...world.nodes.values()].flatMap((node) => {
    const part = node.daemon?.volumes.get(name)?.task;
    return part === undefined || part.status === 0 ? [] : [{ uuid: node.daemon?.uuid ?? '', part }];
  });
  const xml = parts.map(
    ({ uuid, part }) =>
      `<node><id>${uuid}</id><files>${String(part.files)}</files><size>${String(part.files * 4096)}</size>` +
      `<failures>${String(part.failures)}</failures><skipped>0</skipped>` +
      `<statusStr>${STATUS_WORDS[part.status] ?? ''}</statusStr></node>`,
  );
  const tag = operation === 9 ? 'volRemoveBrick' : 'volRebalance';
  return { ret: 0, text: '', xml: `<${tag}>${xml.join('')}</${tag}>` };
}

function stopOperation(name: string): Operation {
  return {
    volume: name,
    framework: 'mgmt-v3',
    stage({ daemon }) {
      const volume = daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      return volume.task.operation === 19 ? undefined : `Rebalance not started for volume ${name}.`;
    },
    async commit({ world, node, daemon }) {
      const volume = daemon.volumes.get(name);
      if (volume === undefined) return missing(name);
      const mover = moverIn(node, name);
      if (mover !== undefined) node.processes.delete(mover.pid);
      const status = mover === undefined ? volume.task.status : 2;
      Object.assign(volume.task, { operation: 0, id: '', status });
      await world.clock.pause(STOP_MS);
      return storeTask(node, volume) === undefined ? undefined : '';
    },
  };
}
