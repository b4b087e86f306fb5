/**
 * `npx tsx test/lab/recover-random.ts --rounds 50 --seed N`: a healthy cluster, one to three faults drawn by
 * the seed, then recover (`--fault NAME`, once or more: these instead). It must end healthy, or with exit 8
 * and a question; never with data lost, a brick less, or a copy less than before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { seeded } from '../../src/simulator/random.ts';
import { clusterFile, glusterctl } from './cluster.ts';
import { type Lab, labUp, missingRequirements } from './lab.ts';
import { bricksRunning, type FaultCase, isHealthy, Stage, VOL } from './recover-case.ts';
import { FAULTS } from './recover-faults/index.ts';

const UNNAMED = '  other: { state: absent }';
const SETTLE_MS = 8_000;
const BRICKS = ['node01', 'node02', 'node03'].map((node) => [node, '/bricks/d1/vol/before'] as const);

type Ending = 'healthy' | 'asked' | 'WRONG';

interface Round {
  readonly faults: readonly string[];
  readonly ending: Ending;
  readonly seconds: number;
  readonly words: string;
}

const print = (line: string): boolean => process.stdout.write(`${line}\n`);
/** What recover leaves as it is, for a person to judge, cannot end healthy. */
const isLeft = ({ ends }: FaultCase): boolean => ends.as !== 'recovered' && ends.exit === 0;
const drawable = FAULTS.filter(
  (c) => c.cluster === undefined && (c.file ?? UNNAMED) === UNNAMED && !isLeft(c),
);

function faultNamed(name: string): FaultCase {
  const found = FAULTS.find((f) => f.name === name);
  if (found === undefined) throw new Error(`no fault is named ${JSON.stringify(name)}`);
  return found;
}

/** How much there is to lose: processes that serve, definitions on disk, copies of what the client wrote. */
async function wealth(lab: Lab): Promise<readonly number[]> {
  const count = async (node: string, command: string): Promise<number> =>
    Number((await lab.node(node).run(command, { allowFailure: true })).stdout.trim());
  const infos = await Promise.all(
    lab.nodes.map((n) => count(n.name, 'test -s /var/lib/glusterd/vols/vol/info && echo 1 || echo 0')),
  );
  const copies = await Promise.all(
    BRICKS.map(([n, path]) => count(n, `test -s ${path} && echo 1 || echo 0`)),
  );
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  return [bricksRunning(lab).size, sum(infos), sum(copies)];
}

/** Two faults may exclude each other (a brick that is dead cannot be killed): then the second is none. */
async function breakIt(lab: Lab, faults: readonly FaultCase[]): Promise<readonly string[]> {
  const made: string[] = [];
  for (const fault of faults) {
    const isMade = await fault.fault(lab).then(
      () => true,
      () => false,
    );
    made.push(isMade ? fault.name : `${fault.name} (half made)`);
  }
  for (const node of lab.nodes) await node.healDisks();
  return made;
}

async function judge(lab: Lab, file: string): Promise<{ readonly ending: Ending; readonly words: string }> {
  const before = await wealth(lab);
  const ran = await glusterctl('recover', file, '--yes');
  const words = `${ran.stdout}${ran.stderr}`;
  if (ran.code === 0) {
    try {
      await isHealthy(lab, file);
      const mount = await lab.mountClient('vol', { on: lab.node('c1') });
      const text = await mount.read('before');
      await mount.unmount();
      return text.startsWith('written before')
        ? { ending: 'healthy', words: '' }
        : { ending: 'WRONG', words: `the file reads ${JSON.stringify(text)}\n${words}` };
    } catch (error) {
      return { ending: 'WRONG', words: `${words}\n${error instanceof Error ? error.message : ''}` };
    }
  }
  const after = await wealth(lab);
  const isWorse = after.some((n, i) => n < (before[i] ?? 0));
  const question = words.split('\n').filter((l) => l.includes('[decision-needed]'));
  return ran.code === 8 && question.length > 0 && !isWorse
    ? { ending: 'asked', words: question.join(' · ') }
    : {
        ending: 'WRONG',
        words: `exit ${String(ran.code)}, ${before.join('/')} → ${after.join('/')}\n${words}`,
      };
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '50' },
      seed: { type: 'string' },
      fault: { type: 'string', multiple: true, default: [] },
    },
  });
  const missing = missingRequirements();
  if (missing.length > 0) throw new Error(`this machine lacks: ${missing.join(', ')}`);
  const seed = Number(values.seed ?? Date.now() % 1_000_000);
  const random = seeded(seed);
  print(`seed ${String(seed)}, ${values.rounds} rounds, ${String(drawable.length)} faults to draw from`);
  await using lab = await labUp({ nodes: 3, clients: 1 });
  const stage = new Stage(lab);
  const rounds: Round[] = [];
  for (let i = 1; i <= Number(values.rounds); i++) {
    const drawn = Array.from({ length: random.int(1, 3) }, () => random.int(0, drawable.length - 1));
    const isNamed = random.chance(0.7);
    const pause = random.chance(0.5) ? SETTLE_MS : 0;
    await stage.healthy(VOL);
    const began = performance.now();
    const faults = await breakIt(
      lab,
      values.fault.length > 0
        ? values.fault.map(faultNamed)
        : [...new Set(drawn)].flatMap((n) => drawable[n] ?? []),
    );
    await sleep(pause);
    const { ending, words } = await judge(lab, clusterFile(lab, isNamed ? VOL : UNNAMED));
    const round = { faults, ending, words, seconds: Math.round((performance.now() - began) / 1000) };
    rounds.push(round);
    const about = `${String(round.seconds)} s${isNamed ? '' : ', not named'}`;
    const more = words === '' ? '' : `\n   ${words}`;
    print(`${String(i)}. ${ending} (${about}): ${faults.join(' + ')}${more}`);
    stage.distrust();
  }
  const count = (ending: Ending): string => String(rounds.filter((r) => r.ending === ending).length);
  const endings = `${count('healthy')} healthy, ${count('asked')} asked, ${count('WRONG')} wrong`;
  print(`seed ${String(seed)}: ${String(rounds.length)} rounds, ${endings}`);
  process.exitCode = rounds.some((r) => r.ending === 'WRONG') ? 1 : 0;
}

await main();
