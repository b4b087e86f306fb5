/**
 * `npm run demo`: the main job on a cluster of one's own, told step by step. On real GlusterFS hosts where this machine can
 * run them, else on the simulated cluster. Owns that choice; ends non-zero when the story does not hold.
 */
import { missingRequirements } from '../lab/requirements.ts';
import { terminal } from '../../src/cli/process.ts';
import { installPackages, labStage } from './lab-stage.ts';
import { simStage } from './sim-stage.ts';
import type { Stage } from './stage.ts';
import { StoryBroken, tell } from './story.ts';

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

/** As the person sees it; colours only where there is a terminal. */
async function stage(): Promise<Stage> {
  const wished = process.argv.includes('--simulated');
  const missing = wished ? [] : lacking();
  if (missing.length > 0) print(`No real hosts: this machine lacks ${missing.join(', ')}.`);
  if (wished || missing.length > 0) {
    print('The story is told on a simulated cluster.');
    return simStage(terminal({}));
  }
  print('Booting a lab of three GlusterFS hosts and a client ...');
  return await labStage();
}

async function main(): Promise<void> {
  const on = await stage();
  try {
    await tell(on, print);
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
