/**
 * `npm run rounds -- --rounds 20 --seed N`: changes by the product within seconds of restarts of glusterd,
 * with a client that writes all the while. `--pause-max MS` also pauses inside the product, `--cpu PERCENT`
 * slows the nodes down, `--volumes N` adds started ones, `--change NAME` asks for that one alone. A line a
 * round, a table at the end; exit 1 when any round broke.
 */
import { parseArgs } from 'node:util';
import { seeded } from '../../src/simulator/random.ts';
import { missingRequirements } from './lab.ts';
import { pausesOf } from './pauses.ts';
import {
  after,
  CHANGES,
  draw,
  type Draw,
  NO_SCRATCH,
  playRound,
  RESTARTS,
  type Round,
  type Scratch,
  standing,
} from './round.ts';
import { RoundLab } from './round-lab.ts';

const print = (line: string): boolean => process.stdout.write(`${line}\n`);

function about({ nodes, how, isLeft, pauseMs }: Draw): string {
  const where = nodes.length === 3 ? 'all' : nodes.join(' and ');
  return `${how} of ${where}${isLeft ? ', left down' : ''}, ${(pauseMs / 1000).toFixed(1)} s before`;
}

function line(n: number, { ending, change, draw: drawn, exit, seconds, words }: Round): string {
  const result = `exit ${String(exit)} (${seconds.toFixed(0)} s)`;
  const head = `${String(n)}. ${ending} ${change}, ${about(drawn)}: ${result}`;
  return [head, ...words.map((word) => `   ${word}`)].join('\n');
}

/** The cluster of the round before did not come to rest, or the lab itself failed. */
const unplayed = (error: unknown, drawn: Draw, scratch: Scratch): Round => ({
  change: scratch.next,
  draw: drawn,
  ending: 'BROKEN',
  exit: null,
  seconds: 0,
  words: [`it could not be played: ${error instanceof Error ? error.message : String(error)}`],
  scratch,
});

const ENDINGS = ['ok', 'refused', 'BROKEN'] as const;

function table(rounds: readonly Round[]): string {
  const rows = RESTARTS.flatMap((how) => [
    ...[false, true].map((isLeft) => ({ how, isLeft })).filter((row) => row.how !== 'service' || !row.isLeft),
  ]);
  const cell = (some: readonly Round[]): string =>
    ENDINGS.flatMap((ending) => {
      const count = some.filter((round) => round.ending === ending).length;
      return count === 0 ? [] : [`${String(count)} ${ending}`];
    }).join(', ');
  const lines = rows.map(({ how, isLeft }) => {
    const own = rounds.filter(({ draw: d }) => d.how === how && d.isLeft === isLeft);
    const cells = CHANGES.map((change) => cell(own.filter((round) => round.change === change)));
    return [`${how}${isLeft ? ', left down' : ''}`, ...cells].map((text) => text.padEnd(22)).join('| ');
  });
  return [['', ...CHANGES].map((text) => text.padEnd(22)).join('| '), ...lines].join('\n');
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rounds: { type: 'string', default: '20' },
      seed: { type: 'string' },
      lab: { type: 'string' },
      'pause-max': { type: 'string' },
      cpu: { type: 'string' },
      volumes: { type: 'string', default: '0' },
      change: { type: 'string' },
    },
  });
  const missing = missingRequirements();
  if (missing.length > 0) throw new Error(`this machine lacks: ${missing.join(', ')}`);
  const seed = values.seed ?? String(Date.now() % 1_000_000);
  const pauses = values['pause-max'] === undefined ? undefined : pausesOf(seed, values['pause-max']);
  const random = seeded(Number(seed));
  print(`seed ${seed}, ${values.rounds} rounds`);
  await using cluster = await RoundLab.up({
    lab: values.lab,
    cpuPercent: values.cpu === undefined ? undefined : Number(values.cpu),
    volumes: Number(values.volumes),
  });
  const only = CHANGES.find((change) => change === values.change);
  if (values.change !== undefined && only === undefined)
    throw new Error(`a change is one of ${CHANGES.join(', ')}, not ${values.change}`);
  const rounds: Round[] = [];
  let scratch = NO_SCRATCH;
  let brokenLater = 0;
  const turnTo = async (next: Scratch): Promise<void> => {
    scratch = only === undefined ? next : { ...next, next: only };
    if (only === undefined && standing(scratch) === '') return;
    await cluster.bring(standing(scratch)).catch(async (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      print(`   the cluster did not stay well after it: ${why}`);
      brokenLater += 1;
      await cluster.again();
      await cluster.bring(standing(scratch));
    });
  };
  await turnTo(scratch);
  for (let n = 1; n <= Number(values.rounds); n++) {
    const drawn = draw(random);
    const round = await playRound(cluster, drawn, scratch, pauses).catch((error: unknown) =>
      unplayed(error, drawn, scratch),
    );
    rounds.push(round);
    print(line(n, round));
    ({ scratch } = round);
    if (n === Number(values.rounds)) break;
    if (round.ending === 'BROKEN') {
      await cluster.again();
      // What breaks each time shall not keep the others from their turn.
      await turnTo(after(scratch));
    } else if (only !== undefined) await turnTo(scratch);
  }
  const count = (ending: Round['ending']): string =>
    String(rounds.filter((round) => round.ending === ending).length);
  print(`\n${table(rounds)}\n`);
  const endings = `${count('ok')} ok, ${count('refused')} refused, ${count('BROKEN')} broken`;
  print(`seed ${seed}: ${String(rounds.length)} rounds, ${endings}, ${String(brokenLater)} broken later`);
  process.exitCode = brokenLater > 0 || rounds.some((round) => round.ending === 'BROKEN') ? 1 : 0;
}

await main();
