/**
 * A rollback that could not finish prints what a person has to do. Pasted on each node as it is, once the
 * cause is repaired, it brings the cluster back to before; no brick and no client notices.
 */
import { expect, it } from 'vitest';
import { clusterFile, doctor, glusterctl, leftovers, replica3, start, stores } from './cluster.ts';
import { type Lab, startWriter } from './lab.ts';
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

/** What is printed for a node, in the parts that wait for other nodes. */
const partsOf = ({ commands }: Owed): readonly string[] => commands.join('\n').split(/^(?=# when )/m);

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

  it.each(CASES)('brings back $name', async (broken) => {
    const writer = await startWriter(await lab.mountClient('data', { on: lab.node('c1') }));
    const before = await stores(lab);
    const owed = await failing(broken);
    const bricks = [...bricksRunning(lab)];
    expect(await stores(lab)).not.toBe(before);
    const parts = owed.map((o) => ({ node: lab.node(o.node), texts: partsOf(o) }));
    for (let i = 0; i < Math.max(...parts.map((p) => p.texts.length)); i++)
      for (const { node, texts } of parts) {
        const text = texts[i];
        // The last part closes the journal, when the others are done.
        if (text === undefined || (i + 1 === texts.length && texts.length > 1)) continue;
        const { stdout, stderr } = await node.run(text, { timeoutMs: 120_000 });
        expect(stdout + stderr, text).toBe('');
      }
    for (const { node, texts } of parts)
      if (texts.length > 1) await node.run(texts.at(-1) ?? '', { timeoutMs: 120_000 });
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
