/**
 * The flow of a change from end to end on the simulated cluster, without a process: what is asked, what is
 * refused, what the cluster is afterwards.
 */
import { beforeEach, describe, expect, it } from 'vitest';
import { applyChange, type ApplyOptions } from '../../../src/change/apply.ts';
import { type Change, type Host, NO_CONSENT } from '../../../src/change/change.ts';
import { recoverChange } from '../../../src/change/recover.ts';
import { restoreChange } from '../../../src/change/restore.ts';
import { runChange } from '../../../src/change/run-change.ts';
import type { RunResult } from '../../../src/model/event.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import { JOURNAL_ROOT } from '../../../src/model/transaction.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { owner } from '../../contract/harness.ts';
import { stateOf } from '../../laws/fault-run.ts';
import { desiredOf, NODES } from './simulated-file.ts';
import { simulatedHost } from './simulated-host.ts';

const SETTLE_MS = 10_000;
/** The locks of a dead holder are free after this. */
const SILENCE_MS = 40_000;
const PING = ', options: { network.ping-timeout: 21 }';

const volume = (name: string, more = ''): string =>
  `  ${name}: { replica: 3, bricks: [${NODES.map((n) => `${n}:/bricks/d1/${name}`).join(', ')}]${more} }\n`;

let cluster: SimCluster;
let count: number;
/** What the person is shown and asked, and the answer. */
let plans: Plan[];
let said: string[];
let questions: string[];
let answer: boolean;
let isThere: boolean;

beforeEach(async () => {
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  [count, answer, isThere] = [0, true, true];
});

function hostOn(link: (node: string) => NodeLink): Host {
  [plans, said, questions] = [[], [], []];
  return simulatedHost(cluster, link, {
    newOwner: () => owner(`20260101T0000${String((count += 1)).padStart(2, '0')}Z-00000000`),
    showPlan: (plan) => void plans.push(plan),
    showUnfinished: (sentences) => void said.push(...sentences),
    remark: (sentence) => void said.push(sentence),
    notify: (message) => void said.push(message),
    canAsk: () => isThere,
    hasPerson: () => isThere,
    confirm: (question) => {
      questions.push(question);
      return Promise.resolve(answer);
    },
  });
}

async function run(
  change: Change,
  link = (node: string): NodeLink => cluster.link(node),
): Promise<RunResult> {
  const result = await runChange(change, hostOn(link));
  await cluster.clock.sleep(SETTLE_MS);
  return result;
}

const apply = (volumes: string, more: Partial<ApplyOptions> = {}): Change =>
  applyChange({
    desired: desiredOf(volumes),
    saved: undefined,
    file: 'cluster.yaml',
    allowDestroy: [],
    prefer: new Map(),
    noRepair: false,
    ...more,
  });
const recover = (volumes: string, allowDestroy: readonly string[] = []): Change =>
  recoverChange({ desired: desiredOf(volumes), file: 'cluster.yaml', allowDestroy, prefer: new Map() });
const restore = (volumes: string, id: string): Change =>
  restoreChange({ desired: desiredOf(volumes), file: 'cluster.yaml', id, allowDestroy: [] });

async function applied(volumes: string): Promise<string> {
  const result = await run(apply(volumes));
  expect(result).toMatchObject({ outcome: 'applied', failures: [] });
  return result.transaction ?? '';
}

/** A controller dies in the middle of a change; another one finds its unfinished transaction. */
async function dieWithin(volumes: string): Promise<(node: string) => NodeLink> {
  const isSet = (argv: readonly string[]): boolean => argv[1] === 'set';
  cluster.inject([
    {
      at: ({ op }) => op?.kind === 'gluster' && isSet(op.argv),
      fault: { kind: 'controller-death', silent: false },
    },
  ]);
  const dead = new Promise<void>((resolve) => cluster.first.onDeath.add(resolve));
  void run(apply(volumes));
  await cluster.clock.sleep(SILENCE_MS);
  await dead;
  const second = cluster.controller('second');
  return (node) => second.link(node);
}

/** The state of each transaction on each node. */
const journalStates = (): readonly unknown[] =>
  cluster.names.map((name) => {
    const { disk } = cluster.node(name);
    return disk.below(JOURNAL_ROOT).map((path) => [path, disk.read(path)]);
  });

it('applies what is confirmed, and has nothing to do after that', async () => {
  await applied(volume('a'));
  expect(questions).toEqual(['Apply 2 steps to sim?']);
  expect(plans.map((p) => p.steps.map((s) => s.id))).toEqual([['volume-create:a', 'volume-start:a']]);
  expect(await run(apply(volume('a')))).toMatchObject({ outcome: 'nothing-to-do' });
  expect([plans, questions]).toEqual([[], []]);
});

it('changes nothing that is declined, and nothing where nobody can be asked', async () => {
  const before = stateOf(cluster);
  answer = false;
  expect(await run(apply(volume('a')))).toEqual({ outcome: 'declined', failures: [], owed: [] });
  expect(plans).toHaveLength(1);
  isThere = false;
  expect(await run(apply(volume('a')))).toMatchObject({
    outcome: 'decision-needed',
    failures: [{ title: 'confirmation is needed, and nobody can be asked' }],
  });
  expect(questions).toEqual([]);
  expect(stateOf(cluster)).toBe(before);
});

it('refuses a destructive step that no flag allows, without a question', async () => {
  await applied(volume('a'));
  const gone = '  a: { state: absent }\n';
  const refused = await run(apply(gone));
  expect(refused.outcome).toBe('decision-needed');
  expect(refused.failures).toMatchObject([
    {
      title: expect.stringMatching(/^"delete volume a.*" requires --allow-destroy volume\/a$/) as unknown,
      fix: 'glusterctl apply cluster.yaml --allow-destroy volume/a',
    },
  ]);
  expect(questions).toEqual([]);
  expect(await run(apply(gone, { allowDestroy: ['volume/a'] }))).toMatchObject({ outcome: 'applied' });
});

it('refuses a repair that takes a definition away, where no flag names the volume', async () => {
  await applied(volume('a', ', state: stopped'));
  cluster.node('node03').disk.remove('/var/lib/glusterd/vols/a');
  const gone = '  a: { state: absent }\n';
  const before = stateOf(cluster);
  expect(await run(recover(gone))).toMatchObject({
    outcome: 'decision-needed',
    failures: [{ fix: 'glusterctl recover cluster.yaml --allow-destroy volume/a' }],
  });
  expect(questions).toEqual([]);
  expect(stateOf(cluster)).toBe(before);
  expect(await run(recover(gone, ['volume/a']))).toMatchObject({ outcome: 'applied', failures: [] });
});

it('keeps a volume that was protected, until a run of its own lets that go', async () => {
  const kept = ', state: stopped';
  await applied(volume('a', `${kept}, protect: true`));
  const gone = '  a: { state: absent }\n';
  const allowDestroy = ['volume/a'];
  const before = stateOf(cluster);
  const refused = { outcome: 'decision-needed', failures: [{ cause: 'volume-protected' }] };
  expect(await run(apply(gone, { allowDestroy }))).toMatchObject(refused);
  expect(plans.map((p) => p.steps)).toEqual([[]]);
  cluster.node('node03').disk.remove('/var/lib/glusterd/vols/a');
  const asked = { title: expect.stringContaining('but the volume is protected') as unknown };
  const unanswered = { outcome: 'decision-needed', failures: [asked] };
  expect(await run(recover(gone, allowDestroy))).toMatchObject(unanswered);
  expect(await run(recover(volume('a', kept)))).toMatchObject({ outcome: 'applied' });
  expect(stateOf(cluster)).toBe(before);
  await applied(volume('a', kept));
  expect(plans[0]?.steps.map((s) => s.id)).toEqual(['volume-options:a/protect']);
  expect(await run(apply(gone, { allowDestroy }))).toMatchObject({ outcome: 'applied', failures: [] });
});

it.each(['', '  a: { state: absent }\n', volume('a'), volume('a', ', optionsMode: exact')])(
  'asks about a protection that most nodes have lost, and leaves it: the file says %j',
  async (said) => {
    await applied(volume('a', ', protect: true'));
    for (const name of ['node02', 'node03']) {
      const { disk, daemon } = cluster.node(name);
      const info = '/var/lib/glusterd/vols/a/info';
      disk.write(info, (disk.read(info) ?? '').replace('user.glusterctl.protect=on\n', ''));
      daemon?.volumes.get('a')?.options.delete('user.glusterctl.protect');
    }
    const before = stateOf(cluster);
    const allowDestroy = ['volume/a'];
    const changes = [recover(said, allowDestroy), ...(said === '' ? [] : [apply(said, { allowDestroy })])];
    for (const change of changes) expect((await run(change)).outcome, change.name).toBe('decision-needed');
    expect(stateOf(cluster)).toBe(before);
  },
);

describe('a protected volume', () => {
  const shard = (value: string): string =>
    volume('a', `, protect: true, options: { features.shard: ${value} }`);
  const allowDestroy = ['volume/a'];
  const ways: Readonly<Record<string, () => Promise<Change>>> = {
    apply: () => Promise.resolve(apply(shard('off'), { allowDestroy })),
    'a saved plan': async () => {
      await run(apply(shard('off'), { allowDestroy }));
      const [saved] = plans;
      return apply(shard('off'), { allowDestroy, saved: saved! });
    },
    recover: () => {
      for (const name of ['node02', 'node03']) {
        const { disk, daemon } = cluster.node(name);
        const info = '/var/lib/glusterd/vols/a/info';
        disk.write(info, (disk.read(info) ?? '').replace('features.shard=on\n', ''));
        daemon?.volumes.get('a')?.options.delete('features.shard');
      }
      return Promise.resolve(recover(volume('a', ', protect: true'), allowDestroy));
    },
    restore: () =>
      Promise.resolve(
        restoreChange({ desired: desiredOf(shard('on')), file: 'cluster.yaml', id, allowDestroy }),
      ),
  };
  let id: string;

  it.each(Object.keys(ways))('loses nothing by %s, whatever the flags say', async (way) => {
    await applied(volume('a', ', protect: true'));
    id = await applied(shard('on'));
    const change = await ways[way]?.();
    const before = stateOf(cluster);
    const refused = change === undefined ? undefined : await run(change);
    expect(plans[0]?.steps.map((s) => s.risk)).toEqual(['destructive']);
    expect(refused).toMatchObject({ outcome: 'decision-needed', failures: [{ cause: 'volume-protected' }] });
    expect([questions, stateOf(cluster)]).toEqual([[], before]);
  });
});

it('restores nothing that would let a protection go, or delete what is protected', async () => {
  await applied(volume('b'));
  const id = await applied(`${volume('a', ', protect: true')}${volume('b', ', protect: true')}`);
  const refused = await run(restore(volume('b'), id));
  expect(refused.outcome).toBe('refused');
  expect(refused.failures.map((f) => f.title)).toEqual([
    expect.stringMatching(/^volume b was not protected before/),
    expect.stringMatching(/^volume a is protected, and was not there before/),
  ]);
});

it('refuses a saved plan that no longer fits', async () => {
  await applied(volume('a'));
  answer = false;
  await run(apply(volume('a', PING)));
  const [saved] = plans;
  answer = true;
  await applied(volume('a', ', options: { network.ping-timeout: 22 }'));
  const refused = await run(apply(volume('a', PING), { saved: saved! }));
  expect(refused).toMatchObject({ outcome: 'refused', failures: [{ code: 'plan-outdated' }] });
  expect(plans).toEqual([]);
});

it('refuses while somebody else holds the cluster, and while a node cannot be read', async () => {
  const other = cluster.controller('other');
  const lock = await other.link('node02').lock(owner('tx-9'));
  expect(await run(apply(volume('a')))).toMatchObject({ outcome: 'locked' });
  if (lock.ok) await lock.value.release();
  await cluster.node('node03').fault({ kind: 'power-off' });
  expect(await run(apply(volume('a')))).toMatchObject({ outcome: 'unreachable' });
  expect([plans, questions]).toEqual([[], []]);
});

it('changes and finishes nothing while the pool has a member that the file does not name', async () => {
  await applied(volume('a'));
  const link = await dieWithin(volume('a', PING));
  const [left, transactions] = [stateOf(cluster), journalStates()];
  const withoutOne = (change: Change): Change => {
    const nodes = change.desired.nodes.filter((n) => n.name !== 'node03');
    return { ...change, desired: { ...change.desired, nodes } };
  };
  for (const change of [apply(volume('a')), recover(volume('a')), restore(volume('a'), 'nonsense')])
    expect(await run(withoutOne(change), link), change.name).toMatchObject({
      outcome: 'decision-needed',
      failures: [{ title: 'node03 is a member of the pool, but the cluster file does not name it' }],
    });
  expect([plans, said, questions]).toEqual([[], [], []]);
  expect([stateOf(cluster), journalStates()]).toEqual([left, transactions]);
});

it('repairs pass by pass, and ends with what was repaired', async () => {
  await applied(volume('a'));
  const before = stateOf(cluster);
  cluster.node('node02').killBrick('/bricks/d1/a');
  const result = await run(recover(volume('a')));
  expect(result).toMatchObject({ outcome: 'applied', failures: [] });
  expect(result.transaction).toBeDefined();
  expect(questions).toEqual(['Run 1 step on sim?']);
  expect(stateOf(cluster)).toBe(before);
  expect(await run(recover(volume('a')))).toMatchObject({ outcome: 'nothing-to-do' });
});

const forget = (node: string, name: string): void => {
  cluster.node(node).disk.remove(`/var/lib/glusterd/vols/${name}`);
};

it('moves aside what does not belong into a store, and puts it back where that fails', async () => {
  await applied(volume('a'));
  const { disk } = cluster.node('node02');
  const at = '/var/lib/glusterd/snaps/s1.tgz';
  disk.write(at, 'precious');
  const kept = (id = ''): string | undefined =>
    disk.read(`/var/lib/glusterctl/transactions/${id}/aside/snaps/s1.tgz`);
  const failing = (node: string): NodeLink => {
    const real = cluster.link(node);
    return {
      ...real,
      perform: async (op, ...more) => {
        const outcome = await real.perform(op, ...more);
        return op.kind === 'edit-store' ? { kind: 'failed', message: 'the disk gave an error' } : outcome;
      },
    };
  };
  expect(await run(recover(volume('a')), failing)).toMatchObject({ outcome: 'rolled-back' });
  expect(disk.read(at)).toBe('precious');
  const last = await run(recover(volume('a')));
  expect(last).toMatchObject({ outcome: 'applied', failures: [] });
  expect([disk.read(at), kept(last.transaction)]).toEqual([undefined, 'precious']);
});

it('a rollback gives a node the peer again that it has forgotten meanwhile', async () => {
  await applied(volume('a'));
  const before = stateOf(cluster);
  const [two, three] = [cluster.node('node02'), cluster.node('node03')];
  const forgetThree = (): void => {
    const uuid = three.daemon?.uuid ?? '';
    two.disk.remove(`/var/lib/glusterd/peers/${uuid}`);
    two.daemon?.peers.delete(uuid);
  };
  const isSet = ({ op }: SimCall): boolean => op?.kind === 'gluster' && op.argv[1] === 'set';
  cluster.inject([{ at: isSet, fault: { kind: 'act', act: forgetThree } }]);
  expect(await run(apply(volume('a', PING)))).toMatchObject({ outcome: 'rolled-back', owed: [] });
  expect(stateOf(cluster)).toBe(before);
  expect(await run(recover(volume('a')))).toMatchObject({ outcome: 'nothing-to-do' });
});

it('a repair is no success where a brick that ran before does not run after it', async () => {
  await applied(volume('a') + volume('b'));
  forget('node02', 'a');
  const loseBrick = (): void => {
    cluster.node('node03').killBrick('/bricks/d1/b');
    cluster.node('node03').disk.removeXattr('/bricks/d1/b', 'trusted.glusterfs.volume-id');
  };
  const isEdit = ({ op }: SimCall): boolean => op?.kind === 'edit-store';
  cluster.inject([{ at: isEdit, fault: { kind: 'act', act: loseBrick } }]);
  const result = await run(recover(volume('a') + volume('b')));
  expect(result.outcome).toMatch(/^roll/);
  expect(JSON.stringify(result.failures)).toContain('ran before and does not run now');
});

describe('a cluster whose nodes disagree', () => {
  const ids = (): readonly (readonly string[])[] => plans.map((p) => p.steps.map((s) => s.id));
  it('is repaired first, then changed, and both are shown before', async () => {
    await applied(volume('a'));
    forget('node02', 'a');
    expect(await run(apply(volume('a', PING)))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(ids()).toEqual([['store-repair:node02'], ['volume-options:a']]);
    expect(plans.map((p) => p.later?.map((s) => s.id))).toEqual([['volume-options:a'], undefined]);
    expect(questions).toEqual(['Repair sim by 1 step, before 1 step of the change?', 'Apply 1 step to sim?']);
    expect(await run(apply(volume('a', PING)))).toMatchObject({ outcome: 'nothing-to-do' });
  });

  it('is repaired where nothing else is to be done', async () => {
    await applied(volume('a'));
    forget('node02', 'a');
    const result = await run(apply(volume('a')));
    expect(result).toMatchObject({ outcome: 'applied', failures: [] });
    expect(result.transaction).toBeDefined();
    expect(ids()).toEqual([['store-repair:node02']]);
  });

  it('is repaired where one copy is behind by its version alone', async () => {
    await applied(volume('a'));
    const { disk, daemon } = cluster.node('node02');
    const info = '/var/lib/glusterd/vols/a/info';
    disk.write(info, (disk.read(info) ?? '').replace(/^version=.*$/m, 'version=1'));
    Object.assign(daemon?.volumes.get('a') ?? {}, { version: 1 });
    expect(await run(apply(volume('a')))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(plans[0]?.findings.map((f) => [f.code, f.severity])).toEqual([['volume-version-skew', 'warning']]);
    const versions = NODES.map((n) =>
      cluster
        .node(n)
        .info('a')
        .find((l) => l.startsWith('version=')),
    );
    expect(new Set(versions).size).toBe(1);
  });

  it('is left as it is where the file does not name the volume', async () => {
    await applied(volume('a') + volume('b'));
    forget('node02', 'b');
    expect(await run(apply(volume('a', PING)))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(ids()).toEqual([['volume-options:a']]);
    expect(plans[0]?.findings.map((f) => `${f.code} ${f.subject}`)).toEqual([
      'volume-missing-on-node volume/b',
    ]);
    expect(cluster.node('node02').info('b')).toEqual([]);
  });

  it.each(['--no-repair', 'a saved plan'])('is not repaired with %s: what would be is named', async (how) => {
    await applied(volume('a'));
    answer = false;
    await run(apply(volume('a', PING)));
    const saved = how === 'a saved plan' ? plans[0] : undefined;
    answer = true;
    // In the way of any restart of glusterd, and in nothing that a plan is computed from.
    cluster.node('node02').disk.mkdirs('/var/lib/glusterd/snaps/x');
    const before = stateOf(cluster);
    const refused = await run(apply(volume('a', PING), { saved, noRepair: saved === undefined }));
    expect(refused).toMatchObject({
      outcome: 'decision-needed',
      failures: [{ cause: 'store-stray-directory', fix: 'glusterctl recover cluster.yaml' }],
    });
    expect(questions).toEqual([]);
    expect(stateOf(cluster)).toBe(before);
  });

  it('is not touched while what is destroyed after the repairs is not allowed', async () => {
    await applied(volume('a'));
    forget('node02', 'a');
    const before = stateOf(cluster);
    const gone = '  a: { state: absent }\n';
    expect(await run(apply(gone))).toMatchObject({
      outcome: 'decision-needed',
      failures: [{ fix: 'glusterctl apply cluster.yaml --allow-destroy volume/a' }],
    });
    expect(stateOf(cluster)).toBe(before);
    expect(await run(apply(gone, { allowDestroy: ['volume/a'] }))).toMatchObject({ outcome: 'applied' });
    expect(ids().slice(0, 2)).toEqual([['store-repair:node02'], ['volume-stop:a', 'volume-delete:a']]);
    for (const n of NODES) expect(cluster.node(n).info('a')).toEqual([]);
  });

  it('is asked about where the file does not decide, and --prefer is the answer', async () => {
    await applied(volume('a'));
    NODES.slice(1).forEach((n, i) => {
      const { disk } = cluster.node(n);
      const info = '/var/lib/glusterd/vols/a/info';
      disk.write(info, `${disk.read(info) ?? ''}auth.allow=10.0.0.${String(i)}\n`);
    });
    const before = stateOf(cluster);
    const asked = await run(apply(volume('a', PING)));
    expect(asked).toMatchObject({ outcome: 'decision-needed', failures: [{ code: 'decision-needed' }] });
    expect(asked.failures[0]?.fix).toContain('apply with --prefer volume/a=node01, or ');
    expect(stateOf(cluster)).toBe(before);
    const prefer = new Map([['a', 'node01']]);
    expect(await run(apply(volume('a', PING), { prefer }))).toMatchObject({
      outcome: 'applied',
      failures: [],
    });
    for (const n of NODES) expect(cluster.node(n).info('a').join()).not.toContain('auth.allow');
  });

  it('is not repaired where the file is refused in any case', async () => {
    await applied(volume('a') + volume('b'));
    forget('node02', 'a');
    const before = stateOf(cluster);
    const other = volume('b').replace('replica: 3', 'replica: 3, arbiter: 1');
    const refused = await run(apply(volume('a') + other));
    expect(refused.failures).toMatchObject([{ cause: 'layout-not-convertible' }]);
    expect(stateOf(cluster)).toBe(before);
  });

  it('is repaired though the file has the bricks in another order', async () => {
    await applied(volume('a'));
    forget('node02', 'a');
    const other = volume('a').replace(/\[(.*?), (.*?),/, '[$2, $1,');
    expect(await run(apply(other))).toMatchObject({ outcome: 'applied', failures: [] });
  });
});

describe('a volume that the file wants gone', () => {
  const gone = '  a: { state: absent }\n';
  const allowDestroy = ['volume/a'];
  const marked = (): readonly string[] =>
    NODES.filter((n) => {
      const brick = cluster.node(n).disk.entries.get('/bricks/d1/a');
      return brick?.xattrs.has('trusted.glusterfs.volume-id') === true;
    });
  const cleaned = NODES.map((n) => `brick-clean:${n}:/bricks/d1/a`);

  it('leaves no mark on its empty bricks, each a step that was shown before', async () => {
    await applied(volume('a'));
    expect(marked()).toEqual(NODES);
    expect(await run(apply(gone, { allowDestroy }))).toMatchObject({ outcome: 'applied', failures: [] });
    expect(plans[0]?.later?.map((s) => s.id)).toEqual(cleaned);
    expect(plans.at(-1)?.steps.map((s) => s.id)).toEqual(cleaned);
    expect(marked()).toEqual([]);
    await applied(volume('a'));
  });

  it.each(['file', '.trashcan/file', '.glusterfs/ab/cd/file'])(
    'keeps all its marks where one brick holds a file, so that it can be restored: %s',
    async (file) => {
      await applied(volume('a'));
      const { disk } = cluster.node('node02');
      const path = `/bricks/d1/a/${file}`;
      disk.mkdirs(path.slice(0, path.lastIndexOf('/')));
      disk.write(path, 'of a person');
      expect(await run(apply(gone, { allowDestroy }))).toMatchObject({ outcome: 'applied', failures: [] });
      expect(plans[0]?.findings.map((f) => [f.code, f.subject])).toEqual([
        ['brick-leftover-xattrs', 'brick/node02:/bricks/d1/a'],
      ]);
      expect(marked()).toEqual(NODES);
      expect(disk.read(path)).toBe('of a person');
    },
  );

  describe('and that holds files', () => {
    const brick = (node: string): string => `brick/${node}:/bricks/d1/a`;
    const put = (node: string, name = 'file'): void => {
      const { disk } = cluster.node(node);
      const path = `/bricks/d1/a/${name}`;
      disk.mkdirs(path.slice(0, path.lastIndexOf('/')));
      expect(disk.write(path, `of a person on ${node}`)).toBeUndefined();
    };
    const held = (name = 'file'): readonly (string | undefined)[] =>
      NODES.map((n) => cluster.node(n).disk.read(`/bricks/d1/a/${name}`));
    const unmarked = (node: string): string => `brick-unmark:${node}:/bricks/d1/a`;

    it('loses its marks where each brick is named, and no file', async () => {
      await applied(volume('a'));
      for (const n of ['node01', 'node02']) put(n);
      const files = held();
      await run(apply(gone));
      for (const [i, n] of ['node01', 'node02'].entries())
        expect(plans[0]?.findings[i]?.remedy).toContain(`--allow-destroy ${brick(n)} takes the marks off`);
      const named = [...allowDestroy, brick('node01'), brick('node02')];
      expect(await run(apply(gone, { allowDestroy: named }))).toMatchObject({
        outcome: 'applied',
        failures: [],
      });
      const steps = [unmarked('node01'), unmarked('node02'), cleaned[2]];
      expect(plans[0]?.later?.map((s) => s.id)).toEqual(steps);
      expect(plans.at(-1)?.steps.map((s) => [s.id, s.risk])).toEqual(
        steps.map((id, i) => [id, i < 2 ? 'destructive' : 'safe']),
      );
      expect(marked()).toEqual([]);
      expect(held()).toEqual(files);
      for (const n of NODES) expect(cluster.node(n).disk.has('/bricks/d1/a/.glusterfs')).toBe(false);
    });

    it('loses those of the brick that is named alone, where others hold files too', async () => {
      await applied(volume('a'));
      for (const n of ['node01', 'node02']) put(n);
      const named = [...allowDestroy, brick('node02')];
      expect(await run(apply(gone, { allowDestroy: named }))).toMatchObject({
        outcome: 'applied',
        failures: [],
      });
      expect(marked()).toEqual(['node01', 'node03']);
    });

    it('loses them where it was half deleted', async () => {
      await applied(volume('a'));
      put('node02');
      forget('node01', 'a');
      const named = [...allowDestroy, brick('node02')];
      expect(await run(apply(gone, { allowDestroy: named }))).toMatchObject({
        outcome: 'applied',
        failures: [],
      });
      expect([marked(), held()]).toEqual([[], [undefined, 'of a person on node02', undefined]]);
    });

    it.each(['.glusterfs/unlink/open', '.glusterfs/ab/cd/abcd'])(
      'keeps all, with nothing changed, where a file would go with them: %s',
      async (lone) => {
        await applied(volume('a'));
        put('node01');
        put('node02', lone);
        const before = stateOf(cluster);
        const named = [...allowDestroy, brick('node01'), brick('node02')];
        const refused = await run(apply(gone, { allowDestroy: named }));
        expect(refused).toMatchObject({ outcome: 'refused', failures: [{ code: 'precondition-failed' }] });
        expect(refused.failures[0]?.cause).toBe(
          `node02: the content of /bricks/d1/a/${lone} would be lost: ` +
            'it is linked nowhere outside of .glusterfs; move it away, or do not name this brick',
        );
        expect(refused.changed).toBeUndefined();
        expect([marked(), stateOf(cluster)]).toEqual([NODES, before]);
      },
    );

    it('keeps them where it is protected', async () => {
      await applied(volume('a', ', protect: true'));
      put('node02');
      const before = stateOf(cluster);
      const refused = await run(apply(gone, { allowDestroy: [...allowDestroy, brick('node02')] }));
      expect(refused.failures).toMatchObject([{ cause: 'volume-protected' }]);
      expect([marked(), stateOf(cluster)]).toEqual([NODES, before]);
    });

    it('is not touched where a brick is named that is none of it', async () => {
      await applied(volume('a'));
      put('node02');
      const before = stateOf(cluster);
      const refused = await run(apply(gone, { allowDestroy: [...allowDestroy, `${brick('node02')}a`] }));
      expect(refused).toMatchObject({ outcome: 'refused', failures: [{ code: 'invalid-input' }] });
      expect(refused.failures[0]?.cause).toContain(`did you mean "${brick('node02')}"?`);
      expect(stateOf(cluster)).toBe(before);
    });
  });

  it('keeps the marks of another volume', async () => {
    await applied(volume('a'));
    const other = '00000000-0000-4000-8000-000000000001';
    const isDelete = (argv: readonly string[]): boolean => argv[1] === 'delete';
    const mark = async (): Promise<void> => {
      const brick = cluster.node('node01').disk.entries.get('/bricks/d1/a');
      await Promise.resolve(brick?.xattrs.set('trusted.glusterfs.volume-id', other));
    };
    cluster.inject([
      { at: ({ op }) => op?.kind === 'gluster' && isDelete(op.argv), fault: { kind: 'act', act: mark } },
    ]);
    expect(await run(apply('  a: { state: absent }\n', { allowDestroy }))).toMatchObject({ failures: [] });
    expect(plans.at(-1)?.steps.map((s) => s.id)).toEqual(cleaned.slice(1));
    expect(marked()).toEqual(['node01']);
  });

  it('has its marks until it is gone: a rollback needs them', async () => {
    await applied(volume('a'));
    await cluster.node('node03').fault({ kind: 'immutable', path: '/var/lib/glusterd/vols/a' });
    expect((await run(apply(gone, { allowDestroy }))).outcome).not.toBe('applied');
    await cluster.node('node03').fault({ kind: 'mutable', path: '/var/lib/glusterd/vols/a' });
    expect(marked()).toEqual(NODES);
  });

  it('stays where it is protected, also half deleted', async () => {
    await applied(volume('a', ', protect: true'));
    cluster.node('node02').disk.remove('/var/lib/glusterd/vols/a');
    const before = stateOf(cluster);
    const asked = await run(apply('  a: { state: absent }\n', { allowDestroy }));
    expect(asked.outcome).toBe('decision-needed');
    expect(asked.failures[0]?.title).toContain('but the volume is protected');
    expect(stateOf(cluster)).toBe(before);
  });
});

describe('a run', () => {
  const NO_UUID = '00000000-0000-4000-8000-000000000007';
  const discard = new Set([volumeName('aa')]);
  it.each<readonly [string, Partial<ApplyOptions>, string]>([
    ['--allow-destroy volume/aa', { allowDestroy: ['volume/aa'] }, 'did you mean "volume/a"?'],
    ['--allow-destroy a', { allowDestroy: ['a'] }, 'did you mean "volume/a"?'],
    ['--prefer volume/aa=node01', { prefer: new Map([['aa', 'node01']]) }, 'did you mean "volume/a"?'],
    [
      '--prefer volume/a=node0l',
      { prefer: new Map([['a', 'node0l']]) },
      'the file names no node node0l; did',
    ],
    [
      `--prefer node/node0l=${NO_UUID}`,
      { prefer: new Map([['node/node0l', NO_UUID]]) },
      'the file names no node node0l; did',
    ],
    [
      `--prefer node/node01=${NO_UUID}`,
      { prefer: new Map([['node/node01', NO_UUID]]) },
      `no node knows node01 as ${NO_UUID}`,
    ],
    ['--discard-changes volume/aa', { consent: { ...NO_CONSENT, discard } }, 'did you mean "volume/a"?'],
  ])('refuses a flag that names nothing: %s', async (flag, flags, cause) => {
    await applied(volume('a'));
    const before = stateOf(cluster);
    const refused = await run(apply(volume('a', PING), flags));
    expect(refused).toMatchObject({ outcome: 'refused', failures: [{ code: 'invalid-input' }] });
    expect(refused.failures).toHaveLength(1);
    expect(refused.failures[0]?.title).toBe(`${flag} names nothing that is there`);
    expect(refused.failures[0]?.cause).toContain(cause);
    expect([plans, questions]).toEqual([[], []]);
    expect(stateOf(cluster)).toBe(before);
  });

  it('takes a flag for what it has already done', async () => {
    await applied(volume('a') + volume('b'));
    const gone = `${volume('a')}  b: { state: absent }\n`;
    const allowDestroy = ['volume/b'];
    for (const outcome of ['applied', 'nothing-to-do'])
      expect(await run(apply(gone, { allowDestroy }))).toMatchObject({ outcome, failures: [] });
  });
});

it('restores the store as it was before a transaction', async () => {
  await applied(volume('a'));
  const before = stateOf(cluster);
  const id = await applied(volume('a', PING));
  expect(await run(restore(volume('a'), id))).toMatchObject({ outcome: 'applied' });
  expect(questions).toEqual([`Put sim back to before transaction ${id}?`]);
  expect(stateOf(cluster)).toBe(before);
  expect(await run(restore(volume('a'), 'nonsense'))).toMatchObject({
    outcome: 'refused',
    failures: [{ code: 'invalid-input' }],
  });
});

it('finishes an unfinished transaction first, and then plans again', async () => {
  await applied(volume('a'));
  const link = await dieWithin(volume('a', PING));
  answer = false;
  expect(await run(apply(volume('a', PING)), link)).toMatchObject({ outcome: 'declined' });
  expect(said.join()).toMatch(/^Transaction 20260101T000002Z-0+ of eva@desk .* did not end/);
  expect(plans).toEqual([]);
  expect(await run(restore(volume('a'), '20260101T000001Z-00000000'), link)).toMatchObject({
    outcome: 'refused',
    failures: [{ fix: 'glusterctl recover cluster.yaml' }],
  });
  answer = true;
  expect(await run(apply(volume('a', PING)), link)).toMatchObject({ outcome: 'applied' });
  expect(questions).toHaveLength(2);
  expect(plans.map((p) => p.steps.map((s) => s.id))).toEqual([['volume-options:a']]);
});

it('recover ends with an unfinished transaction that left nothing else to do', async () => {
  await applied(volume('a'));
  const before = stateOf(cluster);
  const link = await dieWithin(volume('a', PING));
  const result = await run(recover(volume('a')), link);
  expect(result).toMatchObject({ outcome: 'applied', failures: [], owed: [] });
  expect(result.changed?.map((c) => c.what)).toEqual([
    'an unfinished transaction was finished: it is rolled back',
  ]);
  expect(questions).toHaveLength(1);
  expect(plans).toEqual([]);
  expect(stateOf(cluster)).toBe(before);
});
