/**
 * The story on the simulated cluster, for machines that cannot run real hosts. The program is the same; the
 * nodes are modelled, in memory.
 */
import { setMaxListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplyFlags } from '../../src/cli/commands/apply.ts';
import type { OpenCluster } from '../../src/cli/cluster.ts';
import { type Session, warner } from '../../src/cli/session.ts';
import { SimCluster } from '../../src/simulator/cluster.ts';
import { STORE } from '../../src/simulator/world.ts';
import { observeAll } from '../../src/observe/observe-all.ts';
import type { Terminal } from '../../src/report/terminal.ts';
import { NODES, type Stage } from './stage.ts';

const SEED = 1;

export function simStage(terminal: Terminal): Stage {
  const empty = (): SimCluster => SimCluster.create({ seed: SEED, nodes: NODES });
  let cluster = empty();
  const dir = mkdtempSync(join(tmpdir(), 'glusterctl-demo-'));
  const { signal } = new AbortController();
  setMaxListeners(0, signal);
  const session: Session = {
    terminal,
    signal,
    warn: warner(terminal),
    open: (...args) => openSimulated(cluster)(...args),
  };
  return {
    about: 'three nodes that are simulated in memory, with a clock of their own',
    dir,
    head: [
      'cluster: demo',
      'nodes:',
      ...NODES.map((node, i) => `  ${node}: { address: 10.0.0.${String(11 + i)} }`),
      '',
    ].join('\n'),
    clients: '10.0.0.*',
    program: 'glusterctl',
    glusterctl: (args) => runInProcess(args, session),
    async gluster(node, words) {
      const argv = words.split(' ').filter((word) => word !== '--mode=script');
      const outcome = await cluster.gluster(node, argv);
      return {
        code: outcome.kind === 'done' ? 0 : 1,
        output: outcome.kind === 'done' ? '' : outcome.message,
      };
    },
    formPool: () => cluster.formPool(),
    reset: async () => {
      cluster = empty();
    },
    jam: async (node, path) => {
      await cluster.node(node).fault({ kind: 'immutable', path });
    },
    unjam: async (node, path) => {
      await cluster.node(node).fault({ kind: 'mutable', path });
    },
    killBrick: async (node, path) => {
      cluster.node(node).killBrick(path);
    },
    stores: async () => NODES.map((node) => storeText(cluster, node)).join('\n====\n'),
    volumesOn: async (node) => cluster.node(node).disk.list(`${STORE}/vols`),
    client: undefined,
    farewell: [
      'That was a simulation: there is nothing to take down. ' +
        'As root on Linux, "npm run demo" shows it on real hosts.',
    ],
    close: () => {
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

const openSimulated =
  (cluster: SimCluster): OpenCluster =>
  async (desired, signal, onNode) => {
    const links = new Map(desired.nodes.map(({ name }) => [name, cluster.link(name)]));
    for (const name of links.keys()) onNode(name, 'started');
    const observed = await observeAll(desired, links, signal);
    for (const [name, reading] of observed.nodes) onNode(name, reading.kind === 'read' ? 'done' : 'failed');
    return {
      links,
      observed,
      clock: cluster.clock,
      relink: (name) => Promise.resolve(cluster.link(name)),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  };

/**
 * The command as the command line gives it, without a process of its own. Its exit code is read from
 * `process.exitCode`.
 */
async function runInProcess(
  [command, file = '', ...words]: readonly string[],
  session: Session,
): Promise<number> {
  const before = process.exitCode;
  process.exitCode = 0;
  const format = 'text' as const;
  const allowDestroy = words.flatMap((word, i) => (words[i - 1] === '--allow-destroy' ? [word] : []));
  const flags: ApplyFlags = { format, allowDestroy, prefer: [], repair: true, yes: words.includes('--yes') };
  if (command === 'plan') {
    const { planCommand } = await import('../../src/cli/commands/plan.ts');
    const detailedExitcode = words.includes('--detailed-exitcode');
    await planCommand(file, { format, prefer: [], detailedExitcode }, session);
  } else if (command === 'apply') {
    const { applyCommand } = await import('../../src/cli/commands/apply.ts');
    await applyCommand(file, flags, session);
  } else if (command === 'recover') {
    const { recoverCommand } = await import('../../src/cli/commands/recover.ts');
    await recoverCommand(file, { ...flags, yes: true, prefer: [] }, session);
  } else if (command === 'status') {
    const { statusCommand } = await import('../../src/cli/commands/status.ts');
    await statusCommand(file, { format }, session);
  } else {
    const { doctorCommand } = await import('../../src/cli/commands/doctor.ts');
    await doctorCommand(file, { format }, session);
  }
  const code = process.exitCode;
  process.exitCode = before;
  return code;
}

function storeText(cluster: SimCluster, name: string): string {
  const node = cluster.node(name);
  const volumes = node.disk.list(`${STORE}/vols`).map((volume) => {
    const info = node.info(volume).filter((line) => !line.startsWith('version='));
    return [`== ${volume}`, ...info, ...node.disk.list(`${STORE}/vols/${volume}/bricks`)].join('\n');
  });
  return volumes.join('\n');
}
