/**
 * Sets leave a volume on the simulated cluster: their files are carried away with nothing locked, and only
 * then the bricks go. Each guard of the commit is tried where glusterd itself would take the bricks out.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange, type ApplyOptions } from '../../../src/change/apply.ts';
import { runChange } from '../../../src/change/run-change.ts';
import { exitCodeOf } from '../../../src/cli/exit-codes.ts';
import type { RunResult } from '../../../src/model/event.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { volumeName } from '../../../src/model/names.ts';
import { owner } from '../../contract/harness.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const REST_MS = 100_000;
const CONSENT = ['brick/node01:/bricks/d2/a'];
const set = (disk: number): string => NODES.map((n) => `${n}:/bricks/d${String(disk)}/a`).join(', ');
const file = (disks: readonly number[], more = ''): string =>
  `  a: { replica: 3, bricks: [${disks.map(set).join(', ')}]${more === '' ? '' : `, ${more}`} }\n`;
const NAMES = ['one', 'dir/two', 'dir/three', 'dir/sub/four'];

let cluster: SimCluster;
let plans: Plan[];
let said: string[];
let count: number;

async function run(
  volumes: string,
  more: Partial<ApplyOptions> & { readonly signal?: AbortSignal } = {},
  link = (node: string): NodeLink => cluster.controller(`run ${String(count)}`).link(node),
): Promise<RunResult> {
  [plans, said] = [[], []];
  const { signal, ...options } = more;
  const change = applyChange({
    desired: desiredOf(volumes),
    saved: undefined,
    file: 'c.yaml',
    allowDestroy: CONSENT,
    prefer: new Map(),
    noRepair: false,
    ...options,
  });
  return await runChange(
    change,
    simulatedHost(cluster, link, {
      newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
      showPlan: (plan) => void plans.push(plan),
      notify: (message) => void said.push(message),
      timeOf: () => cluster.clock.now(),
      ...(signal !== undefined && { signal }),
    }),
  );
}

const commands = (verb = 'remove-brick'): readonly string[] =>
  cluster.commands
    .filter(({ argv, by }) => by === 'transaction' && argv[1] === verb && argv.at(-1) !== 'status')
    .map(({ argv, ended }) => `${argv.at(-1) ?? ''} ${ended ?? ''}`);
const movers = (): number =>
  NODES.flatMap((n) => cluster.node(n).processes.filter((p) => p.argv.includes('rebalance/a'))).length;
const bricks = (): readonly string[] =>
  cluster
    .node('node01')
    .store.volumes.get(volumeName('a'))
    ?.bricks.map((b) => `${b.hostname}:${b.path}`) ?? [];
/** Files of clients below the bricks of a disk, on every node. */
const filesOn = (disk: number): readonly string[] => [
  ...new Set(
    NODES.flatMap((n) => {
      const at = `/bricks/d${String(disk)}/a`;
      const { disk: files } = cluster.node(n);
      return files
        .below(at)
        .filter((p) => !files.isDirectory(p) && !p.includes('/.glusterfs/'))
        .map((p) => p.slice(at.length + 1));
    }),
  ),
];
const write = (name: string, disk = 2): void => {
  for (const n of NODES) {
    const at = `/bricks/d${String(disk)}/a/${name}`;
    cluster.node(n).disk.mkdirs(at.slice(0, at.lastIndexOf('/')));
    cluster.node(n).disk.write(at, `content of ${name}`);
  }
};
const untilMoving = async (): Promise<void> => {
  while (movers() === 0) await cluster.clock.sleep(500);
  await cluster.clock.sleep(11_000);
};

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 11, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  count = 0;
  expect(await run(file([1, 2]), { allowDestroy: [] })).toMatchObject({ outcome: 'applied' });
  await cluster.clock.sleep(REST_MS);
  for (const name of NAMES) write(name);
});

describe('a set that leaves', () => {
  it('takes no file along, locks nothing while files move, and the next plan is empty', async () => {
    const running = run(file([1]));
    let held = 0;
    await untilMoving();
    for (let i = 0; i < 10; i++) {
      if (movers() > 0 && NODES.some((n) => cluster.node(n).isLocked)) held += 1;
      await cluster.clock.sleep(200);
    }
    expect(await running).toMatchObject({ outcome: 'applied', failures: [] });
    expect(held).toBe(0);
    expect(plans[0]?.steps.map((s) => s.id)).toEqual(['volume-options:a/cluster.lookup-optimize']);
    expect(plans[0]?.later?.map((s) => s.id)).toEqual([
      'volume-remove-bricks:a',
      'volume-remove-bricks-commit:a',
    ]);
    expect(said.join('\n')).toMatch(/nothing is locked.*files of volume a leave node01:.bricks.d2.a/);
    expect(said.join('\n')).toMatch(/volume a: moved so far: node01 /);
    expect(commands()).toEqual(['start done', 'commit done']);
    expect([filesOn(2), filesOn(1).toSorted()]).toEqual([[], NAMES.toSorted()]);
    expect(bricks()).toEqual(NODES.map((n) => `${n}:/bricks/d1/a`));
    expect(await run(file([1]))).toMatchObject({ outcome: 'nothing-to-do' });
    expect(plans).toEqual([]);
  });

  it('is followed by a full rebalance, whatever the file says of sets that come', async () => {
    expect(await run(file([1, 2, 3], 'rebalance: none'), { allowDestroy: [] })).toMatchObject({
      outcome: 'applied',
    });
    expect(await run(file([1, 3], 'rebalance: none'))).toMatchObject({ outcome: 'applied' });
    expect(commands('rebalance')).toEqual(['start done']);
    expect(await run(file([1, 3], 'rebalance: none'))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('has to be allowed by its first brick, before anything begins', async () => {
    const refused = await run(file([1]), { allowDestroy: [] });
    expect(refused.failures.map((f) => f.fix)).toEqual([
      'glusterctl apply c.yaml --allow-destroy brick/node01:/bricks/d2/a',
    ]);
    expect([exitCodeOf(refused), commands(), commands('set')]).toEqual([8, [], []]);
  });

  it('is not begun where its files do not fit on the sets that stay', async () => {
    for (const m of cluster.node('node02').disk.mounts) if (m.point === '/bricks/d1') m.full = true;
    const refused = await run(file([1]));
    expect(refused.failures.map((f) => f.cause)).toContain('target-too-small');
    expect([exitCodeOf(refused), commands()]).toEqual([8, []]);
  });

  it('waits for heals of the set first', async () => {
    cluster.node('node02').setPendingHeals('/bricks/d2/a', 4);
    const refused = await run(file([1]), { waitMs: 3000 });
    expect([refused.outcome, commands()]).toEqual(['decision-needed', []]);
    cluster.node('node02').setPendingHeals('/bricks/d2/a', 0);
    expect(await run(file([1]))).toMatchObject({ outcome: 'applied' });
  });
});

describe('a removal that is under way', () => {
  it('is left to go on by --no-wait, and joined by the next apply', async () => {
    const first = await run(file([1]), { waitMs: 'none' });
    expect(first).toMatchObject({ outcome: 'running', failures: [] });
    expect([exitCodeOf(first), movers()]).toEqual([0, 3]);
    expect(await run(file([1]))).toMatchObject({ outcome: 'applied' });
    expect([commands(), movers()]).toEqual([['start done', 'commit done'], 0]);
  });

  it('is joined after the death of its controller', async () => {
    const dying = cluster.controller('dying');
    void run(file([1]), {}, (node) => dying.link(node));
    await untilMoving();
    dying.die(false);
    await cluster.clock.sleep(1000);
    expect(await run(file([1]))).toMatchObject({ outcome: 'applied' });
    expect([commands(), filesOn(2)]).toEqual([['start done', 'commit done'], []]);
  });

  it('is taken back where the file has the bricks again, and these take files again', async () => {
    await run(file([1]), { waitMs: 'none' });
    expect(await run(file([1, 2]), { allowDestroy: [] })).toMatchObject({ outcome: 'applied', failures: [] });
    expect([commands(), commands('rebalance')]).toEqual([['start done', 'stop done'], ['start done']]);
    for (const n of NODES)
      expect(cluster.node(n).disk.entries.get('/bricks/d2/a')?.xattrs.has('trusted.glusterfs.dht')).toBe(
        true,
      );
    expect([...new Set([...filesOn(1), ...filesOn(2)])].toSorted()).toEqual(NAMES.toSorted());
    expect(await run(file([1, 2]))).toMatchObject({ outcome: 'nothing-to-do' });
  });
});

describe('no file is lost', () => {
  it('where the process was killed: glusterd would commit, and the removal is begun again', async () => {
    await run(file([1]), { waitMs: 'none' });
    for (const n of NODES) cluster.node(n).killMover('a');
    expect(await run(file([1]))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(plans[0]?.findings.map((f) => f.code)).toContain('migration-stalled');
    expect(commands()).toEqual(['start done', 'stop done', 'start done', 'commit done']);
    expect([filesOn(2), filesOn(1).toSorted()]).toEqual([[], NAMES.toSorted()]);
  });

  it('where every node says "completed" and a file is left: it is named, and stays', async () => {
    await run(file([1]), { waitMs: 'none' });
    while (movers() > 0) await cluster.clock.sleep(1000);
    write('dir/late');
    const result = await run(file([1]));
    expect([exitCodeOf(result), commands(), bricks().length]).toEqual([3, ['start done'], 6]);
    expect(result.failures[0]?.cause).toMatch(/files are left on .bricks.d2.a.*\ndir\/late/);
    for (const n of NODES) cluster.node(n).disk.remove('/bricks/d2/a/dir/late');
    expect(await run(file([1]))).toMatchObject({ outcome: 'applied' });
  });

  it('where files could not be moved: it is begun three times, then the bricks stay', async () => {
    const running = run(file([1]));
    const failing = { isOver: false };
    void running.finally(() => (failing.isOver = true));
    for (const n of NODES) cluster.node(n).disk.immutable.add('/bricks/d1/a');
    const result = await running;
    expect([result.outcome, exitCodeOf(result)]).toEqual(['rolled-back', 3]);
    expect(result.failures[0]?.title).toMatch(/not all files could be moved: the bricks of volume a stay/);
    expect(result.failures[0]?.details?.join()).toMatch(/node01: completed.*failed/);
    expect(commands().filter((c) => c.startsWith('start'))).toHaveLength(3);
    expect(commands().filter((c) => c.startsWith('commit'))).toEqual([]);
    expect([filesOn(2).toSorted(), bricks().length, commands('rebalance')]).toEqual([
      NAMES.toSorted(),
      6,
      ['start done'],
    ]);
  });

  it('where one node has failed some, though glusterd would commit', async () => {
    await run(file([1]), { waitMs: 'none' });
    while (movers() > 0) await cluster.clock.sleep(1000);
    const state = '/var/lib/glusterd/vols/a/node_state.info';
    const { disk } = cluster.node('node01');
    disk.write(state, disk.read(state)?.replace('failures=0', 'failures=1') ?? '');
    expect(await run(file([1]))).toMatchObject({ outcome: 'applied' });
    expect(commands()).toEqual(['start done', 'stop done', 'start done', 'commit done']);
  });
});

describe('a brick of a distribute volume that comes for another', () => {
  it('comes first, and then the other goes', async () => {
    const of = (names: readonly string[]): string => `  b: { bricks: [${names.join(', ')}] }\n`;
    const [one, two, three] = NODES.map((n) => `${n}:/bricks/d3/b`) as [string, string, string];
    const both = (names: readonly string[]): string => file([1, 2]) + of(names);
    expect(await run(both([one, two]), { allowDestroy: [] })).toMatchObject({ outcome: 'applied' });
    await cluster.clock.sleep(REST_MS);
    cluster.node('node01').disk.write('/bricks/d3/b/kept', 'kept');
    const result = await run(both([three, two]), { allowDestroy: [`brick/${one}`] });
    expect(result).toMatchObject({ outcome: 'applied', failures: [] });
    expect(commands('add-brick')).toHaveLength(1);
    expect(commands()).toEqual(['start done', 'commit done']);
    expect(cluster.node('node01').disk.has('/bricks/d3/b/kept')).toBe(false);
    const kept = ['node02', 'node03'].filter((n) => cluster.node(n).disk.has('/bricks/d3/b/kept'));
    expect(kept).toHaveLength(1);
    expect(await run(both([three, two]), { allowDestroy: [] })).toMatchObject({ outcome: 'nothing-to-do' });
  });
});

it('an interrupt while clients hear of the option begins no removal, and takes the option back', async () => {
  const stop = new AbortController();
  const interrupt = (): void => {
    stop.abort();
  };
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && op.argv[1] === 'set',
      fault: { kind: 'act', act: interrupt, afterMs: 2_000 },
    },
  ]);
  expect(await run(file([1]), { signal: stop.signal })).toMatchObject({ outcome: 'interrupted' });
  expect(commands()).toEqual([]);
});

describe('a set whose disks or nodes are gone', () => {
  const LOST = NODES.map((n) => `brick/${n}:/bricks/d2/a`);
  const loseDisk = (node: string): void => {
    const { disk } = cluster.node(node);
    cluster.node(node).killBrick('/bricks/d2/a');
    disk.mounts.splice(
      disk.mounts.findIndex(({ point }) => point === '/bricks/d2'),
      1,
    );
  };

  it('leaves as it is, once each of its bricks is allowed, and the next plan is empty', async () => {
    NODES.forEach(loseDisk);
    await cluster.clock.sleep(REST_MS);
    expect(await run(file([1]))).toMatchObject({ outcome: 'decision-needed' });
    expect(commands()).toEqual([]);
    expect(await run(file([1]), { allowDestroy: LOST })).toMatchObject({ outcome: 'applied', failures: [] });
    expect(commands()).toEqual(['force done']);
    expect(bricks()).toEqual(NODES.map((n) => `${n}:/bricks/d1/a`));
    expect(await run(file([1]))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('but for one disk that is there', async () => {
    NODES.slice(1).forEach(loseDisk);
    await cluster.clock.sleep(REST_MS);
    const result = await run(file([1]), { allowDestroy: LOST });
    expect(result.outcome).not.toBe('applied');
    expect(bricks()).toHaveLength(6);
    expect(commands()).toEqual([]);
  });

  it('as well where its node is left out, and that takes it over when it returns', async () => {
    const both = (nodes: readonly string[]): string =>
      `${file([1, 2])}  b: { bricks: [${nodes.map((n) => `${n}:/bricks/d3/b`).join(', ')}] }\n`;
    expect(await run(both(NODES))).toMatchObject({ outcome: 'applied' });
    await cluster.node('node03').fault({ kind: 'power-off' });
    await cluster.clock.sleep(REST_MS);
    const wanted = desiredOf(both(NODES.slice(0, 2)));
    const without = wanted.nodes.map((n) => (n.name === 'node03' ? { ...n, isLeftOut: true as const } : n));
    const result = await run('', {
      desired: { ...wanted, nodes: without },
      allowDestroy: ['brick/node03:/bricks/d3/b'],
    });
    expect(result).toMatchObject({ outcome: 'applied', failures: [] });
    await cluster.node('node03').fault({ kind: 'power-on' });
    await cluster.clock.sleep(REST_MS);
    expect(await run(both(NODES.slice(0, 2)))).toMatchObject({ outcome: 'nothing-to-do' });
  });
});
