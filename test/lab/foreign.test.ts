/**
 * A controller dies in the middle of a commit, and somebody changes the same volume by hand: recover names
 * that and loses nothing of it.
 */
import { expect, it } from 'vitest';
import { clusterFile, gluster, glusterctl, replica3, start } from './cluster.ts';
import { until } from './host.ts';
import type { Lab, LabNode } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const LIMIT_MS = 90_000;

describeLab('changes by hand after a controller died', () => {
  let lab: Lab;
  let one: LabNode;

  withLab({ nodes: 3 }, async (up) => {
    lab = up;
    one = lab.node('node01');
    const file = clusterFile(lab, [replica3('first'), replica3('second')].join('\n'));
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
  });

  /** Killed as soon as its command took effect; returns the file, and the id of its transaction. */
  async function dieInCommit(volume: string): Promise<{ file: string; id: string }> {
    const file = clusterFile(lab, replica3(volume, '    options: { network.ping-timeout: 27 }\n'));
    const run = start(['apply', file, '--yes', '--json']);
    const isDone = (line: string): boolean =>
      line.includes(`"id":"volume-options:${volume}"`) && line.includes('"status":"done"');
    await until('the command to take effect', LIMIT_MS, () =>
      run.output().split('\n').some(isDone) ? true : undefined,
    );
    run.signal('SIGKILL');
    await run.done;
    const kept = await one.run(
      'grep -L -e committed -e rolled-back -e abandoned /var/lib/glusterctl/transactions/*/state || true',
    );
    const id = /transactions\/([^/\n]+)\/state/.exec(kept.stdout)?.[1] ?? '';
    expect(id).not.toBe('');
    return { file, id };
  }

  itFull('takes back its own key, and theirs stays', async () => {
    const { file, id } = await dieInCommit('first');
    await gluster(one, 'volume set first auth.allow 10.*');
    const refused = await glusterctl('recover', file, '--yes');
    expect(refused, refused.stdout).toMatchObject({ code: 8 });
    expect(refused.stderr).toContain('volume first: auth.allow is 10.*, was not set');
    expect(refused.stderr).toContain(`--finish ${id}`);
    const before = await gluster(one, 'volume info first');
    expect(before).toContain('network.ping-timeout: 27');

    const finished = await glusterctl('recover', file, '--yes', '--finish', id);
    expect(finished, finished.stderr).toMatchObject({ code: 0 });
    for (const node of lab.nodes) {
      const { stdout } = await node.run('cat /var/lib/glusterd/vols/first/info');
      expect(stdout).toContain('auth.allow=10.*');
      expect(stdout).not.toContain('network.ping-timeout');
    }
  });

  itFull('takes no bricks away that were added since', async () => {
    const { file, id } = await dieInCommit('second');
    const added = lab.nodes.map((n) => `${n.name}:/bricks/d2/second`);
    await gluster(one, `volume add-brick second ${added.join(' ')}`);
    for (const flags of [[], ['--finish', id]]) {
      const refused = await glusterctl('recover', file, '--yes', ...flags);
      expect(refused, refused.stdout).toMatchObject({ code: 8 });
      expect(refused.stderr).toContain('volume second: bricks is');
      expect(refused.stderr).toContain(`--finish ${id} --discard-changes volume/second`);
    }
    const closed = await glusterctl('recover', file, '--yes', '--abandon', id);
    expect(closed, closed.stderr).toMatchObject({ code: 0 });
    const info = await gluster(one, 'volume info second');
    expect(info).toContain('Number of Bricks: 2 x 3 = 6');
    expect(info).toContain('network.ping-timeout: 27');
    const { stdout } = await one.run(`cat /var/lib/glusterctl/transactions/${id}/state`);
    expect(stdout.trim()).toBe('abandoned');
  });

  it('a node that committed and was lost brings nothing back', async () => {
    const path = '/var/lib/glusterd/vols/first';
    const [two, three] = [lab.node('node02'), lab.node('node03')];
    const bricks = async (): Promise<readonly string[]> =>
      await Promise.all(
        [one, two].map(async (n) => (await n.run("pgrep -f '[b]rick-name /bricks/d1/first'")).stdout.trim()),
      );
    /** An import removes the file for a moment. */
    const isAsBefore = (info: string): boolean =>
      info.includes('volume-id=') && !info.includes('network.ping-timeout');
    const areAsBefore = async (): Promise<readonly boolean[]> =>
      await Promise.all(
        lab.nodes.map(async (n) =>
          isAsBefore((await n.run(`cat ${path}/info`, { allowFailure: true })).stdout),
        ),
      );
    const file = clusterFile(lab, replica3('first', '    options: { network.ping-timeout: 29 }\n'));
    const before = await bricks();
    await two.immutable(path);
    const run = start(['apply', file, '--yes', '--json']);
    await until('the commit to fail', LIMIT_MS, () =>
      run.output().includes('"status":"failed"') ? true : undefined,
    );
    await three.powerOff();
    await two.mutable(path);
    const ran = await run.done;
    expect(ran, ran.stderr).toMatchObject({ code: 6 });
    expect(await bricks()).toEqual(before);

    await three.powerOn();
    await until('the old state to be everywhere', LIMIT_MS, async () =>
      (await areAsBefore()).every((is) => is) ? true : undefined,
    );
    await until('the debt to be closed', LIMIT_MS, async () => {
      const recovered = await glusterctl('recover', file, '--yes');
      return recovered.code === 0 ? true : undefined;
    });
    expect(await areAsBefore()).toEqual([true, true, true]);
    expect(await bricks()).toEqual(before);
  });
});
