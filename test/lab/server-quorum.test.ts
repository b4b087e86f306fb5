/**
 * A volume with server quorum: glusterd stops its bricks where it sees too few peers, so a restart of several
 * glusterds together takes the volume from its clients. Rollback and recover must not do that; and where
 * quorum is lost, no brick is started by hand.
 */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  clusterFile,
  doctor,
  glusterctl,
  leftovers,
  onlineBricks,
  type Ran,
  replica3,
  stores,
} from './cluster.ts';
import type { Writer } from './client.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { waitConnected } from './pool.ts';
import { bricksRunning } from './recover-case.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const LIMIT_MS = 60_000;
const BRICK = '/bricks/d1/quorum';
const GLUSTERD = '/usr/sbin/glusterfsd';

const quorum = (more = ''): string =>
  replica3('quorum', `    options: { cluster.server-quorum-type: server${more} }\n`);
const VOLUMES = `${quorum()}\n${replica3('other')}`;

describeLab('server quorum', () => {
  let lab: Lab;
  let one: LabNode, two: LabNode, three: LabNode;
  let file: string;
  let writer: Writer;

  withLab({ nodes: 3, clients: 1 }, (up) => {
    lab = up;
    [one, two, three] = [lab.node('node01'), lab.node('node02'), lab.node('node03')];
  });
  beforeEach(async () => {
    await lab.resetGluster();
    file = clusterFile(lab, VOLUMES);
    const ran = await glusterctl('apply', file, '--yes');
    expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: 0 });
    writer = await startWriter(await lab.mountClient('quorum', { on: lab.node('c1') }));
  });
  afterEach(async () => {
    await writer.stop();
  });

  /** Of the volume with quorum, by node and path. */
  const served = (): ReadonlyMap<string, readonly number[]> =>
    new Map([...bricksRunning(lab)].filter(([brick]) => brick.endsWith(`:${BRICK}`)));

  async function writerGoesOn(): Promise<void> {
    const before = writer.writes();
    await until('the writer to go on', LIMIT_MS, () => (writer.writes() > before + 3 ? true : undefined));
  }

  async function clientIsContent(): Promise<void> {
    await writerGoesOn();
    expect(writer.errors()).toEqual([]);
  }

  const codes = (ran: Ran): readonly string[] =>
    (JSON.parse(ran.stdout) as { readonly findings: readonly { readonly code: string }[] }).findings.map(
      ({ code }) => code,
    );

  /** Whether glusterd has started it, and nobody from a login: what glusterd starts lives in its unit. */
  async function isOfGlusterd(node: LabNode): Promise<boolean> {
    const [pid] = node.brickPids(BRICK);
    return (await node.run(`cat /proc/${String(pid)}/cgroup`)).stdout.includes('/glusterd.service');
  }

  it('a rollback by before-image leaves every brick with quorum as it is', async () => {
    const before = await stores(lab);
    const bricks = served();
    await two.immutable('/var/lib/glusterd/vols/quorum');
    const changed = clusterFile(lab, `${quorum(', network.ping-timeout: 21')}\n${replica3('other')}`);
    const ran = await glusterctl('apply', changed, '--yes', '--json');
    expect(ran.code, ran.stdout + ran.stderr).toBe(3);
    expect(ran.stdout).toContain('Commit failed on node02');
    expect(ran.stdout).toContain('restore-store');
    await two.mutable('/var/lib/glusterd/vols/quorum');
    expect(await stores(lab)).toBe(before);
    expect(served()).toEqual(bricks);
    await clientIsContent();
    expect(await doctor(file)).toMatchObject({ code: 0 });
    expect(await leftovers(lab)).toBe('');
  });

  itFull("a recovery of two nodes' stores leaves every brick with quorum as it is", async () => {
    const before = await stores(lab);
    const bricks = served();
    for (const node of [one, two]) await node.run(': >/var/lib/glusterd/vols/other/info');
    const health = await doctor(file);
    expect(codes(health), health.stdout).toContain('store-file-corrupt');
    const ran = await glusterctl('recover', file, '--yes');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(await stores(lab)).toBe(before);
    expect(served()).toEqual(bricks);
    await clientIsContent();
    expect(await doctor(file)).toMatchObject({ code: 0 });
    expect(await glusterctl('plan', file, '--detailed-exitcode')).toMatchObject({ code: 0 });
    expect(await leftovers(lab)).toBe('');
  });

  /** Nothing of the volume is started on node01 but by glusterd, and glusterd does not. */
  async function isLeftAlone(exitCode: number): Promise<void> {
    const health = await doctor(file);
    expect(health.code, health.stdout).toBe(2);
    expect(codes(health)).toContain('server-quorum-lost');
    const ran = await glusterctl('recover', file, '--yes', '--json');
    expect(ran.code, ran.stdout + ran.stderr).toBe(exitCode);
    expect(ran.stdout).not.toContain('launch-brick');
    expect(one.brickPids(BRICK)).toEqual([]);
    expect(codes(await doctor(file))).toContain('server-quorum-lost');
    await clientIsContent();
  }

  /**
   * With nothing in the way, or nothing left to do. A glusterd that starts where quorum is lost may stop its
   * own brick until it has shaken hands: what the client sees of that is not held against anybody, if it goes
   * on after.
   */
  async function isWell(): Promise<void> {
    const ran = await glusterctl('recover', file, '--yes', '--json');
    expect(ran.code, ran.stdout + ran.stderr).toBe(0);
    expect(ran.stdout).not.toContain('launch-brick');
    expect(await onlineBricks(one, 'quorum')).toEqual(['Y', 'Y', 'Y']);
    expect(await isOfGlusterd(one)).toBe(true);
    await writerGoesOn();
    expect(await doctor(file)).toMatchObject({ code: 0 });
    expect(await leftovers(lab)).toBe('');
  }

  const brickHasStopped = (): Promise<true> =>
    until('node01 to stop its brick', LIMIT_MS, () => (one.brickPids(BRICK).length === 0 ? true : undefined));

  describe('lost, because two glusterds are down', () => {
    beforeEach(async () => {
      for (const node of [two, three]) {
        await node.spareBricks();
        await node.stopGlusterd();
      }
      await brickHasStopped();
      for (const node of [two, three]) await node.spareNoMore();
    });

    itFull('is named, and repaired by starting them: glusterd itself starts the brick', async () => {
      const health = await doctor(file);
      expect(health.code, health.stdout).toBe(2);
      expect(codes(health)).toContain('server-quorum-lost');
      await isWell();
    });

    itFull('and cannot be started: what was tried has failed, and no brick is started by hand', async () => {
      for (const node of [two, three]) await node.disableProgram(GLUSTERD);
      await isLeftAlone(3);
      for (const node of [two, three]) await node.enableProgram(GLUSTERD);
      await isWell();
    });
  });

  itFull('lost, as the network keeps node01 apart: a person is asked, and no brick is started', async () => {
    for (const node of [two, three]) await one.isolateFrom(node);
    await brickHasStopped();
    await isLeftAlone(8);
    for (const node of [two, three]) await one.rejoin(node);
    await waitConnected(lab.nodes);
    await isWell();
  });
});
