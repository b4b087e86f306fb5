/** A cluster file for the simulated nodes of these tests: three, and the volumes that are given as YAML. */
import { loadDesired } from '../../../src/cluster-file/load.ts';
import type { Desired } from '../../../src/model/desired.ts';

export const NODES = ['node01', 'node02', 'node03'];

export function desiredOf(volumes: string): Desired {
  const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
  const text = `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volumes}`;
  const loaded = loadDesired(text, 'cluster.yaml', { home: '/', directory: '/', flags: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}
