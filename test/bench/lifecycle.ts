/**
 * Rows 9 and 10: new bricks with a rebalance, and a brick replaced until it is healed, against the commands
 * that an admin types on one node. Throws where the files are not where they belong afterwards.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clusterFile, gluster } from '../lab/cluster.ts';
import type { ClientMount, Lab } from '../lab/lab.ts';
import { freshPool, namesOf } from './cluster.ts';
import { contest, type Contender, ratio, type Sample, timed } from './contest.ts';
import { glusterctl, plainSsh, shown } from './setup.ts';
import type { Outcome, Setup } from './setup.ts';

const TARGET = 1.1;
const FILES = 2000;
const FILE_BYTES = 4096;
const VOLUME = 'data';
/** How often somebody at a shell asks whether it is done, and how many times at most. */
const ASK = { everySeconds: 1, times: 160 };

const disk = (n: number): string => `/bricks/d${String(n)}/${VOLUME}`;
const set = (lab: Lab, disks: readonly number[]): string[] =>
  disks.flatMap((n) => namesOf(lab).map((node) => `${node}:${disk(n)}`));
const fileOf = (lab: Lab, bricks: readonly string[]): string =>
  clusterFile(lab, `  ${VOLUME}:\n    replica: 3\n    bricks: [${bricks.join(', ')}]`);

const say = (command: string): string => `gluster --mode=script volume ${command}`;
/** Asks until the words of the shell are true; exit 1 where they never are. */
const until = (test: string): string =>
  `n=0; until ${test}; do n=$((n + 1)); [ $n -lt ${String(ASK.times)} ] || exit 1; ` +
  `sleep ${String(ASK.everySeconds)}; done`;

const ADD = (bricks: readonly string[]): string[] => [
  say(`set ${VOLUME} cluster.lookup-optimize off`),
  say(`add-brick ${VOLUME} ${bricks.join(' ')}`),
  say(`rebalance ${VOLUME} start`),
  `moves() { ${say(`rebalance ${VOLUME} status`)}; }`,
  until(`! moves | grep -q 'in progress'`),
  `! moves | grep -q failed`,
];
/** True where an entry is left, or a brick could not be asked. */
const COUNTS = "'/^Number of entries:/ && $4 != 0 { n = 1 } END { exit !n }'";
const HEALED: readonly string[] = [
  `pending() { ${say(`heal ${VOLUME} info`)} | awk ${COUNTS}; }`,
  until('! pending'),
];
const REPLACE = (was: string, becomes: string): string[] => [
  say(`replace-brick ${VOLUME} ${was} ${becomes} commit force`),
  ...HEALED,
];

function byHand({ lab, dir }: Setup, name: string, commands: readonly string[]): () => Promise<number> {
  const script = join(dir, `${name}.sh`);
  writeFileSync(script, `set -e\n${commands.join('\n')}\n`);
  const argv = plainSsh(lab, lab.node('node01'));
  return () => timed({ argv, input: script, output: join(dir, `${name}.out`) });
}

/** A started volume of one set, full of small files, and mounted. */
async function filled({ lab, dir }: Setup): Promise<ClientMount> {
  await freshPool(lab);
  await glusterctl(dir, ['apply', fileOf(lab, set(lab, [1])), '--yes'])();
  const mount = await lab.mountClient(VOLUME, { on: lab.node('c1') });
  const write = `head -c ${String(FILE_BYTES)} /dev/urandom >old/$i`;
  await mount.node.run(
    `cd ${mount.path} && mkdir old && for i in $(seq ${String(FILES)}); do ${write}; done`,
  );
  return mount;
}

const filesIn = async (lab: Lab, node: string, directory: string): Promise<number> =>
  Number((await lab.node(node).run(`find ${directory}/old -type f -size +0 | wc -l`)).stdout);

/** From one set with files to two with the files where they belong. */
export async function grow(setup: Setup): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  let mount: ClientMount | undefined;
  const turn = {
    before: async (): Promise<void> => {
      await mount?.unmount();
      mount = await filled(setup);
    },
    after: async (): Promise<void> => {
      const status = await gluster(lab.node('node01'), `volume rebalance ${VOLUME} status`);
      const moved = await filesIn(lab, 'node01', disk(2));
      if (!status.includes('completed') || moved < FILES / 4)
        throw new Error(`${String(moved)} files have moved:\n${status}`);
    },
  } satisfies Partial<Contender>;
  const words = ['apply', fileOf(lab, set(lab, [1, 2])), '--yes'];
  const { ours, bare } = await contest(
    {
      ours: { name: 'grow: glusterctl', run: glusterctl(dir, words), ...turn },
      bare: { name: 'grow: by hand', run: byHand(setup, 'grow', ADD(set(lab, [2]))), ...turn },
    },
    rounds,
  );
  await mount?.unmount();
  const what = `add-brick and rebalance of a volume with ${String(FILES)} files`;
  return outcome(9, what, ours, bare);
}

/** One brick of three in the place of another of the same node, until nothing is left to heal. */
export async function replace(setup: Setup): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const mount = await filled(setup);
  const [first = '', second = '', third = ''] = namesOf(lab);
  let now = 1;
  const bricks = (n: number): string[] => [
    `${first}:${disk(1)}`,
    `${second}:${disk(1)}`,
    `${third}:${disk(n)}`,
  ];
  const files = new Map([1, 2].map((n) => [n, fileOf(lab, bricks(n))]));
  const hands = new Map(
    [1, 2].map((n) => [
      n,
      byHand(setup, `replace-${String(n)}`, REPLACE(`${third}:${disk(3 - n)}`, `${third}:${disk(n)}`)),
    ]),
  );
  const healed = byHand(setup, 'healed', HEALED);
  const turn = {
    before: async (): Promise<void> => {
      await lab.node(third).run(['rm', '-rf', disk(3 - now)]);
      now = 3 - now;
    },
    after: async (): Promise<void> => {
      const healed = await filesIn(lab, third, disk(now));
      if (healed !== FILES)
        throw new Error(`${String(healed)} of ${String(FILES)} files are on the new brick`);
    },
  } satisfies Partial<Contender>;
  const { ours, bare } = await contest(
    {
      ours: {
        name: 'replace a brick: glusterctl',
        // The heal of the last brick runs on when `apply` has ended.
        run: async () =>
          (await glusterctl(dir, ['apply', files.get(now) ?? '', '--yes'])()) + (await healed()),
        ...turn,
      },
      bare: {
        name: 'replace a brick: by hand',
        run: () => hands.get(now)?.() ?? Promise.reject(new Error('no such disk')),
        ...turn,
      },
    },
    rounds,
  );
  await mount.unmount();
  return outcome(
    10,
    `replace-brick of a replica set with ${String(FILES)} files, until it is healed`,
    ours,
    bare,
  );
}

function outcome(row: number, what: string, ours: Sample, bare: Sample): Outcome {
  const slower = ratio(ours, bare);
  return {
    samples: [ours, bare],
    verdicts: [
      {
        row,
        what: `${what}, against the same by hand in a shell`,
        target: `at most ${String(TARGET)}× its time`,
        measured: shown(slower),
        met: slower.value <= TARGET,
      },
    ],
  };
}
