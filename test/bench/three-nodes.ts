/**
 * Rows 2 and 3: three nodes and five volumes, against ansible-playbook and against the bare gluster commands.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ansible } from './ansible.ts';
import { checkVolumes, freshPool, OPTIONS, playbook, shellLoop, volumesOn } from './cluster.ts';
import { contest, ratio, timed } from './contest.ts';
import { fileFor, glusterctl, plainSsh, sawNothingToDo, shown } from './setup.ts';
import type { Setup, Outcome } from './setup.ts';

const VOLUMES = 5;
const PLAN_TARGET = 6;
const APPLY_TARGET = 1.8;
const BARE_TARGET = 1.2;
/** A `plan` is short, so it can be asked more often. */
const PLANS_A_ROUND = 3;

/** `plan` with nothing to do, against a run of the playbook that changes nothing. */
export async function planAgainstAnsible(setup: Setup, ansible: Ansible): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const file = fileFor(setup, VOLUMES);
  const volumes = volumesOn(lab, VOLUMES);
  const command = ansible.playbook(playbook(lab, volumes));
  await freshPool(lab);
  await glusterctl(dir, ['apply', file, '--yes'])();
  await checkVolumes(lab, volumes);
  const { ours, theirs } = await contest(
    {
      ours: {
        name: 'plan, 3 nodes: glusterctl',
        run: glusterctl(dir, ['plan', file]),
        after: () => sawNothingToDo(dir),
      },
      theirs: {
        name: 'plan, 3 nodes: ansible-playbook',
        before: () => ansible.forget(),
        run: () => timed(command),
        after: () => changedNothing(command.output),
      },
    },
    rounds * PLANS_A_ROUND,
  );
  const faster = ratio(theirs, ours);
  return {
    samples: [ours, theirs],
    verdicts: [
      {
        row: 2,
        what:
          `plan on 3 nodes, ${String(VOLUMES)} volumes, nothing to do, ` +
          'against ansible-playbook doing the same check',
        target: `${String(PLAN_TARGET)}× faster`,
        measured: shown(faster),
        met: faster.value >= PLAN_TARGET,
      },
    ],
  };
}

function changedNothing(output: string): Promise<void> {
  const said = readFileSync(output, 'utf8');
  if (!/ok=2\s+changed=0\s+unreachable=0\s+failed=0/.test(said)) throw new Error(`not idempotent:\n${said}`);
  return Promise.resolve();
}

/** From a pool without volumes to five started ones. */
export async function apply(setup: Setup, ansible: Ansible): Promise<Outcome> {
  const { lab, dir, rounds } = setup;
  const file = fileFor(setup, VOLUMES);
  const volumes = volumesOn(lab, VOLUMES);
  const command = ansible.playbook(playbook(lab, volumes));
  const script = join(dir, 'commands.sh');
  writeFileSync(script, shellLoop(volumes));
  const turn = {
    before: async (): Promise<void> => {
      await ansible.forget();
      await freshPool(lab);
    },
    after: (): Promise<void> => checkVolumes(lab, volumes),
  };
  const { ours, theirs, bare } = await contest(
    {
      ours: { name: 'apply: glusterctl', run: glusterctl(dir, ['apply', file, '--yes']), ...turn },
      theirs: { name: 'apply: ansible-playbook', run: () => timed(command), ...turn },
      bare: {
        name: 'apply: gluster commands over one ssh login',
        run: () =>
          timed({ argv: plainSsh(lab, lab.node('node01')), input: script, output: join(dir, 'ssh.out') }),
        ...turn,
      },
    },
    rounds,
  );
  const faster = ratio(theirs, ours);
  const slower = ratio(ours, bare);
  const options = `${String(OPTIONS.length)} options each`;
  const what = `apply of ${String(VOLUMES)} replica-3 volumes with ${options}, started`;
  return {
    samples: [ours, theirs, bare],
    verdicts: [
      {
        row: 3,
        what: `${what}, against ansible-playbook`,
        target: `${String(APPLY_TARGET)}× faster`,
        measured: shown(faster),
        met: faster.value >= APPLY_TARGET,
      },
      {
        row: 3,
        what: `${what}, against the bare gluster commands in a shell`,
        target: `at most ${String(BARE_TARGET)}× their time`,
        measured: shown(slower),
        met: slower.value <= BARE_TARGET,
      },
    ],
  };
}
