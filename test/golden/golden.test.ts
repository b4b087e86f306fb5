/**
 * Golden plans: a case is a folder with a cluster file, a story (what an administrator did before, what
 * breaks, which commands are given), and `plan.txt`, what glusterctl then says and does. Owns the runner;
 * `-u` writes the texts again.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from 'commander';
import { expect, test } from 'vitest';
import { exitCodeOfFailures } from '../../src/cli/exit-codes.ts';
import { program } from '../../src/cli/program.ts';
import { FailureError } from '../../src/core/failure.ts';
import { failureText } from '../../src/report/text/failure-text.ts';
import { SimCluster } from '../../src/simulator/cluster.ts';
import type { SimCall, WorldFault } from '../../src/simulator/fault.ts';
import { sessionOn } from '../unit/cli/session-on.ts';

const HERE = import.meta.dirname;
const SEED = 7;
/** Until daemons that were started are up. */
const REST_MS = 70_000;

interface Output {
  text: string;
}

/** One line of a story, by its form; the first that matches. */
const LINES: readonly (readonly [
  RegExp,
  (m: readonly string[], cluster: SimCluster, output: Output, dir: string) => Promise<void>,
])[] = [
  [
    /^(node\d+)\$ gluster (.+)$/,
    async ([, node = '', words = ''], cluster) => {
      await cluster.gluster(node, words.split(' '));
      await cluster.clock.sleep(REST_MS);
    },
  ],
  [
    /^(node\d+): rm (\S+)$/,
    async ([, node = '', path = ''], cluster) => {
      cluster.node(node).disk.remove(path);
    },
  ],
  [
    /^(node\d+): in (\S+), "(.*)" becomes "(.*)"$/,
    async ([, node = '', path = '', from = '', to = ''], cluster) => {
      const { disk } = cluster.node(node);
      disk.write(path, (disk.read(path) ?? '').replace(from, to));
    },
  ],
  [
    /^(node\d+): stop glusterd$/,
    async ([, node = ''], cluster) => {
      cluster.node(node).stopGlusterd('process');
    },
  ],
  [
    /^(node\d+): start glusterd$/,
    async ([, node = ''], cluster) => {
      cluster.node(node).startGlusterd();
      await cluster.clock.sleep(REST_MS);
    },
  ],
  [
    /^(node\d+): (\S+)( \S+)?$/,
    async ([, node = '', kind = '', path = ''], cluster) => {
      await cluster.node(node).fault({ kind, ...(path !== '' && { path: path.trim() }) } as WorldFault);
      await cluster.clock.sleep(1_000);
    },
  ],
  [
    /^at gluster command (\d+): (node\d+): (\S+)( \S+)?$/,
    async ([, nth = '', node = '', kind = '', path = ''], cluster) => {
      const fault = { node, kind, ...(path !== '' && { path: path.trim() }) } as WorldFault;
      let count = 0;
      const isAt = (call: SimCall): boolean => call.op?.kind === 'gluster' && ++count === Number(nth);
      cluster.inject([{ at: isAt, fault }]);
    },
  ],
  [
    /^\$ glusterctl (.+)$/,
    async ([, words = ''], cluster, output, dir) => {
      output.text += `$ glusterctl ${words}\n${await glusterctl(words.split(' '), cluster, dir)}`;
      await cluster.clock.sleep(REST_MS);
    },
  ],
];

/** Progress has the time of day. */
const PROGRESS = /^\d\d:\d\d:\d\d .*\n/gm;
/** Who ran it, where and when. */
const CONTROLLER = /\S+@\S+ \(pid \d+, .*?\)/g;
const DRAINED = /by \S+@\S+ since [\d-]+T[\d:.]+Z/g;
const ID = /\d{8}T\d{6}Z-[0-9a-f]{8}/g;

async function glusterctl(words: readonly string[], cluster: SimCluster, dir: string): Promise<string> {
  let said = '';
  const say = (text: string): void => void (said += text);
  // Each run is a controller of its own, as each process is.
  const controller = cluster.controller(`run ${String(cluster.calls)}`);
  const session = sessionOn({ ...cluster, link: (node) => controller.link(node) }, { out: say, err: say });
  const from = cluster.trace.length;
  process.exitCode = 0;
  let code: number;
  try {
    const paths = words.map((word) => (word.endsWith('.yaml') ? join(dir, word) : word));
    const run = program(session, '0')
      .exitOverride()
      .parseAsync(['node', 'glusterctl', ...paths]);
    const dead = new Promise<'killed'>((resolve) => {
      controller.onDeath.add(() => {
        resolve('killed');
      });
    });
    if ((await Promise.race([run, dead])) === 'killed')
      return `${textOf(said, dir)}
killed
`;
    code = process.exitCode;
  } catch (error) {
    if (error instanceof FailureError) {
      say(failureText(error.failures, false));
      code = exitCodeOfFailures(error.failures);
    } else if (error instanceof CommanderError) code = error.exitCode;
    else throw error;
  } finally {
    process.exitCode = 0;
  }
  return `${textOf(said, dir)}\n${doneOn(cluster.trace.slice(from))}exit code ${String(code)}\n`;
}

const textOf = (said: string, dir: string): string =>
  said
    .replaceAll(`${dir}/`, '')
    .replace(PROGRESS, '')
    .replace(ID, 'ID')
    .replace(CONTROLLER, 'USER@HOST')
    .replace(DRAINED, 'by USER@HOST since TIME')
    .trimEnd();

/** Operations that change a node or a daemon, without what every transaction does. */
const OPERATIONS = [
  'stop-glusterd',
  'start-glusterd',
  'restore-store',
  'edit-store',
  'launch-brick',
  'end-process',
  'clean-brick',
  'remove-pidfile',
  'mark-drained',
];
const CHANGING = new RegExp(`perform (node\\d+) (${OPERATIONS.join('|')})`);
const COMMAND = /^(node\d+ gluster (volume|peer) (?!status|info|get|heal).*)$/;

function doneOn(trace: readonly string[]): string {
  const lines = trace.flatMap((line) => {
    const op = CHANGING.exec(line);
    if (op !== null) return [`  ${op[1] ?? ''} ${op[2] ?? ''}`];
    const command = COMMAND.exec(line)?.[1];
    return command === undefined ? [] : [`  ${command}`];
  });
  return lines.length === 0 ? '' : `\non the nodes:\n${lines.join('\n')}\n\n`;
}

const cases = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)
  .sort();

test.each(cases)('%s', async (name) => {
  const dir = join(HERE, name);
  const file = readFileSync(join(dir, 'cluster.yaml'), 'utf8');
  const nodes = ['node01', 'node02', 'node03', ...(file.includes('node04:') ? ['node04'] : [])];
  const cluster = SimCluster.create({ seed: SEED, nodes, killMode: 'process' });
  await cluster.formPool();
  const output: Output = { text: '' };
  for (const line of readFileSync(join(dir, 'story.txt'), 'utf8').split('\n')) {
    const found = LINES.map(([form, work]) => ({ match: form.exec(line), work })).find(
      (l) => l.match !== null,
    );
    if (found?.match) await found.work(found.match, cluster, output, dir);
    else if (line !== '' && !line.startsWith('#'))
      throw new Error(`${name}/story.txt: not understood: ${line}`);
  }
  await expect(output.text).toMatchFileSnapshot(join(dir, 'plan.txt'));
});
