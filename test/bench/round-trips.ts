/** Row 1: how often `plan` asks a node, counted by the sshds of the nodes and not by our own code. */
import { until } from '../lab/host.ts';
import type { LabNode } from '../lab/lab.ts';
import { fileFor, glusterctl } from './setup.ts';
import type { Setup, Outcome } from './setup.ts';

const VOLUMES = 5;
const JOURNAL_LIMIT_MS = 5_000;
const SETTING = '/etc/ssh/sshd_config.d/bench.conf';

interface Count {
  readonly logins: number;
  readonly execs: number;
}

async function countOn(node: LabNode): Promise<Count> {
  const { stdout } = await node.run(['journalctl', '-t', 'sshd', '-o', 'cat', '--no-pager']);
  const count = (start: string): number => stdout.split('\n').filter((line) => line.startsWith(start)).length;
  return { logins: count('Accepted publickey '), execs: count('Starting session: ') };
}

/** What was noted since; the end of a connection is noted last, so nothing comes after it. */
async function since(node: LabNode, before: Count): Promise<Count> {
  return until(`${node.name} notes a login`, JOURNAL_LIMIT_MS, async () => {
    const now = await countOn(node);
    const found = { logins: now.logins - before.logins, execs: now.execs - before.execs };
    return found.logins > 0 && found.execs > 0 ? found : undefined;
  });
}

export async function roundTrips(setup: Setup): Promise<Outcome> {
  const { nodes } = setup.lab;
  const restart = async (prepare: string): Promise<void> => {
    await Promise.all(
      nodes.map(async (node) => {
        await node.run(`${prepare}; systemctl reset-failed ssh; systemctl restart ssh`);
        await node.waitReady();
      }),
    );
  };
  // At this level sshd notes every session with its command.
  await restart(`echo 'LogLevel VERBOSE' >${SETTING}`);
  const before = await Promise.all(nodes.map(countOn));
  await glusterctl(setup.dir, ['plan', fileFor(setup, VOLUMES)])();
  const counts = await Promise.all(nodes.map((node, i) => since(node, before[i] ?? { logins: 0, execs: 0 })));
  await restart(`rm ${SETTING}`);
  const said = counts.map(
    ({ logins, execs }) => `${String(logins)} login with ${String(execs)} exec${execs === 1 ? '' : 's'}`,
  );
  return {
    samples: [],
    verdicts: [
      {
        row: 1,
        what:
          'round trips a node after authentication for plan, ' +
          `as the sshds of ${String(nodes.length)} nodes noted them`,
        target: '1 exec',
        measured: [...new Set(said)].join('; '),
        met: counts.every(({ logins, execs }) => logins === 1 && execs === 1),
      },
    ],
  };
}
