/**
 * The cluster that rounds are played on, observed without the product: which glusterd and which bricks run
 * where, what has crashed, whether the client goes on. Gives no verdict.
 */
import { join } from 'node:path';
import type { Writer } from './client.ts';
import { BUILT, clusterFile, gluster, replica3, start } from './cluster.ts';
import { readOptional, until } from './host.ts';
import { type Lab, type LabNode, labUp, startWriter } from './lab.ts';
import { hasOption, type NodeProcess } from './node.ts';

const SETUP_LIMIT_MS = 300_000;

export interface RoundLabWish {
  readonly lab: string | undefined;
  readonly cpuPercent: number | undefined;
  /** Started volumes beside `data` and `scratch`, by turns distributed and replicated. */
  readonly volumes: number;
}

const spread = (name: string): string =>
  `  ${name}:\n    bricks: [node01:/bricks/d3/${name}, node02:/bricks/d3/${name}]`;

const extra = (n: number): string =>
  n % 2 === 0 ? replica3(`extra${String(n)}`) : spread(`extra${String(n)}`);

export class RoundLab implements AsyncDisposable {
  readonly lab: Lab;
  readonly #volumes: number;
  #writer: Writer | undefined;

  private constructor(lab: Lab, volumes: number) {
    this.lab = lab;
    this.#volumes = volumes;
  }

  static async up({ lab: name, cpuPercent, volumes }: RoundLabWish): Promise<RoundLab> {
    const named = name === undefined ? {} : { name };
    const lab = await labUp({ ...named, nodes: 3, clients: 1, cpuPercent });
    const cluster = new RoundLab(lab, volumes);
    try {
      await cluster.#build();
    } catch (error) {
      await lab.down();
      throw error;
    }
    return cluster;
  }

  /** After a round that left the cluster in an unknown state. */
  async again(): Promise<void> {
    await this.#writer?.stop();
    await this.lab.resetGluster();
    await this.#build();
  }

  /** Without a fault, and by way of no scratch at all, so that scratch is then as these lines say. */
  async bring(scratch: string): Promise<void> {
    await this.#apply('  scratch: { state: absent }');
    await this.clean();
    if (scratch !== '') await this.#apply(scratch);
  }

  /** A deleted volume leaves its bricks, and glusterd makes no other volume of them. */
  async clean(): Promise<void> {
    await Promise.all(this.lab.nodes.map((node) => node.run(['rm', '-rf', SCRATCH_BRICK])));
  }

  async #apply(scratch: string): Promise<void> {
    const words = ['apply', this.file(scratch), '--yes', '--allow-destroy', 'volume/scratch'];
    const limitMs = this.patience(SETUP_LIMIT_MS);
    const ran = await start(words, '', undefined, { ...BUILT, limitMs }).done;
    if (ran.code !== 0) throw new Error(`the volumes cannot be made: ${ran.stdout}${ran.stderr}`);
  }

  async #build(): Promise<void> {
    const { lab } = this;
    await this.#apply('');
    this.#writer = await startWriter(await lab.mountClient('data', { on: lab.node('c1') }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer?.stop();
    await this.lab.down();
  }

  patience(ms: number): number {
    return Math.max(...this.lab.nodes.map((node) => node.patience(ms)));
  }

  /** With these lines about scratch. */
  file(scratch: string): string {
    const extras = Array.from({ length: this.#volumes }, (_, i) => extra(i + 1));
    return clusterFile(this.lab, [replica3('data'), ...extras, scratch].join('\n'));
  }

  writes(): number {
    return this.#writer?.writes() ?? 0;
  }

  errors(): readonly string[] {
    return this.#writer?.errors() ?? [];
  }

  /** All self-heal daemons of `data` are online, as glusterd reports it. */
  async selfHeal(limitMs: number): Promise<void> {
    const one = this.lab.node('node01');
    let reported: readonly string[] = [];
    const ask = async (): Promise<true | undefined> => {
      const status = await gluster(one, 'volume status data').catch(String);
      const daemons = status.split('\n').filter((line) => line.startsWith('Self-heal Daemon'));
      reported = (daemons.length > 0 ? daemons : [status]).map((line) => line.replaceAll(/\s+/g, ' '));
      return daemons.length === 3 && daemons.every((line) => / Y +\d+ *$/.test(line)) ? true : undefined;
    };
    await until('self-heal', this.patience(limitMs), ask).catch(() => {
      const seconds = String(this.patience(limitMs) / 1000);
      throw new Error(`after ${seconds} s not every self-heal daemon is online: ${reported.join(', ')}`);
    });
  }
}

const idOf = ({ pid, start: began }: NodeProcess): string => `${String(pid)}@${began}`;

/**
 * Pid and start time of the oldest: what it has just forked, to start something, has its name too. Undefined:
 * none runs.
 */
export const glusterdOf = (node: LabNode): string | undefined =>
  node
    .processes()
    .filter(({ argv }) => argv[0]?.split('/').at(-1) === 'glusterd')
    .sort((a, b) => Number(a.start) - Number(b.start))
    .map(idOf)[0];

/** Path, process and port of each brick but this one: what nothing may touch but a plan that says so. */
export const bricksBut = (node: LabNode, path: string): readonly string[] =>
  node
    .processes()
    .filter((process) => process.argv.includes('--brick-name'))
    .filter((process) => !hasOption(process, '--brick-name', path))
    .map((process) => {
      const option = (name: string): string => process.argv[process.argv.indexOf(name) + 1] ?? '';
      return `${option('--brick-name')} ${idOf(process)} port ${option('--brick-port')}`;
    })
    .sort();

export const SCRATCH_BRICK = '/bricks/d2/scratch';

/** What each glusterd of this node has said that crashed. A SIGKILL says nothing. */
export const crashesOf = (node: LabNode): readonly string[] => {
  const log = readOptional(join(node.root, 'var/log/glusterfs/glusterd.log')) ?? '';
  return log
    .split(/^(?=signal received: \d+$)/m)
    .slice(1)
    .map(crashText);
};

/** The signal, its time, and which functions were under way, as far as the log names them. */
function crashText(log: string): string {
  const text = log.slice(0, log.indexOf('---------'));
  const frames = [...text.matchAll(/(\w+\.so)[.0-9]*\(([^)]*)\)/g)].map(
    (m) => `${m[1] ?? ''}(${m[2] ?? ''})`,
  );
  const head = [...text.matchAll(/^(?:signal received: \d+|\d{4}-.*)$/gm)].map((m) => m[0]);
  return [...head, ...frames.slice(2, 7)].join(' ');
}
