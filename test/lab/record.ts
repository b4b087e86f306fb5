/**
 * What is written down about a lab, so that another process can find it, use it and take it down: one
 * directory and one lab.json each, reserved under a lock. Makes no kernel object itself.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive, ownProcess, readOptional } from './host.ts';
import type { ProcessId } from './host.ts';

export const LABS = join(tmpdir(), 'glusterctl-labs');
/** Interface names have 15 characters at most and ours add up to seven. */
const NAME = /^[a-z][a-z0-9]{0,7}$/;
const FIRST_NET = 1;
const LAST_NET = 254;

export interface NodeRecord {
  readonly name: string;
  readonly ip: string;
  readonly client: boolean;
}

export interface LabRecord {
  readonly name: string;
  readonly dir: string;
  /** Third number of 10.77.X.0/24. */
  readonly net: number;
  readonly owner: ProcessId;
  /** Stays after its owner: made by a person at the command line. */
  readonly keep: boolean;
  readonly bricksPerNode: number;
  readonly brickFs: 'tmpfs' | 'xfs';
  readonly rootSizeMb: number;
  /** Of each node, of one CPU; clients have no limit. */
  readonly cpuPercent: number | undefined;
  readonly nodes: readonly NodeRecord[];
}

export interface LabWish extends Omit<LabRecord, 'name' | 'dir' | 'net' | 'owner' | 'nodes'> {
  readonly name: string | undefined;
  readonly nodeCount: number;
  readonly clientCount: number;
}

export const labDir = (name: string): string => join(LABS, name);
export const nodeDir = (lab: LabRecord, node: NodeRecord): string => join(lab.dir, node.name);
export const rootDir = (lab: LabRecord, node: NodeRecord): string => join(nodeDir(lab, node), 'root');

/** Name of the node's network namespace and cgroup. */
export const scopeName = (lab: LabRecord, node: NodeRecord): string => `${lab.name}-${node.name}`;

export function readLab(name: string): LabRecord | undefined {
  const text = readOptional(join(labDir(name), 'lab.json'));
  if (text === undefined || text === '') return undefined;
  // Our own file, written whole by `reserve`.
  return JSON.parse(text) as LabRecord;
}

/** Every directory there is, also one whose record was never finished. */
export const labNames = (): string[] =>
  existsSync(LABS) ? readdirSync(LABS).filter((name) => NAME.test(name)) : [];

export const isAbandoned = (name: string): boolean => {
  const lab = readLab(name);
  return lab === undefined || !(lab.keep || isAlive(lab.owner));
};

/** Holds the registry for as long as `work` takes; the kernel lets go of it if we die. */
export async function withRegistry<T>(work: () => Promise<T>): Promise<T> {
  mkdirSync(LABS, { recursive: true });
  const holder = spawn('flock', [join(LABS, '.lock'), 'sh', '-c', 'echo held; read -r _ || :'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = once(holder, 'exit');
  await once(holder.stdout, 'data');
  try {
    return await work();
  } finally {
    holder.stdin.end();
    await ended;
  }
}

/** Call with the registry held. */
export function reserve(wish: LabWish): LabRecord {
  const { name: wanted, nodeCount, clientCount, ...rest } = wish;
  const name = wanted ?? freeName();
  if (!NAME.test(name)) throw new Error(`lab name ${name}: up to eight of a-z and 0-9, a letter first`);
  const dir = labDir(name);
  if (existsSync(dir)) throw new Error(`a lab named ${name} is there already`);
  const net = freeNet();
  const host = (n: number): string => `10.77.${String(net)}.${String(n)}`;
  const nodes = Array.from({ length: nodeCount }, (_, i) => ({
    name: `node${String(i + 1).padStart(2, '0')}`,
    ip: host(11 + i),
    client: false,
  }));
  const clients = Array.from({ length: clientCount }, (_, i) => ({
    name: `c${String(i + 1)}`,
    ip: host(201 + i),
    client: true,
  }));
  const record = { ...rest, name, dir, net, owner: ownProcess(), nodes: [...nodes, ...clients] };
  mkdirSync(dir, { mode: 0o755 });
  writeFileSync(join(dir, 'lab.json'), JSON.stringify(record, undefined, 2));
  return record;
}

function freeName(): string {
  const base = `l${process.pid.toString(36)}`;
  for (let i = 0; ; i += 1) {
    const name = base + i.toString(36);
    if (!existsSync(labDir(name))) return name;
  }
}

function freeNet(): number {
  const taken = new Set(labNames().map((name) => readLab(name)?.net));
  for (const addresses of Object.values(networkInterfaces())) {
    for (const { address } of addresses ?? []) {
      const [a, b, c] = address.split('.');
      if (a === '10' && b === '77') taken.add(Number(c));
    }
  }
  for (let net = FIRST_NET; net <= LAST_NET; net += 1) if (!taken.has(net)) return net;
  throw new Error('no 10.77.X.0/24 is free');
}
