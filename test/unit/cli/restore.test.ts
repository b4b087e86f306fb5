/**
 * lock, history, restore, and what comes before any change, as a person gives them, on the simulated cluster:
 * what they say, what they refuse, what they leave.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type * as Owner from '../../../src/cli/owner.ts';
import { applyCommand } from '../../../src/cli/commands/apply.ts';
import { exitCodeOfFailures } from '../../../src/cli/exit-codes.ts';
import { historyCommand } from '../../../src/cli/commands/history.ts';
import { lockReleaseCommand, lockShowCommand } from '../../../src/cli/commands/lock.ts';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { recoverCommand } from '../../../src/cli/commands/recover.ts';
import { restoreCommand } from '../../../src/cli/commands/restore.ts';
import type { Session } from '../../../src/cli/session.ts';
import { FailureError } from '../../../src/core/failure.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import type { SimCall } from '../../../src/simulator/fault.ts';
import { observeAll } from '../../../src/observe/observe-all.ts';
import { owner } from '../../contract/harness.ts';
import { stateOf } from '../../laws/fault-run.ts';
import { sessionOn } from './session-on.ts';

let cluster: SimCluster;

/** Transactions begin by the clock of the simulated nodes. */
vi.mock('../../../src/cli/owner.ts', async (original) => {
  const { newOwner } = await original<typeof Owner>();
  return { newOwner: () => ({ ...newOwner(), since: new Date(cluster.clock.now()).toISOString() }) };
});

const NODES = ['node01', 'node02', 'node03'];
const rep = (name: string, more = ''): string =>
  `  ${name}: { replica: 3, bricks: [${NODES.map((n) => `${n}:/bricks/d1/${name}`).join(', ')}]${more} }`;
const SETTLE_MS = 10_000;
const APPLY = { prefer: [], repair: true } as const;
/** The locks of a dead holder are free after this. */
const SILENCE_MS = 40_000;

describe('on a simulated cluster', () => {
  let dir: string;
  let out: string, err: string;
  let session: Session;

  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-sim-'));
    cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
    await cluster.formPool();
    session = sessionOn(cluster, { out: (t) => void (out += t), err: (t) => void (err += t) });
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  function file(volumes: string): string {
    const nodes = NODES.map((n, i) => `${n}: { address: 10.0.0.${String(11 + i)} }`).join(', ');
    const path = join(dir, 'cluster.yaml');
    writeFileSync(path, `cluster: sim\nnodes: { ${nodes} }\nvolumes:\n${volumes}\n`);
    return path;
  }

  /** Exit code, as the process would have it. */
  async function run(work: () => Promise<void>): Promise<number> {
    [out, err] = ['', ''];
    process.exitCode = 0;
    try {
      await work();
    } catch (error) {
      if (!(error instanceof FailureError)) throw error;
      err += error.failures.map((f) => [f.title, f.fix].join(' ')).join('\n');
      return exitCodeOfFailures(error.failures);
    } finally {
      await cluster.clock.sleep(SETTLE_MS);
    }
    const code = process.exitCode;
    process.exitCode = 0;
    return code;
  }
  const text = { format: 'text', yes: true } as const;
  const apply = async (path: string, ...allowDestroy: readonly string[]): Promise<string> => {
    const code = await run(() =>
      applyCommand(path, { ...APPLY, format: 'json', yes: true, allowDestroy }, session),
    );
    expect(code, out + err).toBe(0);
    return /"transaction":"([^"]+)"/.exec(out.trim().split('\n').at(-1) ?? '')?.[1] ?? '';
  };
  const restore = (path: string, id: string, ...allowDestroy: readonly string[]): Promise<number> =>
    run(() => restoreCommand(path, id, { ...text, allowDestroy }, session));
  const doctor = (path: string): Promise<number> =>
    run(() => doctorCommand(path, { format: 'text' }, session));

  it('restores options, a stopped volume, a deleted volume and takes a new one away', async () => {
    await apply(file(`${rep('a')}\n${rep('b')}\n${rep('c')}`));
    cluster.node('node02').disk.write('/bricks/d1/c/file', 'of a person');
    const before = stateOf(cluster);
    const changed = [
      rep('a', ', options: { network.ping-timeout: 21 }'),
      rep('b', ', state: stopped'),
      '  c: { state: absent }',
      rep('d'),
    ];
    const id = await apply(file(changed.join('\n')), 'volume/c');
    expect(stateOf(cluster)).not.toBe(before);
    const path = file(rep('a'));
    expect(await restore(path, id), out + err).toBe(8);
    expect(err).toContain(`restore ${path} ${id} --allow-destroy volume/d`);
    expect(await restore(path, id, 'volume/d'), out + err).toBe(0);
    expect(out).toContain('-    network.ping-timeout: 21');
    expect(out).toContain('Restored.');
    expect(stateOf(cluster)).toBe(before);
    expect(await doctor(path), out).toBe(0);
    expect(await restore(path, id, 'volume/d')).toBe(0);
    expect(out).toContain('Nothing to restore');
  });

  it('shows what a node says without what would move the cursor', async () => {
    await apply(file(rep('a')));
    const id = await apply(file(rep('a', ', options: { network.ping-timeout: 21 }')));
    for (const node of NODES)
      cluster.node(node).disk.write('/var/lib/glusterd/options', 'cluster.x=\x1b[2Jred\u202e\n');
    expect(await restore(file(rep('a')), id), out + err).toBe(0);
    expect(err).toContain('options of the whole cluster are left as they are: cluster.x=\\x1b[2Jred');
    expect(err).not.toMatch(/[\x1b\u202e]/);
  });

  it('undoes a restore by restoring what was before it', async () => {
    await apply(file(rep('a')));
    const first = await apply(file(rep('a', ', options: { network.ping-timeout: 21 }')));
    const changed = stateOf(cluster);
    const path = file(rep('a'));
    expect(await restore(path, first)).toBe(0);
    const second = /transaction (\S+)\n$/.exec(out)?.[1] ?? '';
    expect(await restore(path, second), out + err).toBe(0);
    expect(stateOf(cluster)).toBe(changed);
  });

  it('takes a restore back that fails on one node', async () => {
    await apply(file(`${rep('a')}\n${rep('b')}`));
    const id = await apply(
      file(`${rep('a', ', options: { network.ping-timeout: 21 }')}\n${rep('b', ', state: stopped')}`),
    );
    const before = stateOf(cluster);
    const path = file(rep('a'));
    const isRestore = ({ op, node }: SimCall): boolean => op?.kind === 'restore-store' && node === 'node02';
    cluster.inject([
      {
        at: isRestore,
        fault: {
          kind: 'act',
          act: () => cluster.node('node02').fault({ kind: 'immutable', path: '/var/lib/glusterd/vols/a' }),
        },
      },
    ]);
    cluster.inject([
      {
        at: ({ op, node }) => op?.kind === 'start-glusterd' && node === 'node02',
        fault: {
          kind: 'act',
          act: () => cluster.node('node02').fault({ kind: 'mutable', path: '/var/lib/glusterd/vols/a' }),
        },
      },
    ]);
    expect(await restore(path, id), out + err).toBe(3);
    expect(stateOf(cluster)).toBe(before);
    expect(await doctor(path), out).toBe(0);
  });

  it('is finished by recover when its controller dies in the middle', async () => {
    await apply(file(`${rep('a')}\n${rep('b')}`));
    const id = await apply(
      file(`${rep('a', ', options: { network.ping-timeout: 21 }')}\n${rep('b', ', state: stopped')}`),
    );
    const before = stateOf(cluster);
    const path = file(rep('a'));
    const isStart = ({ op, node }: SimCall): boolean => op?.kind === 'restore-store' && node === 'node03';
    cluster.inject([{ at: isStart, fault: { kind: 'controller-death', silent: false } }]);
    const dead = new Promise<void>((resolve) => cluster.first.onDeath.add(resolve));
    void run(() => restoreCommand(path, id, { ...text, allowDestroy: [] }, session));
    await cluster.clock.sleep(SILENCE_MS);
    await dead;
    const second = cluster.controller('second');
    session = {
      ...session,
      open: async (desired, stop) => {
        const links = new Map(desired.nodes.map(({ name }) => [name, second.link(name)]));
        return {
          links,
          observed: await observeAll(desired, links, stop),
          clock: cluster.clock,
          relink: (name) => Promise.resolve(second.link(name)),
          [Symbol.asyncDispose]: () => Promise.resolve(),
        };
      },
    };
    expect(await restore(path, id)).toBe(8);
    expect(err).toContain('did not end');
    const recovered = await run(() =>
      recoverCommand(path, { ...text, prefer: [], allowDestroy: [] }, session),
    );
    expect(recovered, out + err).toBe(0);
    expect(stateOf(cluster)).toBe(before);
  });

  it('knows a transaction by the beginning of its id, and by "latest"', async () => {
    // Ids are of this machine's clock, to the second.
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-28T05:00:00Z') });
    const path = file(rep('a', ', options: { network.ping-timeout: 21 }'));
    await apply(path);
    vi.setSystemTime(new Date('2026-11-28T06:00:00Z'));
    const id = await apply(file(rep('a', ', options: { network.ping-timeout: 33 }')));
    vi.useRealTimers();
    const history = (given: string): Promise<number> =>
      run(() => historyCommand(path, given, { format: 'text' }, session));
    const others = cluster.node('node01').disk.list('/var/lib/glusterctl/transactions');
    const short = Array.from(id, (_, i) => id.slice(0, i + 1)).find(
      (begin) => others.filter((other) => other.startsWith(begin)).length === 1,
    );
    for (const given of ['latest', short ?? '']) {
      expect(await history(given), err).toBe(0);
      expect(out).toContain(id);
    }
    expect(await history('2')).toBe(4);
    expect(err).toContain('2 could be any of 2 transactions');
    expect(await restore(path, '2')).toBe(4);
    expect(await restore(path, '')).toBe(4);
    expect(await restore(path, 'latest'), out + err).toBe(0);
    expect(cluster.node('node01').info('a')).toContain('network.ping-timeout=21');
  });

  it('refuses an id that no node keeps, one that a node lacks', async () => {
    const path = file(rep('a'));
    const id = await apply(path);
    expect(await restore(path, '../../etc')).toBe(4);
    expect(err).toContain('no node keeps');
    const later = await apply(file(rep('a', ', options: { network.ping-timeout: 21 }')));
    cluster.node('node02').disk.remove(`/var/lib/glusterctl/transactions/${later}`);
    expect(await restore(path, later)).toBe(8);
    expect(err).toContain(`node02 does not keep transaction ${later}`);
    expect(await restore(path, id)).toBe(8);
  });

  it('refuses to bring a volume back onto bricks that belong to another one now', async () => {
    await apply(file(`${rep('a')}\n${rep('c')}`));
    cluster.node('node02').disk.write('/bricks/d1/c/file', 'of a person');
    const id = await apply(file('  c: { state: absent }'), 'volume/c');
    const brick = cluster.node('node02').disk.entries.get('/bricks/d1/c');
    brick?.xattrs.set('trusted.glusterfs.volume-id', '00000000-0000-4000-8000-000000000001');
    cluster.node('node03').disk.removeXattr('/bricks/d1/c', 'trusted.glusterfs.volume-id');
    const before = stateOf(cluster);
    expect(await restore(file(rep('a')), id)).toBe(8);
    expect(err).toContain('cannot be a brick of c again: it carries the volume-id 00000000');
    expect(stateOf(cluster)).toBe(before);
  });

  it.each([
    { holds: 'no file', put: undefined, where: NODES, fix: 'name volume c in' },
    { holds: 'a file', put: 'node02', where: ['node02'], fix: 'with directories that are empty' },
  ])(
    'says of a volume without marks, whose bricks hold $holds, that it has to be created again',
    async (story) => {
      const made = await apply(file(`${rep('a')}\n${rep('c')}`));
      const { disk } = cluster.node('node02');
      if (story.put !== undefined) disk.write('/bricks/d1/c/file', 'of a person');
      const last = await apply(file('  c: { state: absent }'), 'volume/c');
      // Where there is no file, another transaction follows the deletion.
      const id = disk.list('/var/lib/glusterctl/transactions').find((t) => t !== made && t !== last) ?? last;
      disk.removeXattr('/bricks/d1/c', 'trusted.glusterfs.volume-id');
      const before = stateOf(cluster);
      const path = file(rep('a'));
      expect(await restore(path, id), out + err).toBe(8);
      expect(err).toContain("volume c cannot be put back: gluster's marks were taken off its bricks");
      const places = story.where.map((n) => `${n}:/bricks/d1/c`).join(', ');
      const unmarked = `${places}: no trusted.glusterfs.volume-id`;
      expect(err).toContain(story.put === undefined ? `${unmarked}, and no file` : `${unmarked}\n`);
      expect(err).toContain(story.fix);
      expect(err).toContain(`run "glusterctl apply ${path}"`);
      expect(stateOf(cluster)).toBe(before);
    },
  );

  /** node03's glusterd has called the others, and they have not called back yet. */
  async function halfConnected(): Promise<void> {
    const node = cluster.node('node03');
    node.stopGlusterd('process');
    node.startGlusterd();
    await cluster.clock.sleep(500);
  }

  it('waits for peers in the middle of a handshake, and then does its work', async () => {
    await apply(file(rep('a')));
    await halfConnected();
    await apply(file(rep('a', ', options: { network.ping-timeout: 21 }')));
    expect(out).toContain('waiting up to 135 s for glusterd to come up: node01, node02 for its peer node03');
  });

  it('is interrupted while it waits, and has changed nothing', async () => {
    const path = file(rep('a'));
    await apply(path);
    await halfConnected();
    const before = stateOf(cluster);
    const stop = new AbortController();
    cluster.clock.after(300, () => {
      stop.abort();
    });
    const stopped = { ...session, signal: stop.signal };
    expect(
      await run(() => recoverCommand(path, { ...text, prefer: [], allowDestroy: [] }, stopped)),
      out + err,
    ).toBe(130);
    expect(stateOf(cluster)).toBe(before);
  });

  it('plans nothing where a node is lost while it waits for a handshake', async () => {
    const path = file(rep('a'));
    await apply(path);
    await halfConnected();
    cluster.clock.after(1000, () => void cluster.node('node02').fault({ kind: 'power-off' }));
    expect(
      await run(() => recoverCommand(path, { ...text, prefer: [], allowDestroy: [] }, session)),
      out + err,
    ).toBe(7);
    expect(out).not.toContain('Plan');
    await cluster.node('node02').fault({ kind: 'power-on' });
  });

  it('lists what was done, newest first, and who did it', async () => {
    const path = file(rep('a'));
    const id = await apply(path);
    expect(await run(() => historyCommand(path, undefined, { format: 'text' }, session))).toBe(0);
    expect(out).toContain(`${id}  committed\n`);
    expect(await run(() => historyCommand(path, undefined, { format: 'json' }, session))).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      formatVersion: 1,
      cluster: 'sim',
      transactions: [{ id, underWay: false, missing: [], states: { node01: 'committed' } }],
    });
  });

  it('shows what one of them did, from any node that kept it intact', async () => {
    await apply(file(rep('a')));
    const path = file(rep('a', ', options: { network.ping-timeout: 21 }'));
    const id = await apply(path);
    const show = (format: 'text' | 'json', which = id): Promise<number> =>
      run(() => historyCommand(path, which, { format }, session));
    expect(await show('text')).toBe(0);
    expect(out).toContain(`${id}  committed\n`);
    expect(out).toContain('1.    set network.ping-timeout=21 on volume a\n');
    expect(out).not.toContain('create');
    expect(await show('json')).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      transactions: [{ id, steps: [{ action: 'volume-options', subject: 'volume/a' }] }],
    });
    const journal = `/var/lib/glusterctl/transactions/${id}/plan.json`;
    cluster.node('node01').disk.write(journal, '{');
    expect(await show('text')).toBe(0);
    for (const n of NODES) cluster.node(n).disk.write(journal, '{');
    expect(await show('text')).toBe(7);
    expect(err).toContain(`the journal of transaction ${id} on node02 is damaged`);
    expect(await show('text', '20200101T000000Z-00000000')).toBe(4);
    expect(err).toContain('no node keeps');
  });

  it('shows the lock, refuses to take a living one, and takes it by name', async () => {
    const path = file(rep('a'));
    const show = (): Promise<number> => run(() => lockShowCommand(path, { format: 'text' }, session));
    const release = (force?: string): Promise<number> =>
      run(() => lockReleaseCommand(path, { format: 'text', ...(force !== undefined && { force }) }, session));
    expect(await show()).toBe(0);
    expect(out).toContain('Nobody holds the cluster.');
    expect(await release()).toBe(0);
    expect(out).toContain('Nothing was changed');
    const other = cluster.controller('other');
    for (const node of NODES) await other.link(node).lock(owner('tx-9'));
    expect(await show()).toBe(0);
    expect(out).toContain('Locked by eva@desk (pid 4711, "apply")');
    expect(await release()).toBe(5);
    expect(err).toContain('the cluster is locked by eva@desk');
    expect(await release('tx-8')).toBe(5);
    expect(NODES.every((n) => cluster.node(n).isLocked)).toBe(true);
    expect(await release('tx-9')).toBe(0);
    expect(out).toContain('node02: the holder of transaction tx-9 was ended');
    expect(NODES.some((n) => cluster.node(n).isLocked)).toBe(false);
    expect(await release('tx-9')).toBe(4);
  });

  it('a controller whose lock is released by name does nothing more, and recover finishes it', async () => {
    await apply(file(rep('a')));
    const before = stateOf(cluster);
    const path = file(`${rep('a')}\n${rep('b')}`);
    let id = '';
    const second = cluster.controller('second');
    const take = async (): Promise<void> => {
      id =
        cluster
          .node('node01')
          .disk.list('/var/lib/glusterctl/transactions')
          .find(
            (t) =>
              cluster.node('node01').disk.read(`/var/lib/glusterctl/transactions/${t}/state`) ===
              'committing\n',
          ) ?? '';
      await Promise.all(NODES.map((n) => second.link(n).release(id)));
    };
    const isStart = ({ op }: SimCall): boolean => op?.kind === 'gluster' && op.argv[1] === 'start';
    cluster.inject([{ at: isStart, fault: { kind: 'act', act: take } }]);
    const code = await run(() => applyCommand(path, { ...text, ...APPLY, allowDestroy: [] }, session));
    expect(id).not.toBe('');
    expect(code, out + err).toBe(6);
    expect(err).toContain('no longer ours');
    for (const n of NODES) expect(cluster.node(n).info('b').join('\n')).toContain('status=0');
    const recovered = await run(() =>
      recoverCommand(path, { ...text, prefer: [], allowDestroy: [] }, session),
    );
    expect(recovered, out + err).toBe(0);
    expect(stateOf(cluster)).toBe(before);
  });
});
