/**
 * Recover on real glusterd: every fault that the lab can make, named by doctor, repaired or left to a person,
 * while a client writes; then the same by apply. A few run always; LAB_FULL=1 runs them all.
 */
import { describe, expect, it, onTestFailed } from 'vitest';
import { clusterFile, doctor, gluster, onlineBricks } from './cluster.ts';
import { until } from './host.ts';
import type { Lab } from './lab.ts';
import { FAULTS } from './recover-faults/index.ts';
import { type FaultCase, Stage, title, VOL } from './recover-case.ts';
import { describeLab, itFull, withLab } from './suite.ts';
import { KEEPS_TRANSCRIPTS, Transcript } from './transcript.ts';

/** The page of a finding shows the first of its faults. */
const shows = (c: FaultCase, code: string): boolean => FAULTS.find((f) => f.found[0]?.[0] === code) === c;
const LIMIT_MS = 60_000;

describeLab('recover', () => {
  let lab: Lab;
  let stage: Stage;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    stage = new Stage(lab);
  });

  for (const c of FAULTS)
    itFull(
      title(c),
      async () => {
        onTestFailed(() => {
          stage.distrust();
        });
        const code = c.found[0]?.[0];
        const transcript =
          KEEPS_TRANSCRIPTS && code !== undefined && shows(c, code) ? new Transcript() : undefined;
        await stage.play(c, transcript);
        transcript?.keep(code ?? '');
      },
      c.full !== true,
    );

  describe('apply repairs the same first', () => {
    const SAMPLE = 1;
    let applied: Stage | undefined;
    for (const [i, c] of FAULTS.filter((f) => f.ends.as === 'recovered').entries())
      itFull(
        c.name,
        async () => {
          onTestFailed(() => {
            applied?.distrust();
          });
          applied ??= new Stage(lab, undefined, 'apply');
          await applied.play(c);
        },
        i < SAMPLE,
      );
  });

  describe('no false alarm', () => {
    const codesOf = async (volumes: string): Promise<{ readonly codes: readonly string[] }> => {
      const ran = await doctor(clusterFile(lab, volumes));
      expect(ran.code, ran.stdout + ran.stderr).toBe(0);
      const { findings } = JSON.parse(ran.stdout) as {
        readonly findings: readonly { readonly code: string }[];
      };
      return { codes: findings.map((f) => f.code) };
    };
    const fresh = async (volumes: string): Promise<void> => {
      stage.distrust();
      await stage.healthy(volumes);
      stage.distrust();
    };

    it('while heals are pending: they are named, and are no fault', async () => {
      await fresh(VOL);
      await gluster(lab.node('node01'), 'volume set vol cluster.self-heal-daemon off');
      const mount = await lab.mountClient('vol', { on: lab.node('c1') });
      await lab.node('node02').killBrick('/bricks/d1/vol');
      await mount.write('while-away', 'this one has to be healed\n');
      await gluster(lab.node('node01'), 'volume start vol force');
      await until('the brick to be back', LIMIT_MS, async () =>
        (await onlineBricks(lab.node('node01'), 'vol')).every((online) => online === 'Y') ? true : undefined,
      );
      const { codes } = await codesOf(VOL);
      expect(new Set(codes)).toEqual(new Set(['heal-pending']));
      await mount.unmount();
    });

    itFull('during a rebalance', async () => {
      const volumes = '  vol:\n    bricks: [node01:/bricks/d1/vol, node02:/bricks/d1/vol]';
      await fresh(volumes);
      const mount = await lab.mountClient('vol', { on: lab.node('c1') });
      await lab
        .node('c1')
        .run(`cd ${mount.path} && for i in $(seq 300); do head -c 100000 /dev/zero >f$i; done`);
      await gluster(lab.node('node01'), 'volume rebalance vol start force');
      const { codes } = await codesOf(volumes);
      expect(codes.filter((code) => code !== 'volume-task-pending')).toEqual([]);
      await mount.unmount();
    });
  });
});
