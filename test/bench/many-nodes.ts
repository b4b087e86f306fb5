/**
 * Row 4: `plan` of a large pool, against as many parallel ssh clients, each running the same probe on its
 * node.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brickPath, nodeName } from '../../src/model/names.ts';
import { probeScript } from '../../src/observe/probe.ts';
import { execInput } from '../../src/ssh/channel.ts';
import { checkVolumes, volumesOn } from './cluster.ts';
import { contest, ratio, timed } from './contest.ts';
import { fileFor, glusterctl, plainSsh, sawNothingToDo, shown } from './setup.ts';
import type { Setup, Outcome } from './setup.ts';

const VOLUMES = 1;
const TARGET = 1;
const NONCE = '0123456789abcdef0123456789abcdef';

export async function planAgainstSsh(setup: Setup): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const file = fileFor(setup, VOLUMES);
  const volumes = volumesOn(lab, VOLUMES);
  const count = String(lab.nodes.length);
  await glusterctl(dir, ['apply', file, '--yes'])();
  await checkVolumes(lab, volumes);

  const answer = (node: string): string => join(dir, `${node}.answer`);
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
    return `${plainSsh(lab, node).join(' ')} <${probe} >${answer(node.name)} 2>&1 &`;
  });
  const parallel = join(dir, 'parallel.sh');
  writeFileSync(parallel, `${clients.join('\n')}\nwait\n`);

  const { ours, theirs } = await contest(
    {
      ours: {
        name: `plan, ${count} nodes: glusterctl`,
        run: glusterctl(dir, ['plan', file]),
        after: () => sawNothingToDo(dir),
      },
      theirs: {
        name: `plan, ${count} nodes: the probe by ${count} parallel ssh clients`,
        run: () => timed({ argv: ['sh', parallel], output: join(dir, 'parallel.out') }),
        after: () => {
          const cut = lab.nodes.filter(({ name }) => !endsProperly(answer(name)));
          if (cut.length > 0)
            throw new Error(`no whole answer from ${cut.map(({ name }) => name).join(', ')}`);
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

const endsProperly = (file: string): boolean => readFileSync(file, 'utf8').endsWith(`\n${NONCE} end\n`);
