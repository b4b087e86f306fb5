/**
 * `SIM_DIR=DIR npx tsx test/unit/cli/simulated-glusterctl.ts apply FILE …`: the command line as it is, in a
 * process of its own, on a simulated cluster with a volume `old`. Its first `volume set` makes DIR/reached
 * and waits for DIR/go; where DIR/broken is, there is a glusterd to repair before that. A signal makes
 * DIR/heard; whether the cluster is as before at the end is written to DIR/report.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenCluster } from '../../../src/cli/cluster.ts';
import { main } from '../../../src/cli/program.ts';
import { STOP_SIGNALS } from '../../../src/cli/stop-signals.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { stateOf } from '../../laws/fault-run.ts';

const NODES = ['node01', 'node02', 'node03'];
const BRICKS = NODES.map((node) => `${node}:/bricks/d1/old`).join(' ');
const POLL_MS = 10;

const dir = process.env['SIM_DIR'] ?? '.';
const cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
await cluster.formPool();
for (const words of [`volume create old replica 3 ${BRICKS}`, 'volume start old'])
  await cluster.gluster('node01', words.split(' '));
await cluster.clock.sleep(60_000);
if (existsSync(join(dir, 'broken'))) {
  cluster.node('node02').stopGlusterd('process');
  await cluster.clock.sleep(60_000);
}
const before = stateOf(cluster);
process.on('exit', () => {
  writeFileSync(join(dir, 'report'), stateOf(cluster) === before ? 'as before' : 'changed');
});

for (const name of STOP_SIGNALS)
  process.on(name, () => {
    writeFileSync(join(dir, 'heard'), '');
  });

let isHeld = false;

function held(link: NodeLink): NodeLink {
  return {
    ...link,
    perform: async (op, ...rest) => {
      const isSet = op.kind === 'gluster' && op.argv[1] === 'set';
      if (isSet && !isHeld) {
        isHeld = true;
        writeFileSync(join(dir, 'reached'), '');
        while (!existsSync(join(dir, 'go'))) await sleep(POLL_MS);
      }
      return await link.perform(op, ...rest);
    },
  };
}

const open: OpenCluster = async (desired, signal) => {
  const links = new Map(desired.nodes.map(({ name }) => [name, held(cluster.link(name))]));
  return {
    links,
    observed: await observeAll(desired, links, signal),
    clock: cluster.clock,
    relink: (name) => Promise.resolve(held(cluster.link(name))),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
};

await main(process.argv, '0', open);
