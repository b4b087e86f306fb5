/** Row 5: what it costs to start at all. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { contest, ratio, timed } from './contest.ts';
import { glusterctl, shown } from './setup.ts';
import type { Outcome } from './setup.ts';

const TARGET = 1.5;
/** A start is short, so it can be tried often. */
const STARTS_A_ROUND = 10;

export async function startUp(dir: string, rounds: number): Promise<Outcome> {
  mkdirSync(dir, { recursive: true });
  const { ours, theirs } = await contest(
    {
      ours: { name: 'glusterctl --version', run: glusterctl(dir, ['--version']) },
      theirs: {
        name: 'node -e 0',
        run: () => timed({ argv: [process.execPath, '-e', '0'], output: join(dir, 'node.out') }),
      },
    },
    rounds * STARTS_A_ROUND,
  );
  const slower = ratio(ours, theirs);
  return {
    samples: [ours, theirs],
    verdicts: [
      {
        row: 5,
        what: 'glusterctl --version, against node -e 0',
        target: `at most ${String(TARGET)}× its time`,
        measured: shown(slower),
        met: slower.value <= TARGET,
      },
    ],
  };
}
