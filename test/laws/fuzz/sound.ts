/**
 * The laws of every fact read from a node, however hostile its answer. States the rules again, without the
 * parsers' own patterns, so that a mistake in those is found.
 */
import { isIP } from 'node:net';
import type { DaemonState, NodeFacts, Store, StoreVolume } from '../../../src/model/observed.ts';
import { law } from './case.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Every number is an exact integer, and no prototype was changed. */
export function soundNumbers(value: unknown, path = ''): void {
  if (typeof value === 'number') law(Number.isSafeInteger(value), `${path} is ${String(value)}`);
  if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return;
  if (value instanceof Map)
    for (const [key, item] of value) soundNumbers(item, `${path}.${String(key).slice(0, 40)}`);
  else if (Array.isArray(value))
    for (const [i, item] of value.entries()) soundNumbers(item, `${path}[${String(i)}]`);
  else {
    law(Object.getPrototypeOf(value) === Object.prototype, `${path} has a strange prototype`);
    for (const [key, item] of Object.entries(value)) soundNumbers(item, `${path}.${key}`);
  }
}

export function unpolluted(): void {
  const plain: Record<string, unknown> = {};
  for (const key in plain) law(false, `Object.prototype has got "${key}"`);
  law(plain['polluted'] === undefined, 'Object.prototype is polluted');
}

const isName = (name: string): boolean => /^\w/.test(name) && !/[^\w.-]/.test(name) && name.length <= 255;
const isInside = (path: string): boolean =>
  path.split('/').every((part) => !['', '.', '..'].includes(part)) &&
  !path.includes('\0') &&
  !path.includes('\n');
const isAbsolute = (path: string): boolean =>
  path === '/' || (path.startsWith('/') && isInside(path.slice(1)));
const isPort = (port: number, least: number): boolean => port >= least && port <= 65_535;

export function soundStore(store: Store): void {
  for (const path of [...store.files.keys(), ...store.directories, ...store.hashes.keys()])
    law(isInside(path), `a path leaves the store: ${JSON.stringify(path.slice(0, 80))}`);
  for (const peer of store.peers) {
    law(isInside(peer.file), `a peer's file is ${JSON.stringify(peer.file)}`);
    law(peer.state >= -1 && peer.state <= 10, `a peer's state is ${String(peer.state)}`);
  }
  for (const [name, volume] of store.volumes) {
    law(name === volume.name, 'a volume stands under another name');
    soundVolume(volume);
  }
}

function soundVolume({ name, id, version, layout, bricks }: StoreVolume): void {
  law(isName(name), `a volume is named ${JSON.stringify(name)}`);
  law(UUID.test(id), `a volume's id is ${JSON.stringify(id)}`);
  law(version >= 0, `a volume's version is ${String(version)}`);
  law(bricks.length > 0, 'a volume has no bricks');
  for (const brick of bricks) {
    law(isAbsolute(brick.path) && brick.path !== '/', `a brick's path is ${JSON.stringify(brick.path)}`);
    law(
      brick.hostname !== '' && isInside(brick.file),
      `a brick is ${JSON.stringify([brick.hostname, brick.file])}`,
    );
    law(isPort(brick.listenPort, 0), `a brick's port is ${String(brick.listenPort)}`);
  }
  const size =
    layout.kind === 'replicate' ? layout.replica : layout.kind === 'disperse' ? layout.disperse : 1;
  law(size >= 1 && bricks.length % size === 0, `${String(bricks.length)} bricks in sets of ${String(size)}`);
  if (layout.kind === 'disperse')
    law(layout.redundancy > 0 && layout.disperse > 2 * layout.redundancy, 'a redundancy that cannot be');
}

export function soundState(state: DaemonState): void {
  law(state.opVersion >= 0, `the op-version is ${String(state.opVersion)}`);
  for (const [name, volume] of state.volumes) {
    law(name === volume.name && isName(name), `a volume is named ${JSON.stringify(name)}`);
    law(UUID.test(volume.id), `a volume's id is ${JSON.stringify(volume.id)}`);
    law(volume.snapshotCount >= 0, `${String(volume.snapshotCount)} snapshots`);
    for (const { path, hostname, local } of volume.bricks) {
      law(isAbsolute(path) && path !== '/', `a brick's path is ${JSON.stringify(path)}`);
      law(hostname !== '', 'a brick has no host');
      law(local === undefined || isPort(local.port, 0), `a brick's port is ${String(local?.port)}`);
    }
  }
}

export function soundFacts(facts: NodeFacts): void {
  soundStore(facts.store);
  if (facts.memory.kind === 'up') soundState(facts.memory.state);
  for (const path of [...facts.paths.keys(), ...facts.filesystems.keys()])
    law(isAbsolute(path), `a path is ${JSON.stringify(path.slice(0, 80))}`);
  for (const path of [...facts.sockets, ...facts.pidFiles.map((f) => f.path)])
    law(
      path.startsWith('/') && !path.split('/').includes('..'),
      `a file of /run is ${JSON.stringify(path.slice(0, 80))}`,
    );
  for (const f of facts.filesystems.values())
    law(
      f.freeBytes >= 0 && f.totalBytes >= 0 && f.freeInodes >= 0,
      `a file system has negative numbers: ${f.path}`,
    );
  for (const { pid, startTicks, ports, brick } of facts.processes) {
    law(pid > 0 && startTicks >= 0, `a process is ${String(pid)} since ${String(startTicks)}`);
    law(
      ports.every((p) => isPort(p, 1)),
      `a process listens on ${ports.join(' ')}`,
    );
    law(
      brick === undefined || (isPort(brick.port, 0) && isAbsolute(brick.path)),
      `a brick process of ${JSON.stringify(brick)}`,
    );
  }
  for (const { pid } of [...facts.marked, ...facts.pidFiles])
    law(pid === undefined || pid > 0, `a pid is ${String(pid)}`);
  for (const address of [...facts.addresses, ...[...facts.resolves.values()].flat()])
    law(isIP(address) !== 0, `an address is ${JSON.stringify(address.slice(0, 80))}`);
  for (const { id } of facts.transactions)
    law(/^[\dA-Za-z-]{1,64}$/.test(id), `a transaction is ${JSON.stringify(id)}`);
  for (const owner of [facts.lock?.owner, ...facts.transactions.map((t) => t.owner)])
    law(
      owner === undefined || (/^[\dA-Za-z-]{1,64}$/.test(owner.transaction) && owner.pid >= 0),
      `an owner is ${JSON.stringify(owner)}`,
    );
  for (const [p, { pid }] of facts.otherPorts)
    law(isPort(p, 1) && (pid === undefined || pid > 0), `a port ${String(p)} of ${String(pid)}`);
  const { basePort, maxPort } = facts.daemonConfig;
  law(isPort(basePort, 0) && isPort(maxPort, 0), `ports from ${String(basePort)} to ${String(maxPort)}`);
}
