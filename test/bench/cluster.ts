/**
 * The cluster that all contenders are asked for, written once for each of them: as cluster file, playbook and
 * shell script.
 */
import type { Lab } from '../lab/lab.ts';

export interface BenchVolume {
  readonly name: string;
  /** The same path on every node. */
  readonly path: string;
  readonly nodes: readonly string[];
}

export const OPTIONS: readonly (readonly [name: string, value: string])[] = [
  ['network.ping-timeout', '20'],
  ['performance.cache-size', '64MB'],
  ['diagnostics.brick-log-level', 'WARNING'],
];

export const namesOf = (lab: Lab): string[] => lab.nodes.map((node) => node.name);

/** Replica-3 volumes v1, v2 … on all nodes of the lab. */
export const volumesOn = (lab: Lab, count: number): BenchVolume[] =>
  Array.from({ length: count }, (_, i) => {
    const name = `v${String(i + 1)}`;
    return { name, path: `/bricks/d1/${name}`, nodes: namesOf(lab) };
  });

const bricks = (volume: BenchVolume): string[] => volume.nodes.map((node) => `${node}:${volume.path}`);

export function clusterFile(lab: Lab, volumes: readonly BenchVolume[]): string {
  const options = OPTIONS.map(([name, value]) => `${name}: "${value}"`).join(', ');
  const lines = volumes.flatMap((volume) => [
    `  ${volume.name}:`,
    '    replica: 3',
    `    bricks: [${bricks(volume).join(', ')}]`,
    `    options: { ${options} }`,
  ]);
  return `${lab.clusterFileHead()}volumes:\n${lines.join('\n')}\n`;
}

/**
 * As the collection's documentation has it, in its fewest module runs: one that forms the pool, and one a
 * volume, which creates it, sets its options and starts it.
 */
export function playbook(lab: Lab, volumes: readonly BenchVolume[]): string {
  const nodes = namesOf(lab).join(', ');
  const options = OPTIONS.map(([name, value]) => `          ${name}: "${value}"`).join('\n');
  const items = volumes.map(({ name, path }) => `        - { name: ${name}, path: ${path} }`).join('\n');
  return `- hosts: gluster
  gather_facts: false
  tasks:
    - name: pool
      gluster.gluster.gluster_peer:
        state: present
        nodes: [${nodes}]
      run_once: true
    - name: volumes
      gluster.gluster.gluster_volume:
        state: present
        name: "{{ item.name }}"
        replicas: 3
        cluster: [${nodes}]
        bricks: "{{ item.path }}"
        start_on_create: true
        options:
${options}
      loop:
${items}
      run_once: true
`;
}

/** What somebody in a hurry types on one node: three commands a volume, no question asked before or after. */
export function shellLoop(volumes: readonly BenchVolume[]): string {
  const options = OPTIONS.flat().join(' ');
  const commands = volumes.flatMap((volume) => [
    `gluster --mode=script volume create ${volume.name} replica 3 ${bricks(volume).join(' ')}`,
    `gluster --mode=script volume set ${volume.name} ${options}`,
    `gluster --mode=script volume start ${volume.name}`,
  ]);
  return `set -e\n${commands.join('\n')}\n`;
}

/** Throws where a volume is not started, or lacks an option. */
export async function checkVolumes(lab: Lab, volumes: readonly BenchVolume[]): Promise<void> {
  for (const { name } of volumes) {
    const info = await lab.node('node01').run(['gluster', '--mode=script', 'volume', 'info', name]);
    const wanted = ['Status: Started', ...OPTIONS.map(([option, value]) => `${option}: ${value}`)];
    const missing = wanted.filter((line) => !info.stdout.split('\n').some((said) => said.trim() === line));
    if (missing.length > 0) throw new Error(`volume ${name} lacks: ${missing.join(', ')}`);
  }
}

/** A pool without volumes, as new: each contender starts from the same state. */
export async function freshPool(lab: Lab): Promise<void> {
  await lab.resetGluster();
  await lab.formPool();
}
