/** A healthy cluster of any layout gives no error and no warning. */
import { describe, expect, it } from 'vitest';
import { findAll } from '../../../src/findings/index.ts';
import type { Layout } from '../../../src/model/desired.ts';
import {
  believe,
  believeBrick,
  believeVolume,
  edit,
  removeTree,
  type VolumeSpec,
  type World,
  world,
} from '../../worlds.ts';

const alarms = (w: World): readonly string[] =>
  findAll(w.view(), w.desired)
    .filter((f) => f.severity !== 'info')
    .map((f) => `${f.code} ${f.subject}: ${f.message}`);

const spread = (count: number, disk: string): readonly string[] =>
  Array.from({ length: count }, (_, i) => `node0${String(i + 1)}:/bricks/${disk}/b`);
const disperse: Layout = { kind: 'disperse', disperse: 3, redundancy: 1 };
const arbiter: Layout = { kind: 'replicate', replica: 3, arbiter: 1 };

const EVERY_LAYOUT: readonly VolumeSpec[] = [
  { name: 'dist', layout: { kind: 'distribute' }, bricks: spread(2, 'd1') },
  { name: 'repl', bricks: spread(3, 'd2'), options: { 'network.ping-timeout': '20', 'user.note': 'a=b: c' } },
  { name: 'arb', layout: arbiter, bricks: spread(3, 'd3') },
  { name: 'disp', layout: disperse, bricks: spread(3, 'd4'), status: 'stopped' },
  { name: 'new', bricks: spread(3, 'd5'), status: 'created', version: 1 },
];

const mover = (volume: string): World['nodes'][number]['processes'][number] => ({
  pid: 4000,
  startTicks: 5,
  state: 'S',
  role: 'client',
  brick: undefined,
  ports: [],
  cgroup: '',
  argv: ['/usr/sbin/glusterfs', '--volfile-id', `rebalance/${volume}`],
});

describe('a healthy cluster', () => {
  it('is quiet in every layout and status', () => {
    expect(alarms(world({ volumes: EVERY_LAYOUT }))).toEqual([]);
  });

  it('is quiet with brick multiplexing', () => {
    expect(alarms(world({ volumes: EVERY_LAYOUT, multiplex: true }))).toEqual([]);
  });

  describe('where a brick was attached to a process from before multiplexing was switched on', () => {
    const attached = (): World => {
      const w = world({ volumes: [{ name: 'old' }, { name: 'new' }] });
      const node = w.node('node02');
      const serving = node.processes.find((p) => p.brick?.volume === 'old');
      if (serving?.brick === undefined) throw new Error('no brick');
      const { port } = serving.brick;
      node.processes = node.processes.filter((p) => p.brick?.volume !== 'new');
      node.pidFiles = node.pidFiles.map((f) => (f.path.includes('/new/') ? { ...f, pid: serving.pid } : f));
      edit(node, 'vols/new/bricks/node02:-bricks-d1-new', (text) =>
        text.replace(/^listen-port=.*$/m, `listen-port=${String(port)}`),
      );
      believeBrick(node, 'new', { port });
      return w;
    };

    it('is quiet, also while glusterd is down', () => {
      const w = attached();
      expect(alarms(w)).toEqual([]);
      w.node('node02').memory = { kind: 'down', detail: '' };
      expect(alarms(w).filter((a) => a.includes('brick/'))).toEqual([]);
    });

    it('is not taken for a stale pid file, nor the other way round', () => {
      const w = attached();
      believeBrick(w.node('node02'), 'new', { status: 'Stopped', registered: false });
      expect(alarms(w)).toEqual([expect.stringMatching(/^brick-pidfile-stale brick\/node02:/)]);
    });

    it('leaves the process alone when the brick that it was started for has gone', () => {
      const w = attached();
      w.desired = { ...w.desired, volumes: w.desired.volumes.filter(({ name }) => name !== 'old') };
      for (const node of w.nodes) {
        removeTree(node, 'vols/old');
        believeVolume(node, 'old', () => undefined);
        if (node.node !== 'node02') node.processes = node.processes.filter((p) => p.brick?.volume !== 'old');
      }
      expect(alarms(w)).toEqual([]);
    });
  });

  it.each([
    ['IPv6 addresses', ['fd00:77::11', 'fd00:77::12', 'fd00:77::13']],
    ['IPv4 addresses', ['192.0.2.1', '192.0.2.2', '192.0.2.3']],
    ['names with an underscore', ['gl_1', 'gl_2', 'gl_3']],
    ['long names', ['gl1.node.dc1.example', 'gl2.node.dc1.example', 'gl3.node.dc1.example']],
  ] as const)('is quiet where nodes are known by %s', (_what, names) => {
    expect(alarms(world({ names }))).toEqual([]);
    expect(alarms(world({ names, multiplex: true }))).toEqual([]);
  });

  it('is quiet with 45 bricks a node in one volume, multiplexed or not', () => {
    const sets = Array.from({ length: 45 }, (_, i) => i + 1);
    const bricks = sets.flatMap((n) => [1, 2, 3].map((k) => `node0${String(k)}:/srv/${String(n)}/b`));
    const volumes = [{ name: 'big', layout: arbiter, bricks }];
    expect(alarms(world({ volumes }))).toEqual([]);
    expect(alarms(world({ volumes, multiplex: true }))).toEqual([]);
  });

  it('is quiet as a single node, as many nodes, and without volumes', () => {
    expect(alarms(world({ nodes: 1 }))).toEqual([]);
    expect(alarms(world({ nodes: 12 }))).toEqual([]);
    expect(alarms(world({ volumes: [] }))).toEqual([]);
  });

  it('is quiet with fresh nodes that are still to be taken in', () => {
    const w = world({ volumes: [] });
    for (const n of w.nodes) {
      for (const path of [...n.files.keys()]) if (path.startsWith('peers/')) n.files.delete(path);
      believe(n, (state) => ({ ...state, peers: [] }));
    }
    expect(alarms(w)).toEqual([]);
  });

  it('is quiet where a file stands that says the same as none', () => {
    const w = world();
    edit(w.node('node01'), 'options', () => undefined);
    edit(w.node('node01'), 'vols/v/quota.conf', () => 'GlusterFS Quota conf | version: v1.2\n');
    expect(alarms(w)).toEqual([]);
  });

  it('is quiet during a rebalance', () => {
    const w = world({ volumes: EVERY_LAYOUT });
    for (const n of w.nodes)
      edit(n, 'vols/dist/node_state.info', () => 'rebalance_status=1\nstatus=1\nrebalance_op=19\n');
    w.node('node01').processes.push(mover('dist'));
    expect(alarms(w)).toEqual([]);
    expect(findAll(w.view(), w.desired).map((f) => f.code)).toEqual(['volume-task-pending']);
  });

  it('is quiet where a peer is known by an address behind address translation', () => {
    const w = world();
    const node = w.node('node02');
    edit(node, `peers/${w.node('node01').uuid}`, (t) =>
      t.replace('hostname1=node01', 'hostname1=gw.example'),
    );
    node.resolves.set('gw.example', ['198.51.100.7']);
    expect(alarms(w)).toEqual([]);
  });

  it('is quiet while a self-heal daemon starts and forks', () => {
    const w = world();
    const node = w.node('node02');
    const [daemon] = node.processes.filter((p) => p.role === 'self-heal');
    if (daemon === undefined) throw new Error('no self-heal daemon');
    node.processes = [...node.processes, { ...daemon, pid: 777, startTicks: node.ticks - 500 }];
    expect(alarms(w)).toEqual([]);
  });

  it('is quiet while a brick starts and forks', () => {
    const w = world();
    const node = w.node('node02');
    const [brick] = node.processes.filter((p) => p.role === 'brick');
    if (brick === undefined) throw new Error('no brick');
    node.processes = [...node.processes, { ...brick, pid: 1999, ports: [] }];
    expect(alarms(w)).toEqual([]);
  });
});
