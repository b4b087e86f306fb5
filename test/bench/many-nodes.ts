/**
 * Rows 4 and 8: `plan` of a large pool, against as many parallel ssh clients, each running the same probe on
 * its node: reached directly, and behind a bastion with the limits of a new sshd.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brickPath, nodeName } from '../../src/model/names.ts';
import { probeScript } from '../../src/observe/probe.ts';
import { execInput } from '../../src/ssh/channel.ts';
import type { LabNode } from '../lab/lab.ts';
import { checkVolumes, volumesOn } from './cluster.ts';
import { contest, ratio, timed } from './contest.ts';
import { fileFor, glusterctl, plainSsh, sawNothingToDo, shown } from './setup.ts';
import type { Setup, Outcome } from './setup.ts';

const VOLUMES = 1;
const TARGET = 1;
const NONCE = '0123456789abcdef0123456789abcdef';

const answerOf = ({ dir }: Setup, node: string): string => join(dir, `${node}.answer`);

/** Runs the probe by `ssh` on all nodes together, its answers unread in files. */
export function parallelProbes(
  setup: Setup,
  ssh: (node: LabNode) => readonly string[],
): () => Promise<number> {
  const { lab, dir } = setup;
  const volumes = volumesOn(lab, VOLUMES);
  const clients = lab.nodes.map((node, i) => {
    const probe = join(dir, `${node.name}.probe`);
    const script = probeScript({
      nonce: NONCE,
      paths: volumes.map(({ path }) => brickPath(path)),
      hosts: lab.nodes.map(({ name }) => nodeName(name)),
      baseline: true,
      optionCatalogue: i === 0,
    });
    writeFileSync(probe, execInput(script));
    return `${ssh(node).join(' ')} <${probe} >${answerOf(setup, node.name)} 2>&1 &`;
  });
  const parallel = join(dir, 'parallel.sh');
  writeFileSync(parallel, `${clients.join('\n')}\nwait\n`);
  return () => timed({ argv: ['sh', parallel], output: join(dir, 'parallel.out') });
}

/** Nodes whose answer of the last run is not whole. */
const cutShort = (setup: Setup): readonly string[] =>
  setup.lab.nodes.map(({ name }) => name).filter((name) => !endsProperly(answerOf(setup, name)));

export async function planAgainstSsh(setup: Setup): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const file = fileFor(setup, VOLUMES);
  const count = String(lab.nodes.length);
  await glusterctl(dir, ['apply', file, '--yes'])();
  await checkVolumes(lab, volumesOn(lab, VOLUMES));
  const { ours, theirs } = await contest(
    {
      ours: {
        name: `plan, ${count} nodes: glusterctl`,
        run: glusterctl(dir, ['plan', file]),
        after: () => sawNothingToDo(dir),
      },
      theirs: {
        name: `plan, ${count} nodes: the probe by ${count} parallel ssh clients`,
        run: parallelProbes(setup, (node) => plainSsh(lab, node)),
        after: () => {
          const cut = cutShort(setup);
          if (cut.length > 0) throw new Error(`no whole answer from ${cut.join(', ')}`);
          return Promise.resolve();
        },
      },
    },
    rounds,
  );
  const slower = ratio(ours, theirs);
  return {
    samples: [ours, theirs],
    verdicts: [
      {
        row: 4,
        what: `plan on ${count} nodes, against ${count} parallel ssh clients running the same probe`,
        target: `at most ${String(TARGET)}× their time`,
        measured: shown(slower),
        met: slower.value <= TARGET,
      },
    ],
  };
}

/** By configuration alone; what ssh -J loses to MaxStartups is counted, and not tried again. */
export async function planBehindBastion(setup: Setup): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const [bastion] = lab.clients;
  if (bastion === undefined) throw new Error('this lab has no host to be the bastion');
  const config = join(dir, 'ssh_config');
  writeFileSync(
    config,
    [
      `Host ${bastion.ip}`,
      '  ProxyJump none',
      'Host *',
      '  User root',
      `  ProxyJump ${bastion.ip}`,
      `  IdentityFile ${lab.sshKeyFile}`,
      '  IdentitiesOnly yes',
      `  UserKnownHostsFile ${lab.knownHostsFile}`,
      '  StrictHostKeyChecking yes',
      '  BatchMode yes',
      '',
    ].join('\n'),
  );
  const file = fileFor(setup, VOLUMES);
  const count = String(lab.nodes.length);
  await glusterctl(dir, ['apply', file, '--yes'])();
  const lost: number[] = [];
  const { ours, theirs } = await contest(
    {
      ours: {
        name: `plan, ${count} nodes behind a bastion: glusterctl`,
        run: glusterctl(dir, ['plan', file, '--ssh-config', config, '--proxy-jump', bastion.ip]),
        after: () => sawNothingToDo(dir),
      },
      theirs: {
        name: `plan, ${count} nodes behind a bastion: the probe by ${count} × ssh -J`,
        run: parallelProbes(setup, ({ ip }) => ['ssh', '-F', config, '-T', ip, 'sh', '-s']),
        after: () => Promise.resolve(void lost.push(cutShort(setup).length)),
      },
    },
    rounds,
  );
  const slower = ratio(ours, theirs);
  const losses = `${String(Math.min(...lost))} to ${String(Math.max(...lost))}`;
  return {
    samples: [ours, theirs],
    verdicts: [
      {
        row: 8,
        what:
          `plan on ${count} nodes behind a bastion with default limits, against ${count} parallel ssh -J ` +
          'running the same probe',
        target: `every node, at most ${String(TARGET)}× their time`,
        measured: `${shown(slower)}; ssh -J lost ${losses} of ${count} nodes`,
        met: slower.value <= TARGET,
      },
    ],
  };
}

const endsProperly = (file: string): boolean => readFileSync(file, 'utf8').endsWith(`\n${NONCE} end\n`);
