/**
 * The commands around earlier transactions on real glusterd: history, restore, and a lock that is shown and
 * released.
 */
import { expect, it, onTestFinished } from 'vitest';
import {
  clusterFile,
  doctor,
  glusterctl,
  leftovers,
  onlineBricks,
  replica3,
  start,
  stores,
} from './cluster.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const LIMIT_MS = 90_000;
/** Less than the silence after which a lock is free, by more than a machine under load is late. */
const BEAT_MS = 4_000;
const MOMENT_MS = 700;
/** More than the apply can make in these moments, while five commands run. */
const VOLUMES = 20;
const WRITTEN = 'written before anything was restored\n';

interface Past {
  readonly id: string;
  readonly states: Readonly<Record<string, string>>;
}

describeLab('earlier transactions', () => {
  let lab: Lab;
  let one: LabNode, client: LabNode;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    [one, client] = [lab.node('node01'), lab.node('c1')];
  });

  const succeeds = async (...args: readonly string[]): Promise<string> => {
    const ran = await glusterctl(...args);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    return ran.stdout;
  };
  const history = async (file: string): Promise<readonly Past[]> =>
    (JSON.parse(await succeeds('history', file, '--json')) as { transactions: readonly Past[] }).transactions;

  it('lists transactions and restores the store from before one, under a client that writes', async () => {
    const volumes = `${replica3('base')}\n${replica3('idle')}\n${replica3('gone')}`;
    await succeeds('apply', clusterFile(lab, volumes), '--yes');
    const mount = await lab.mountClient('base', { on: client });
    await mount.write('before', WRITTEN);
    const kept = await lab.mountClient('gone', { on: client });
    await kept.write('kept', WRITTEN);
    await kept.unmount();
    const writer = await startWriter(mount);
    const a = clusterFile(lab, replica3('base', '    options: { network.ping-timeout: 21 }\n'));
    await succeeds('apply', a, '--yes');
    const before = await stores(lab);
    const b = clusterFile(
      lab,
      [
        replica3('base', '    options: { network.ping-timeout: 33, performance.cache-size: 48MB }\n'),
        replica3('idle', '    state: stopped\n'),
        '  gone: { state: absent }',
        replica3('late'),
      ].join('\n'),
    );
    await succeeds('apply', b, '--yes', '--allow-destroy', 'volume/gone');
    const past = await history(a);
    expect(past).toHaveLength(3);
    for (const { states } of past)
      expect(states).toEqual({ node01: 'committed', node02: 'committed', node03: 'committed' });
    const id = past[0]?.id ?? '';
    expect(past.map((t) => t.id)).toEqual(
      past
        .map((t) => t.id)
        .toSorted()
        .toReversed(),
    );

    const asked = await glusterctl('restore', a, id, '--yes');
    expect(asked, asked.stderr).toMatchObject({ code: 8 });
    expect(asked.stdout).toContain('-    network.ping-timeout: 33');
    const ran = await succeeds('restore', a, id, '--yes', '--allow-destroy', 'volume/late');
    expect(ran).toContain('Restored.');
    expect(await stores(lab)).toBe(before);
    for (const volume of ['base', 'idle', 'gone'])
      expect(new Set(await onlineBricks(one, volume)), volume).toEqual(new Set(['Y']));
    expect(await doctor(a)).toMatchObject({ code: 0 });
    expect(await mount.read('before')).toBe(WRITTEN);
    const again = await lab.mountClient('gone', { on: client });
    expect(await again.read('kept')).toBe(WRITTEN);
    await again.unmount();
    const report = await writer.stop();
    expect(report.errors).toEqual([]);
    expect(await succeeds('restore', a, id, '--yes')).toContain('Nothing to restore');
    expect(await leftovers(lab)).toBe('');
    await mount.unmount();
  });

  itFull('names the holder of the lock, releases it only by name, and stops its apply', async () => {
    await lab.resetGluster();
    const base = clusterFile(lab, replica3('base'));
    await succeeds('apply', base, '--yes');
    expect(await succeeds('lock', 'show', base)).toContain('Nobody holds the cluster.');
    expect(await succeeds('lock', 'release', base)).toContain('Nothing was changed');
    const before = await stores(lab);
    const file = clusterFile(
      lab,
      [replica3('base'), ...Array.from({ length: VOLUMES }, (_, i) => replica3(`new${String(i)}`))].join(
        '\n',
      ),
    );
    const run = start(['apply', file, '--yes', '--json']);
    await until('a volume to be made', LIMIT_MS, () =>
      run.output().includes('"id":"volume-create:new1"') ? true : undefined,
    );
    // Held still, so that it is in the middle of its work until we are done; every few seconds it goes on for
    // a moment, and so keeps its lock.
    const goOnBriefly = (): void => {
      run.signal('SIGCONT');
      setTimeout(() => {
        if (!isReleased) run.signal('SIGSTOP');
      }, MOMENT_MS);
    };
    let isReleased = false;
    run.signal('SIGSTOP');
    const beating = setInterval(goOnBriefly, BEAT_MS);
    onTestFinished(() => {
      clearInterval(beating);
      run.signal('SIGKILL');
    });
    const shown = JSON.parse(await succeeds('lock', 'show', file, '--json')) as {
      held: boolean;
      nodes: { owner: { transaction: string; pid: number } | null }[];
    };
    expect(shown.held).toBe(true);
    const id = shown.nodes[0]?.owner?.transaction ?? '';
    expect(shown.nodes.map((n) => n.owner?.pid)).toEqual([run.pid, run.pid, run.pid]);
    const [refused, misnamed] = await Promise.all([
      glusterctl('lock', 'release', file),
      glusterctl('lock', 'release', file, '--force', 'another'),
    ]);
    expect(refused, refused.stderr).toMatchObject({ code: 5 });
    expect(refused.stderr).toContain(id);
    expect(misnamed, misnamed.stderr).toMatchObject({ code: 5 });
    const released = await succeeds('lock', 'release', file, '--force', id);
    for (const node of lab.nodes)
      expect(released).toContain(`${node.name}: the holder of transaction ${id} was ended`);
    clearInterval(beating);
    run.signal('SIGSTOP');
    // glusterd may still do what it was asked for just before.
    const atRelease = await until('the stores to stay as they are', LIMIT_MS, async () => {
      const text = await stores(lab);
      return text === (await stores(lab)) ? text : undefined;
    });
    isReleased = true;
    run.signal('SIGCONT');
    const ended = await run.done;
    expect(ended.code, ended.stdout + ended.stderr).toBe(6);
    expect(ended.stdout).toContain('no longer ours');
    expect(await stores(lab)).toBe(atRelease);
    expect(await leftovers(lab)).toBe('');
    const back = await glusterctl('restore', file, id, '--yes');
    expect(back, back.stderr).toMatchObject({ code: 8 });
    await succeeds('recover', file, '--yes');
    expect(await stores(lab)).toBe(before);
    expect(await doctor(base)).toMatchObject({ code: 0 });
  });
});
