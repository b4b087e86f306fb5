/**
 * Somebody else asks glusterd for its status without end, which takes its locks: the product does not fail
 * for it.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeEach, expect, it } from 'vitest';
import { clusterFile, doctor, glusterctl, leftovers, replica3, stores } from './cluster.ts';
import { until } from './host.ts';
import type { Lab, LabNode } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const LIMIT_MS = 60_000;
// The end of its input stops it; it prints a line for each status that was answered.
const LOOP =
  'while :; do gluster volume status >/dev/null 2>&1 && echo; ' +
  'read -r -t 0.01 _ <&4 || [ $? -gt 128 ] || break; done 4<&0';

interface Loop {
  readonly answers: () => number;
  readonly stop: () => Promise<void>;
}

async function startLoop(node: LabNode): Promise<Loop> {
  const [program = '', ...words] = node.enter();
  const loop = spawn(program, [...words, 'bash', '-c', LOOP], { stdio: ['pipe', 'pipe', 'inherit'] });
  let answers = 0;
  loop.stdout.on('data', (chunk: Buffer) => (answers += chunk.length));
  const closed = once(loop, 'close');
  loop.stdin.on('error', () => undefined);
  await until('the loop to be answered', LIMIT_MS, () => (answers > 0 ? true : undefined));
  return {
    answers: () => answers,
    stop: async () => {
      loop.stdin.end();
      await closed;
    },
  };
}

describeLab('a busy glusterd', () => {
  let lab: Lab;
  let two: LabNode, three: LabNode;
  const VOLUMES = `${replica3('v1')}\n${replica3('v2')}`;

  withLab({ nodes: 3 }, (up) => {
    lab = up;
    [two, three] = [lab.node('node02'), lab.node('node03')];
  });
  beforeEach(async () => {
    await lab.resetGluster();
    const ran = await glusterctl('apply', clusterFile(lab, VOLUMES), '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
  });

  /** Node02 is asked all the while, and was also answered. */
  async function besideStatus(work: () => Promise<void>): Promise<void> {
    const loop = await startLoop(two);
    try {
      await work();
      expect(loop.answers()).toBeGreaterThan(1);
    } finally {
      await loop.stop();
    }
  }

  async function isWell(file: string): Promise<void> {
    const health = await doctor(file);
    expect(health.code, health.stdout).toBe(0);
    const plan = await glusterctl('plan', file, '--detailed-exitcode');
    expect(plan.code, plan.stdout + plan.stderr).toBe(0);
    expect(await leftovers(lab)).toBe('');
  }

  const options = '    options: { network.ping-timeout: 21, performance.cache-size: 40MB }\n';
  const changed = (): string =>
    clusterFile(lab, [replica3('v1', options), replica3('v2', options), replica3('v3')].join('\n'));

  itFull('does not disturb an apply', async () => {
    const file = changed();
    await besideStatus(async () => {
      const ran = await glusterctl('apply', file, '--yes');
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      const gone = clusterFile(
        lab,
        [replica3('v1', options), '  v2: { state: absent }', replica3('v3', '    state: stopped\n')].join(
          '\n',
        ),
      );
      const again = await glusterctl('apply', gone, '--yes', '--allow-destroy', 'volume/v2');
      expect(again.code, again.stdout + again.stderr).toBe(0);
    });
    await isWell(
      clusterFile(lab, [replica3('v1', options), replica3('v3', '    state: stopped\n')].join('\n')),
    );
  });

  it('does not disturb a rollback by before-image', async () => {
    const before = await stores(lab);
    await three.immutable('/var/lib/glusterd/vols/v2');
    await besideStatus(async () => {
      const ran = await glusterctl('apply', changed(), '--yes', '--json');
      expect(ran.code, ran.stdout + ran.stderr).toBe(3);
      expect(ran.stdout).toContain('Commit failed on node03');
      expect(ran.stdout).toContain('restore-store');
      expect(await stores(lab)).toBe(before);
    });
    await three.mutable('/var/lib/glusterd/vols/v2');
    await isWell(clusterFile(lab, VOLUMES));
  });

  itFull('does not disturb a recovery', async () => {
    const file = clusterFile(lab, VOLUMES);
    const before = await stores(lab);
    await two.run(': >/var/lib/glusterd/vols/v1/info');
    await three.run('rm /var/lib/glusterd/vols/v2/trusted-v2.tcp-fuse.vol');
    await besideStatus(async () => {
      const ran = await glusterctl('recover', file, '--yes');
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      expect(await stores(lab)).toBe(before);
    });
    await isWell(file);
  });
});
