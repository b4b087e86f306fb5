/**
 * Row 7: `plan` of three nodes, against the least that a person could do: log in on each, and do nothing.
 * What the nodes do for the probe is shown beside it: in a lab they do it on the same processors.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parallelProbes } from './many-nodes.ts';
import { contest, ratio, timed } from './contest.ts';
import { fileFor, glusterctl, plainLogin, plainSsh, sawNothingToDo, shown } from './setup.ts';
import type { Setup, Outcome } from './setup.ts';

const VOLUMES = 1;
const TARGET = 1.2;
/** Both are short, so they can be asked more often. */
const TURNS_A_ROUND = 4;

export async function planAgainstLogins(setup: Setup): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const file = fileFor(setup, VOLUMES);
  const count = String(lab.nodes.length);
  await glusterctl(dir, ['apply', file, '--yes'])();
  const logins = join(dir, 'logins.sh');
  const clients = lab.nodes.map((node) => `${plainLogin(lab, node).join(' ')} true & pids="$pids $!"`);
  writeFileSync(logins, `pids=\n${clients.join('\n')}\nfor pid in $pids; do wait $pid || exit; done\n`);
  const { ours, theirs, probes } = await contest(
    {
      ours: {
        name: `plan, ${count} nodes: glusterctl`,
        run: glusterctl(dir, ['plan', file]),
        after: () => sawNothingToDo(dir),
      },
      theirs: {
        name: `ssh NODE true, ${count} in parallel`,
        run: () => timed({ argv: ['sh', logins], output: join(dir, 'logins.out') }),
      },
      probes: {
        name: `the probe of plan by ssh, ${count} in parallel`,
        run: parallelProbes(setup, (node) => plainSsh(lab, node)),
      },
    },
    rounds * TURNS_A_ROUND,
  );
  const slower = ratio(ours, theirs);
  return {
    samples: [ours, theirs, probes],
    verdicts: [
      {
        row: 7,
        what: `plan on ${count} nodes, against ${count} parallel ssh NODE true`,
        target: `at most ${String(TARGET)}× their time`,
        measured: shown(slower),
        met: slower.value <= TARGET,
      },
    ],
  };
}
