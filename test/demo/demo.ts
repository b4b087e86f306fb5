/**
 * `npm run demo`: the main job, step by step, on real GlusterFS hosts where this machine can run them, else
 * on the simulated cluster. Owns that choice; ends non-zero when the story does not hold. For slow hosts: `--
 * --cpu PERCENT`, `-- --pause-seed N --pause-max MS`; beside another demo: `-- --lab NAME`.
 */
import { parseArgs } from 'node:util';
import { missingRequirements } from '../lab/requirements.ts';
import { pauser, type Pauses, pausesOf } from '../lab/pauses.ts';
import { terminal } from '../../src/cli/process.ts';
import { installPackages, labStage } from './lab-stage.ts';
import { simStage } from './sim-stage.ts';
import { pausedStage, type Stage } from './stage.ts';
import { playStory, StoryBroken } from './story.ts';

const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** What is still missing after Debian's packages have been installed, where they can be. */
function lacking(): readonly string[] {
  const missing = missingRequirements();
  const packages = missing.filter((what) => what.startsWith('package '));
  if (packages.length === 0 || packages.length < missing.length) return missing;
  print(`Installing what the lab needs: ${packages.join(', ').replaceAll('package ', '')}`);
  return installPackages() ? missingRequirements() : missing;
}

interface Wish {
  readonly simulated: boolean;
  /** Name of the lab of real hosts; one of that name that is up goes first. */
  readonly lab: string;
  /** Of one CPU, for each of the real hosts. */
  readonly cpuPercent: number | undefined;
  readonly pauses: Pauses | undefined;
}

function wish(): Wish {
  const { values } = parseArgs({
    options: {
      simulated: { type: 'boolean', default: false },
      lab: { type: 'string', default: 'demo' },
      cpu: { type: 'string' },
      'pause-seed': { type: 'string', default: '1' },
      'pause-max': { type: 'string' },
    },
  });
  const maxMs = values['pause-max'];
  return {
    simulated: values.simulated,
    lab: values.lab,
    cpuPercent: values.cpu === undefined ? undefined : Number(values.cpu),
    pauses: maxMs === undefined ? undefined : pausesOf(values['pause-seed'], maxMs),
  };
}

/** As the person sees it; colours only where there is a terminal. */
async function stage({ simulated: wished, lab, cpuPercent, pauses }: Wish): Promise<Stage> {
  const missing = wished ? [] : lacking();
  if (missing.length > 0) print(`No real hosts: this machine lacks ${missing.join(', ')}.`);
  if (wished || missing.length > 0) {
    print('The story runs on a simulated cluster.');
    return simStage(terminal('auto'));
  }
  print('Booting a lab of three GlusterFS hosts and a client ...');
  return await labStage(lab, { cpuPercent, pauses });
}

async function main(): Promise<void> {
  const wished = wish();
  const { pauses } = wished;
  const on = await stage(wished);
  if (pauses !== undefined)
    print(`Pauses of up to ${String(pauses.maxMs)} ms, with seed ${String(pauses.seed)}.`);
  try {
    await playStory(pauses === undefined ? on : pausedStage(on, pauser(pauses)), print);
  } finally {
    on.close();
  }
}

main().catch((error: unknown) => {
  const text =
    error instanceof StoryBroken ? error.message : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`\ndemo: ${text}\n`);
  process.exitCode = 1;
});
