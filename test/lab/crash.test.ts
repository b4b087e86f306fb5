/**
 * The controller dies, at moments spread over an apply, and another one recovers from elsewhere with no file
 * of the first: the cluster is exactly before or exactly after. CRASH_MOMENTS sets how many moments (CI takes
 * a few, the full count is 40).
 */
import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { sh } from '../../src/core/shell.ts';
import { endSparing, spareScript } from '../../src/node/service.ts';
import {
  BIN,
  clusterFile,
  doctor,
  gluster,
  glusterctl,
  leftovers,
  replica3,
  start,
  stores,
} from './cluster.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const MOMENTS = Number(process.env['CRASH_MOMENTS'] ?? 2);
const LIMIT_MS = 90_000;
/** The lock of a dead holder is free within so long. */
const LET_GO_MS = 30_000;
/** Longer than a glusterd that comes up is waited for as the lock ends. */
const SLOW_S = 80;
/** The nodes see each other down, do the work on their stores, and start. */
const ALONE_MS = 90_000;

describeLab('a dead controller', () => {
  let lab: Lab;
  let one: LabNode, client: LabNode;

  withLab({ nodes: 3, clients: 1 }, async (up) => {
    lab = up;
    [one, client] = [lab.node('node01'), lab.node('c1')];
    const ran = await glusterctl('apply', clusterFile(lab, replica3('base')), '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
  });

  /** From another working directory, as another machine would. */
  const recover = (file: string): { status: number | null; stdout: string; stderr: string } =>
    spawnSync(process.execPath, [BIN, 'recover', file, '--yes'], {
      cwd: '/',
      encoding: 'utf8',
      timeout: 600_000,
    });

  const changed = (): string =>
    clusterFile(
      lab,
      [
        replica3('base', '    options: { network.ping-timeout: 27, performance.cache-size: 48MB }\n'),
        replica3('new1', '    options: { network.ping-timeout: 23 }\n'),
        replica3('new2'),
      ].join('\n'),
    );

  it(`leaves exactly before or exactly after, killed at ${String(MOMENTS)} moments`, async () => {
    const writer = await startWriter(await lab.mountClient('base', { on: client }));
    const before = await stores(lab);
    const file = changed();
    const outcomes: string[] = [];
    for (let i = 0; i < MOMENTS; i++) {
      const run = start(['apply', file, '--yes', '--json']);
      await until('the transaction to begin', LIMIT_MS, () =>
        run.output().includes('"pre-validate"') ? true : undefined,
      );
      await new Promise((resolve) => setTimeout(resolve, (i * 3500) / MOMENTS));
      run.signal('SIGKILL');
      await run.done;
      const recovered = recover(file);
      expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
      const now = await stores(lab);
      const plan = await glusterctl('plan', file, '--detailed-exitcode');
      expect(await doctor(file)).toMatchObject({ code: 0 });
      expect([0, 2]).toContain(plan.code);
      if (plan.code === 2) expect(now).toBe(before);
      outcomes.push(plan.code === 2 ? 'before' : 'after');
      await until(
        'the dead one to leave nothing behind',
        LET_GO_MS,
        async () => (await leftovers(lab)) === '' || undefined,
      );
      if (plan.code === 0) {
        const back = clusterFile(
          lab,
          [
            replica3('base', '    optionsMode: exact\n    options: {}\n'),
            '  new1: { state: absent }',
            '  new2: { state: absent }',
          ].join('\n'),
        );
        const undone = await glusterctl(
          'apply',
          back,
          '--yes',
          '--allow-destroy',
          'volume/new1',
          '--allow-destroy',
          'volume/new2',
        );
        expect(undone, undone.stderr).toMatchObject({ code: 0 });
        for (const node of lab.nodes) await node.run('rm -rf /bricks/d1/new1 /bricks/d1/new2');
      }
    }
    const report = await writer.stop();
    expect(report.errors).toEqual([]);
    expect(outcomes).toHaveLength(MOMENTS);
  });

  for (const op of ['stop-glusterd', 'restore-store'])
    itFull(
      `leaves no glusterd down and no brick restarted, killed in a rollback at ${op}`,
      async () => {
        const writer = await startWriter(await lab.mountClient('base', { on: client }));
        const pids = (): string => lab.nodes.map((n) => n.brickPids('/bricks/d1/base').join()).join(' ');
        const each = async (nodes: readonly string[], command: string): Promise<boolean> => {
          const ran = await Promise.all(nodes.map((n) => lab.node(n).run(command, { allowFailure: true })));
          return ran.every(({ code }) => code === 0);
        };
        const [before, bricks] = [await stores(lab), pids()];
        const two = lab.node('node02');
        await two.immutable('/var/lib/glusterd/vols/base');
        const stopping = new Set<string>();
        let seen = (): void => undefined;
        const isThere = new Promise<void>((resolve) => (seen = resolve));
        const run = start(['apply', changed(), '--yes', '--json'], '', (line) => {
          if (!line.includes('"phase":"rollback"')) return;
          const node = /"node":"(\w+)".*"detail":"stop-glusterd"/.exec(line)?.[1];
          if (node !== undefined) stopping.add(node);
          if (line.includes(`"detail":"${op}"`)) seen();
        });
        await Promise.race([isThere, run.done]);
        // Between two stops is the one moment that is left to `recover`: docs/safety.md.
        await until('every node to have begun its stop', LIMIT_MS, async () =>
          stopping.size > 0 && (await each([...stopping], '[ -e /run/glusterctl/stopped ]'))
            ? true
            : undefined,
        );
        run.signal('SIGKILL');
        expect((await run.done).code).toBe(null);
        await two.mutable('/var/lib/glusterd/vols/base');
        await until('the nodes to start them by themselves', ALONE_MS, async () =>
          (await each(['node01', 'node02', 'node03'], 'gluster pool list')) ? true : undefined,
        );
        expect(pids()).toBe(bricks);
        const recovered = recover(changed());
        expect(recovered.status, recovered.stdout + recovered.stderr).toBe(0);
        expect(pids()).toBe(bricks);
        expect(await stores(lab)).toBe(before);
        expect(await doctor(changed())).toMatchObject({ code: 0 });
        expect((await writer.stop()).errors).toEqual([]);
      },
      op === 'restore-store',
    );

  itFull('leaves no drop-in either where a crashed glusterd comes up long after the lock', async () => {
    const two = lab.node('node02');
    const slow = '/etc/systemd/system/glusterd.service.d';
    const unit = `[Service]\nExecStartPre=/bin/sleep ${String(SLOW_S)}\nTimeoutStartSec=600\n`;
    const bricks = two.brickPids('/bricks/d1/base');
    await two.run(String(spareScript));
    await two.run(`mkdir -p ${slow} && printf '${unit}' >${slow}/slow.conf && systemctl daemon-reload`);
    await two.crashGlusterd();
    await two.run(
      String(sh`${endSparing}
(end_sparing)`),
      { timeoutMs: LIMIT_MS },
    );
    const isThere = 'ls /run/systemd/system/glusterd.service.d';
    expect((await two.run(isThere)).stdout).toContain('50-glusterctl.conf');
    await until('the drop-in to go', LIMIT_MS, async () => (await leftovers(lab)) === '');
    expect(two.brickPids('/bricks/d1/base')).toEqual(bricks);
    await two.run(`rm -r ${slow} && systemctl daemon-reload`);
    const file = clusterFile(lab, replica3('base'));
    await until('its self-heal daemon to be attached', LIMIT_MS, async () => (await doctor(file)).code === 0);
  });

  itFull('is fenced off when it was frozen while another recovered the cluster', async () => {
    const before = await stores(lab);
    const file = changed();
    const run = start(['apply', file, '--yes', '--json']);
    await until('a volume to be made', LIMIT_MS, () =>
      run.output().includes('"id":"volume-create:new1"') ? true : undefined,
    );
    run.signal('SIGSTOP');
    const codes = async (): Promise<readonly string[]> => {
      const { stdout } = await doctor(file);
      return (JSON.parse(stdout) as { readonly findings: readonly { readonly code: string }[] }).findings.map(
        (f) => f.code,
      );
    };
    expect(await codes()).toContain('lock-held');
    await until(
      'the lock to be free, and the transaction named as unfinished',
      LIMIT_MS,
      async () => (await codes()).includes('transaction-unfinished') || undefined,
    );
    const recovered = await glusterctl('recover', file, '--yes');
    expect(recovered, recovered.stderr).toMatchObject({ code: 0 });
    expect(await stores(lab)).toBe(before);
    run.signal('SIGCONT');
    const thawed = await run.done;
    expect(thawed.code, thawed.stdout).not.toBe(0);
    expect(thawed.stdout).toContain('another took the transaction over');
    expect(await stores(lab)).toBe(before);
    expect(await gluster(one, 'volume list')).toBe('base\n');
    expect(await doctor(file)).toMatchObject({ code: 0 });
  });

  it('rolls back and exits 130 on the first interrupt', async () => {
    const before = await stores(lab);
    const run = start(['apply', changed(), '--yes', '--json']);
    await until('the first step', LIMIT_MS, () =>
      run.output().includes('"phase":"commit","id"') ? true : undefined,
    );
    run.signal('SIGINT');
    const ended = await run.done;
    expect(ended.code, ended.stdout).toBe(130);
    expect(await stores(lab)).toBe(before);
    expect(await leftovers(lab)).toBe('');
  });
});
