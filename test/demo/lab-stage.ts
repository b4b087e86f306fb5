/** The story on real GlusterFS hosts: a lab of its own, which stays when the story is over. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { takeDown } from '../lab/cleanup.ts';
import { BUILT, stores } from '../lab/cluster.ts';
import { until } from '../lab/host.ts';
import { type Lab, labUp, starterFile, startWriter } from '../lab/lab.ts';
import { type Pauses, pausedProgram } from '../lab/pauses.ts';
import { labNames } from '../lab/record.ts';
import type { Client, Stage } from './stage.ts';

const ROOT = new URL('../..', import.meta.url).pathname;
const GLUSTER_LIMIT_MS = 150_000;
const HEAL_LIMIT_MS = 90_000;

/** Debian's packages, where they are missing; false: they could not be installed. */
export const installPackages = (): boolean =>
  spawnSync('sh', ['test/lab/install-packages.sh'], { cwd: ROOT, stdio: 'inherit' }).status === 0;

export interface Slowness {
  readonly cpuPercent: number | undefined;
  /** Inside each run of the program; each run has a seed of its own. */
  readonly pauses: Pauses | undefined;
}

export async function labStage(name: string, { cpuPercent, pauses }: Slowness): Promise<Stage> {
  if (labNames().includes(name)) await takeDown(name);
  const lab = await labUp({ name, nodes: 3, clients: 1, keep: true, cpuPercent });
  rmSync(starterFile(lab), { force: true });
  const program = 'node bin/glusterctl.js';
  const slow = cpuPercent === undefined ? '' : ` and ${String(cpuPercent)} % of a CPU`;
  let runs = 0;
  return {
    about: `three hosts on this machine, each with its own systemd, sshd and ${await version(lab)}${slow}`,
    dir: lab.dir,
    head: lab.clusterFileHead(),
    clients: (lab.nodes[0]?.ip ?? '').replace(/\d+$/, '*'),
    program,
    async glusterctl(args) {
      runs += 1;
      const { words, env } =
        pauses === undefined ? BUILT : pausedProgram({ ...pauses, seed: pauses.seed + runs });
      const child = spawn(process.execPath, [...words, ...args], {
        cwd: ROOT,
        stdio: 'inherit',
        env: { ...process.env, ...env },
      });
      const [code] = (await once(child, 'exit')) as [number | null];
      return code ?? -1;
    },
    async gluster(node, words) {
      const options = { allowFailure: true, timeoutMs: GLUSTER_LIMIT_MS };
      const ran = await lab.node(node).run(`gluster ${words}`, options);
      return { code: ran.code, output: ran.stdout + ran.stderr };
    },
    formPool: () => lab.formPool(),
    reset: () => lab.resetGluster(),
    jam: (node, path) => lab.node(node).immutable(path),
    unjam: (node, path) => lab.node(node).mutable(path),
    killBrick: (node, path) => lab.node(node).killBrick(path),
    stores: () => stores(lab),
    volumesOn: async (node) =>
      (await lab.node(node).run('ls /var/lib/glusterd/vols')).stdout
        .split('\n')
        .filter((name) => name !== ''),
    client: clientOf(lab),
    farewell: [
      'The cluster stays up for you to play with. Three things to try:',
      '',
      `  ${program} status ${starterFile(lab)}`,
      `  npm run lab -- fault --lab ${name} node02 kill-brick /bricks/d1/data`,
      `  ${program} apply ${starterFile(lab)}`,
      '',
      `A shell on a node:  npm run lab -- ssh --lab ${name} node01`,
      `All faults:         npm run lab -- help`,
      `Take it down:       npm run lab -- down ${name}`,
    ],
    close: () => undefined,
  };
}

const version = async (lab: Lab): Promise<string> =>
  (await lab.node('node01').run('glusterd --version')).stdout.split('\n')[0] ?? 'glusterd';

function clientOf(lab: Lab): Client {
  const on = lab.node('c1');
  return {
    async writeFile(volume, name, text) {
      const mount = await lab.mountClient(volume, { on });
      await mount.write(name, text);
      await mount.unmount();
    },
    onBricks: async (path) =>
      (await Promise.all(lab.nodes.map((node) => node.run(['cat', path], { allowFailure: true })))).flatMap(
        (ran) => (ran.code === 0 ? [ran.stdout] : []),
      ),
    async startWriting(volume) {
      const mount = await lab.mountClient(volume, { on });
      const writer = await startWriter(mount);
      return {
        writes: () => writer.writes(),
        async stop() {
          const report = await writer.stop();
          const copiesEqual = await healed(lab, `/bricks/d1/${volume}/writer.log`);
          await mount.unmount();
          return { ...report, copiesEqual };
        },
      };
    },
  };
}

/** Whether all bricks come to hold the same, once nobody writes any more. */
async function healed(lab: Lab, path: string): Promise<boolean> {
  const copies = async (): Promise<number> => {
    const sums = lab.nodes.map((node) => node.run(`sha256sum < ${path}`, { allowFailure: true }));
    return new Set((await Promise.all(sums)).map((sum) => sum.stdout)).size;
  };
  const limit = Math.max(...lab.nodes.map((node) => node.patience(HEAL_LIMIT_MS)));
  const one = until('equal copies', limit, async () => ((await copies()) === 1 ? true : undefined));
  return one.catch(() => false);
}
