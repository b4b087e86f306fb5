/**
 * The lab: real GlusterFS hosts on this machine, each with its own systemd, sshd and the distribution's
 * glusterd. The entry for tests and for the command line; other files do the work.
 */
import { join } from 'node:path';
import { mountClient } from './client.ts';
import type { ClientMount } from './client.ts';
import { powerOn, writeBootFiles } from './boot.ts';
import { ensureCgroupMount, whyNoCpuLimit } from './cgroup.ts';
import { removeKernelObjects, sweep, takeDown, tieToProcess } from './cleanup.ts';
import { diskFaults } from './disk-faults.ts';
import type { DiskFaults } from './disk-faults.ts';
import { makeSwitch } from './network.ts';
import { networkFaults } from './network-faults.ts';
import type { NetworkFaults } from './network-faults.ts';
import { knownHostsFile, makeDisks, makeTemplate, sshKeyFile } from './node-root.ts';
import { nodeCore } from './node.ts';
import type { NodeCore } from './node.ts';
import { formPool, resetGluster } from './pool.ts';
import { processFaults } from './process-faults.ts';
import type { ProcessFaults } from './process-faults.ts';
import { readLab, reserve, withRegistry } from './record.ts';
import type { LabRecord, NodeRecord } from './record.ts';

export { assertNoTraces } from './cleanup.ts';
export { startWriter } from './client.ts';
export type { ClientMount } from './client.ts';
export { missingRequirements } from './requirements.ts';

export interface LabOptions {
  /**
   * Up to eight of a-z and 0-9; what the kernel objects of the lab are called. Default: unique for each lab.
   */
  readonly name?: string;
  readonly nodes: number;
  /** Hosts outside the pool, with no glusterd started: c1, c2 … */
  readonly clients?: number;
  /** /bricks/d1 …, a file system each. Default 3. */
  readonly bricksPerNode?: number;
  readonly brickFs?: 'tmpfs' | 'xfs';
  readonly rootSizeMb?: number;
  /**
   * So much of one CPU for each node, from its boot on; the lab's own limits are longer by as much. Default:
   * all there is.
   */
  readonly cpuPercent?: number | undefined;
  /** Leave it running when this process ends. */
  readonly keep?: boolean;
}

export interface LabNode extends NodeCore, NetworkFaults, ProcessFaults, DiskFaults {}

export interface Lab extends AsyncDisposable {
  readonly name: string;
  readonly dir: string;
  readonly nodes: readonly LabNode[];
  readonly clients: readonly LabNode[];
  readonly sshKeyFile: string;
  readonly knownHostsFile: string;
  /** A node or client by its name. */
  node(name: string): LabNode;
  /** `cluster:`, `ssh:` and `nodes:` of a cluster file, ready for `volumes:`. */
  clusterFileHead(): string;
  /** Probes everybody from the first node and waits until all see all connected. */
  formPool(): Promise<void>;
  /** Heals every fault and empties glusterd and the bricks, without a reboot. */
  resetGluster(): Promise<void>;
  mountClient(volume: string, where: { readonly on: LabNode }): Promise<ClientMount>;
  down(): Promise<void>;
}

/** Boots the lab and returns when all nodes are ready. Labs of killed runs are taken down first. */
export async function labUp(options: LabOptions): Promise<Lab> {
  await ensureCgroupMount();
  const slow = options.cpuPercent === undefined ? undefined : whyNoCpuLimit();
  if (slow !== undefined) throw new Error(`no lab with a limit of the CPU: ${slow}`);
  const record = await withRegistry(async () => {
    await sweep();
    return reserve({
      name: options.name,
      nodeCount: options.nodes,
      clientCount: options.clients ?? 0,
      keep: options.keep ?? false,
      bricksPerNode: options.bricksPerNode ?? 3,
      brickFs: options.brickFs ?? 'tmpfs',
      rootSizeMb: options.rootSizeMb ?? 192,
      cpuPercent: options.cpuPercent,
    });
  });
  if (!record.keep) tieToProcess(record.name);
  try {
    await boot(record);
  } catch (error) {
    await takeDown(record.name);
    throw error;
  }
  return assemble(record);
}

/** A lab that another process has started. */
export function labOpen(name: string): Lab {
  const record = readLab(name);
  if (record === undefined) throw new Error(`no lab named ${name}`);
  return assemble(record);
}

async function boot(lab: LabRecord): Promise<void> {
  await removeKernelObjects(lab.name);
  writeBootFiles(lab);
  await Promise.all([makeSwitch(lab), makeTemplate(lab)]);
  await Promise.all(
    lab.nodes.map(async (node) => {
      await makeDisks(lab, node);
      await powerOn(lab, node);
      await nodeCore(lab, node).waitReady();
    }),
  );
}

function assemble(record: LabRecord): Lab {
  const all = record.nodes.map((node) => labNode(record, node));
  const nodes = all.filter((node) => !node.record.client);
  const down = (): Promise<void> => takeDown(record.name);
  return {
    name: record.name,
    dir: record.dir,
    nodes,
    clients: all.filter((node) => node.record.client),
    sshKeyFile: sshKeyFile(record),
    knownHostsFile: knownHostsFile(record),
    node(name) {
      const found = all.find((node) => node.name === name);
      if (found === undefined) throw new Error(`lab ${record.name} has no ${name}`);
      return found;
    },
    clusterFileHead: () => clusterFileHead(record),
    formPool: () => formPool(nodes),
    resetGluster: () => resetGluster(record, all),
    mountClient: (volume, { on }) => mountClient(nodes, volume, on),
    down,
    [Symbol.asyncDispose]: down,
  };
}

function labNode(lab: LabRecord, record: NodeRecord): LabNode {
  const core = nodeCore(lab, record);
  return { ...core, ...networkFaults(core), ...processFaults(core), ...diskFaults(core) };
}

function clusterFileHead(lab: LabRecord): string {
  const nodes = lab.nodes.filter((node) => !node.client);
  return [
    `cluster: ${lab.name}`,
    'ssh:',
    '  user: root',
    `  identityFile: ${sshKeyFile(lab)}`,
    `  knownHostsFile: ${knownHostsFile(lab)}`,
    'nodes:',
    ...nodes.map((node) => `  ${node.name}: { address: ${node.ip} }`),
    '',
  ].join('\n');
}

export const starterFile = (lab: Lab): string => join(lab.dir, 'cluster.yaml');
