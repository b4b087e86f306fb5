/**
 * A rollback that could not finish prints what a person has to do. Pasted on each node as it is, once the
 * cause is repaired, it brings the cluster back to before; no brick and no client notices.
 */
import { expect, it } from 'vitest';
import { clusterFile, doctor, glusterctl, leftovers, replica3, start, stores } from './cluster.ts';
import { type Lab, startWriter } from './lab.ts';
import type { RunResult } from './host.ts';
import { bricksRunning } from './recover-case.ts';
import { describeLab, withLab } from './suite.ts';

const STORE = '/var/lib/glusterd/vols';

interface Case {
  readonly name: string;
  /** Of the file that is applied. */
  readonly volumes: string;
  /** Cannot be written from the beginning on node02: the commit fails there. */
  readonly first: string;
  /** Cannot be written on node03 once the rollback has begun. */
  readonly then: string;
}

const CASES: readonly Case[] = [
  {
    name: 'an option that was set on some nodes',
    volumes: replica3('data', '    options: { network.ping-timeout: 21 }\n'),
    first: `${STORE}/data`,
    then: `${STORE}/data`,
  },
  {
    name: 'a volume that was created on some nodes',
    volumes: `${replica3('data')}\n${replica3('new')}`,
    first: STORE,
    then: `${STORE}/new`,
  },
];

interface Owed {
  readonly node: string;
  readonly what: string;
  readonly commands: readonly string[];
}

describeLab('what exit code 6 prints', () => {
  let lab: Lab;

  withLab({ nodes: 3, clients: 1 }, async (up) => {
    lab = up;
    const ran = await glusterctl('apply', clusterFile(lab, replica3('data')), '--yes');
    expect(ran, ran.stderr).toMatchObject({ code: 0 });
  });

  async function failing({ volumes, first, then }: Case): Promise<readonly Owed[]> {
    const [two, three] = [lab.node('node02'), lab.node('node03')];
    await two.immutable(first);
    let struck = Promise.resolve();
    const run = start(['apply', clusterFile(lab, volumes), '--yes', '--json'], '', (line) => {
      if (line.includes('"phase":"rollback","status":"started"')) struck = three.immutable(then);
    });
    const ran = await run.done;
    await struck;
    await two.mutable(first);
    await three.mutable(then);
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 6 });
    const result = JSON.parse(ran.stdout.trim().split('\n').at(-1) ?? '') as {
      readonly owed: readonly Owed[];
    };
    return result.owed;
  }

  const pasted = (node: string, commands: readonly string[]): Promise<RunResult> =>
    lab.node(node).run(commands.join('\n'), { timeoutMs: 120_000, allowFailure: true });

  it.each(CASES)('brings back $name', async (broken) => {
    const writer = await startWriter(await lab.mountClient('data', { on: lab.node('c1') }));
    const before = await stores(lab);
    const owed = await failing(broken);
    const bricks = [...bricksRunning(lab)];
    expect(await stores(lab)).not.toBe(before);
    // Whole on each node; where a node waits for another, again with the line that it asks for.
    const asked = new Map<string, string>();
    for (const { node, commands } of owed) {
      const { code, stderr } = await pasted(node, commands);
      const [, line] = /type (done_on='[^']*') and paste this again/.exec(stderr) ?? [];
      if (line === undefined) expect([code, stderr], node).toEqual([0, '']);
      else asked.set(node, line);
    }
    expect(asked.size).toBeGreaterThan(1);
    for (const { node, commands } of owed) {
      const line = asked.get(node);
      if (line !== undefined)
        expect(await pasted(node, [line, ...commands]), node).toMatchObject({ code: 0, stderr: '' });
    }
    expect(await stores(lab)).toBe(before);
    expect([...bricksRunning(lab)]).toEqual(bricks);
    const found = await doctor(
      clusterFile(lab, broken.volumes.includes('new') ? broken.volumes : replica3('data')),
    );
    const { findings } = JSON.parse(found.stdout) as {
      readonly findings: readonly { readonly severity: string }[];
    };
    expect(findings.filter((f) => f.severity !== 'info')).toEqual([]);
    expect(await leftovers(lab)).toBe('');
    expect((await writer.stop()).errors).toEqual([]);
  });
});
