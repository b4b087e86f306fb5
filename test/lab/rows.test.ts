/**
 * Every difference between file and cluster that can be reconciled, on six real hosts, for each kind of
 * volume, under users who write, rename and read by name all along: the files are whole for a client that has
 * seen none of it, and a second run does nothing and moves no version.
 */
import { beforeEach, expect } from 'vitest';
import { clusterFile, doctor, gluster, glusterctl, leftovers, onlineBricks, versions } from './cluster.ts';
import type { ClientMount } from './client.ts';
import { HEAL_MS, until } from './host.ts';
import type { Lab, LabNode } from './lab.ts';
import { describeLab, itFull, withLab } from './suite.ts';
import { misread, startUsers } from './users.ts';

const FILES = 120;

/** A brick: its node and its disk. */
type Brick = readonly [node: number, disk: number];
const at = ([node, disk]: Brick): string => `node0${String(node)}:/bricks/d${String(disk)}/data`;
const on = (disk: number, ...nodes: readonly number[]): Brick[] => nodes.map((n) => [n, disk]);

interface Row {
  readonly name: string;
  /** Of the file from now on. */
  readonly bricks: readonly Brick[];
  readonly layout?: string;
  readonly flags?: readonly string[];
  /** Before the file is applied. */
  readonly first?: (lab: Lab) => Promise<void>;
  /** Its plan is empty. */
  readonly isNothing?: true;
}

interface Kind {
  readonly name: string;
  readonly layout: string;
  readonly bricks: readonly Brick[];
  readonly rows: readonly Row[];
}

const lets = (...bricks: readonly Brick[]): string[] =>
  bricks.flatMap((b) => ['--allow-destroy', `brick/${at(b)}`]);

/** Another file system is where the disk of that brick was. */
const exchanged =
  (node: number, disk: number) =>
  async (lab: Lab): Promise<void> => {
    const host = lab.node(`node0${String(node)}`);
    await host.killBrick(`/bricks/d${String(disk)}/data`);
    await host.run(`umount -l /bricks/d${String(disk)} && mount -t tmpfs none /bricks/d${String(disk)}`);
  };

const SET_1 = on(1, 1, 2, 3);
const SET_2 = on(1, 4, 5, 6);
const SET_3 = on(2, 1, 2, 3);
const SIX = on(1, 1, 2, 3, 4, 5, 6);
const SIX_MORE = on(2, 1, 2, 3, 4, 5, 6);

const REPLACED: readonly Brick[] = [
  [4, 2],
  [2, 1],
  [3, 1],
  [1, 2],
  [5, 2],
  [3, 2],
];

const KINDS: readonly Kind[] = [
  {
    name: 'distribute',
    layout: '',
    bricks: on(1, 1, 2, 3),
    rows: [
      { name: 'another order', bricks: on(1, 3, 1, 2), isNothing: true },
      { name: 'more bricks', bricks: on(1, 1, 2, 3, 4) },
      { name: 'a brick that moves', bricks: on(1, 1, 2, 3, 5), flags: lets([4, 1]) },
      { name: 'fewer bricks', bricks: on(1, 1, 2, 3), flags: lets([5, 1]) },
    ],
  },
  {
    name: 'replica 3',
    layout: 'replica: 3',
    bricks: [...SET_1, ...SET_2],
    rows: [
      { name: 'another order', bricks: [...on(1, 5, 6, 4), ...SET_1], isNothing: true },
      { name: 'a third set', bricks: [...SET_1, ...SET_2, ...SET_3] },
      { name: 'one of three sets leaves', bricks: [...SET_1, ...SET_3], flags: lets([4, 1]) },
      {
        name: 'a brick of each set replaced',
        bricks: REPLACED,
      },
      {
        name: 'a new disk',
        bricks: REPLACED,
        first: exchanged(2, 1),
      },
    ],
  },
  {
    name: 'replica 3 with an arbiter',
    layout: 'replica: 3, arbiter: 1',
    bricks: SET_1,
    rows: [
      { name: 'another order of the data', bricks: on(1, 2, 1, 3), isNothing: true },
      { name: 'a second set', bricks: [...SET_1, ...SET_2] },
      { name: 'an arbiter replaced', bricks: [...on(1, 1, 2), [6, 2], ...SET_2] },
      {
        name: 'a new disk of an arbiter',
        bricks: [...on(1, 1, 2), [6, 2], ...SET_2],
        first: exchanged(6, 1),
      },
      { name: 'a set leaves', bricks: SET_2, flags: lets([1, 1]) },
    ],
  },
  {
    name: 'disperse 4+2',
    layout: 'disperse: 6, redundancy: 2',
    bricks: SIX,
    rows: [
      { name: 'another order', bricks: on(1, 6, 5, 4, 3, 2, 1), isNothing: true },
      { name: 'three bricks replaced', bricks: [...on(3, 1, 2, 3), ...on(1, 4, 5, 6)] },
      { name: 'a second set', bricks: [...on(3, 1, 2, 3), ...on(1, 4, 5, 6), ...SIX_MORE] },
      {
        name: 'a new disk',
        bricks: [...on(3, 1, 2, 3), ...on(1, 4, 5, 6), ...SIX_MORE],
        first: exchanged(5, 2),
      },
      { name: 'a set leaves', bricks: [...on(3, 1, 2, 3), ...on(1, 4, 5, 6)], flags: lets([1, 2]) },
    ],
  },
  {
    name: 'copies of two sets',
    layout: 'replica: 2',
    bricks: [...on(1, 1, 2), ...on(1, 4, 5)],
    rows: [
      { name: 'a third copy', layout: 'replica: 3', bricks: [...SET_1, ...SET_2] },
      {
        name: 'one copy fewer',
        layout: 'replica: 2',
        bricks: [...on(1, 1, 2), ...on(1, 4, 5)],
        flags: lets([3, 1], [6, 1]),
      },
      {
        name: 'an arbiter',
        layout: 'replica: 3, arbiter: 1',
        bricks: [...on(1, 1, 2), ...on(2, 3), ...on(1, 4, 5), ...on(2, 6)],
      },
      {
        name: 'a brick replaced and a set more, in one edit',
        layout: 'replica: 3, arbiter: 1',
        bricks: [...on(2, 1), ...on(1, 2), ...on(2, 3), ...on(1, 4, 5), ...on(2, 6), ...on(3, 4, 5, 6)],
      },
    ],
  },
];

describeLab('file and cluster on six hosts', () => {
  let lab: Lab;
  let client: LabNode;

  withLab({ nodes: 6, clients: 1 }, (up) => {
    lab = up;
    client = lab.node('c1');
  });

  beforeEach(async () => {
    await lab.resetGluster();
  });

  const file = (layout: string, bricks: readonly Brick[]): string => {
    const words = [...(layout === '' ? [] : [layout]), `bricks: [${bricks.map(at).join(', ')}]`];
    return clusterFile(lab, `  data: { ${words.join(', ')} }\n`);
  };
  const versionsNow = (): Promise<readonly (number | undefined)[]> =>
    Promise.all(lab.nodes.map(async (n) => (await versions(n)).get('data')));

  async function isSettled(path: string, bricks: readonly Brick[]): Promise<void> {
    await until('nothing to be healed', HEAL_MS, async () =>
      /entries: ([1-9]|-)/.test(await gluster(lab.node('node01'), 'volume heal data info').catch(() => ''))
        ? undefined
        : true,
    );
    expect(await onlineBricks(lab.node('node01'), 'data')).toEqual(bricks.map(() => 'Y'));
    const before = await versionsNow();
    expect(new Set(before).size, String(before)).toBe(1);
    const again = await glusterctl('apply', path, '--yes');
    expect(again, again.stdout + again.stderr).toMatchObject({ code: 0 });
    expect(again.stdout).toContain('Nothing to do.');
    expect(await versionsNow()).toEqual(before);
    expect(await doctor(path)).toMatchObject({ code: 0 });
    expect(await leftovers(lab)).toBe('');
  }

  /** For a client that has seen nothing of it. */
  async function misreadAfresh(): Promise<string> {
    const fresh: ClientMount = await lab.mountClient('data', { on: client });
    const wrong = await misread(fresh, FILES);
    await fresh.unmount();
    return wrong;
  }

  for (const { name, layout: was, bricks, rows } of KINDS)
    itFull(`${name}: ${rows.map((r) => r.name).join('; ')}`, async () => {
      const made = await glusterctl('apply', file(was, bricks), '--yes');
      expect(made, made.stdout + made.stderr).toMatchObject({ code: 0 });
      const mount = await lab.mountClient('data', { on: client });
      let layout = was;
      for (const row of rows) {
        layout = row.layout ?? layout;
        const path = file(layout, row.bricks);
        const users = await startUsers(mount, FILES);
        await row.first?.(lab);
        const before = await versionsNow();
        const ran = await glusterctl('apply', path, '--yes', ...(row.flags ?? []));
        expect(ran, `${row.name}: ${ran.stdout}${ran.stderr}`).toMatchObject({ code: 0 });
        if (row.isNothing === true) {
          expect(ran.stdout).toContain('Nothing to do.');
          expect(await versionsNow()).toEqual(before);
        } else expect(ran.stdout, row.name).toContain('Applied.');
        const report = await users.stop();
        expect(report.errors, row.name).toEqual([]);
        expect(report.rounds, row.name).toBeGreaterThan(1);
        for (const why of new Set(report.retried)) process.stderr.write(`${row.name}: ${why}\n`);
        expect(await misreadAfresh(), row.name).toBe('');
        await isSettled(path, row.bricks);
      }
      await mount.unmount();
    });
});
