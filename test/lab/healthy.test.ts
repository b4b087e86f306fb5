/**
 * Clusters that are healthy, made by plain gluster commands as people have them: doctor finds nothing, export
 * gives a file, and its plan is empty. A false alarm, or a refusal of such a cluster, would hurt everybody.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { doctor, gluster, glusterctl } from './cluster.ts';
import { run, until } from './host.ts';
import type { Lab } from './lab.ts';
import { waitConnected } from './pool.ts';
import { describeLab, itFull, withLab } from './suite.ts';

const SETTLE_MS = 60_000;

interface SetUp {
  /** Not only with LAB_FULL=1. */
  readonly always?: true;
  readonly name: string;
  /** By which the nodes know each other; default: node01 … */
  readonly names?: readonly string[];
  /** On every node, with its number as $N, before there is a pool; `after` undoes it. */
  readonly before?: string;
  readonly after?: string;
  /** Of gluster, on the first node. */
  readonly commands: readonly string[];
  /** In the store of every node, while all glusterds are stopped: as an older release has left it. */
  readonly old?: string;
  /** Brick processes of a node, where several bricks share one. */
  readonly processes?: number;
  /** What export must leave out, and say so. */
  readonly unsaid?: RegExp;
}

const bricks = (volume: string, ...disks: readonly string[]): string =>
  disks.flatMap((d) => [1, 2, 3].map((n) => `node0${String(n)}:/bricks/${d}/${volume}`)).join(' ');

const create = (volume: string, layout: string, where: string): readonly string[] => [
  `volume create ${volume} ${layout} ${where}`,
  `volume start ${volume}`,
];

const set = (volume: string, options: Readonly<Record<string, string>>): readonly string[] =>
  Object.entries(options).map(([name, value]) => `volume set ${volume} ${name} '${value}'`);

const EVERY_LAYOUT = [
  ...create('dist', '', bricks('dist', 'd1')),
  ...create('r2', 'replica 2', 'node01:/bricks/d1/r2 node02:/bricks/d1/r2'),
  ...create('dr2', 'replica 2', `${bricks('dr2', 'd1')} node01:/bricks/d2/dr2`),
  ...create('dr3', 'replica 3', bricks('dr3', 'd1', 'd2')),
  ...create('darb', 'replica 3 arbiter 1', bricks('darb', 'd1', 'd2')),
  ...create('disp', 'disperse 3 redundancy 1', bricks('disp', 'd1', 'd2')),
  ...create('d42', 'disperse 6 redundancy 2', `${bricks('d42', 'd1', 'd2')} force`),
  ...create('idle', 'replica 3', bricks('idle', 'd3')),
  'volume stop idle',
  `volume create fresh replica 3 ${bricks('fresh', 'd3')}`,
];

const SWITCHED_ON = [
  'volume quota dr3 enable',
  'volume quota dr3 limit-usage / 1GB',
  'volume bitrot darb enable',
  ...set('dr2', { 'features.uss': 'enable', 'changelog.changelog': 'on', group: 'db-workload' }),
  ...set('r2', { 'auth.allow': '10.77.*', 'cluster.server-quorum-type': 'server' }),
  ...set('disp', { 'features.worm': 'on', 'features.trash': 'on', group: 'metadata-cache' }),
  ...set('dist', { 'user.note': 'a=b: c', 'features.read-only': 'on' }),
  ...create('virt', 'replica 3', bricks('virt', 'd3')),
  ...set('virt', { group: 'virt', 'storage.owner-uid': '36', 'storage.owner-gid': '36' }),
];

/** glusterd reads these at a place that the hosts share, and cannot write. */
const WITH_CERTIFICATE = `
mkdir -p /run/ssl; cp -a /usr/lib/ssl/. /run/ssl; mount --bind /run/ssl /usr/lib/ssl; cd /usr/lib/ssl
cp /root/lab.key glusterfs.key; cp /root/lab.pem glusterfs.pem; cp /root/lab.pem glusterfs.ca
systemctl stop glusterd; touch /var/lib/glusterd/secure-access; systemctl start glusterd`;

const ONE_TO_THREE = [1, 2, 3].map((n) => `fd00:77::${String(n)}`);

const SET_UPS: readonly SetUp[] = [
  {
    name: 'every layout, and what can be switched on',
    always: true,
    commands: [...EVERY_LAYOUT, ...SWITCHED_ON],
  },
  {
    name: 'brick multiplexing from the beginning',
    commands: [
      ...set('all', { 'cluster.brick-multiplex': 'on', 'cluster.max-bricks-per-process': '5' }),
      ...create('a', 'replica 3', bricks('a', 'd1')),
      ...create('b', 'replica 3', bricks('b', 'd1')),
    ],
    processes: 1,
  },
  {
    name: 'brick multiplexing switched on while a brick runs: glusterd attaches the next ones to it',
    commands: [
      ...create('a', 'replica 3', bricks('a', 'd1')),
      ...set('all', { 'cluster.brick-multiplex': 'on' }),
      ...create('b', 'replica 3', bricks('b', 'd1')),
    ],
    processes: 1,
  },
  {
    name: 'a thin arbiter, and the volume that gluster makes for itself',
    commands: [
      ...create('ta', 'replica 2 thin-arbiter 1', `${bricks('ta', 'd1')} force`),
      'volume set all cluster.enable-shared-storage enable',
    ],
    unsaid: /volume ta: it has a thin arbiter[^]*volume gluster_shared_storage/,
  },
  {
    name: 'a striped and a tiered volume of an old release',
    commands: [...create('stripe', '', bricks('stripe', 'd1')), ...create('tier', '', bricks('tier', 'd2'))],
    old: 'sed -i s/^type=0/type=1/ vols/stripe/info; sed -i s/^type=0/type=5/ vols/tier/info',
    unsaid: /volume stripe: it is striped[^]*volume tier: it is tiered/,
  },
  {
    name: '45 bricks a node',
    commands: create(
      'many',
      'replica 3',
      bricks('many', ...Array.from({ length: 45 }, (_, i) => `d1/${String(i)}`)),
    ),
    before: 'mkdir -p $(seq -f /bricks/d1/%g 0 44)',
    processes: 45,
  },
  {
    name: 'TLS for glusterd and for clients',
    always: true,
    before: WITH_CERTIFICATE,
    after: 'umount /usr/lib/ssl',
    commands: [
      ...create('tls', 'replica 3', bricks('tls', 'd1')),
      'volume stop tls',
      ...set('tls', { 'client.ssl': 'on', 'server.ssl': 'on', 'auth.ssl-allow': 'lab,*' }),
      'volume start tls',
    ],
  },
  {
    name: 'nodes known by IPv6 addresses',
    always: true,
    names: ONE_TO_THREE,
    before: `ip -6 addr add "fd00:77::$N/64" dev eth0 nodad
sed -i 's/^#\\(.*address-family inet6\\)/ \\1/' /etc/glusterfs/glusterd.vol; systemctl restart glusterd`,
    after: "sed -i 's/^ \\(.*address-family inet6\\)/#\\1/' /etc/glusterfs/glusterd.vol",
    commands: create('v6', 'replica 3', ONE_TO_THREE.map((n) => `${n}:/bricks/d1/v6`).join(' ')),
  },
];

/** A certificate of the lab's own, on every node. */
async function giveCertificate(lab: Lab): Promise<void> {
  const [key, pem] = [join(lab.dir, 'lab.key'), join(lab.dir, 'lab.pem')];
  const words = `openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=lab -keyout ${key} -out ${pem}`;
  await run(words.split(' '));
  for (const { root } of lab.nodes) await run(['cp', key, pem, join(root, 'root')]);
}

async function stand(lab: Lab, { names, before, commands, old }: SetUp): Promise<void> {
  await lab.resetGluster();
  for (const [i, node] of lab.nodes.entries())
    if (before !== undefined) await node.run(`N=${String(i + 1)}; ${before}`);
  const [first] = lab.nodes;
  if (first === undefined) return;
  for (const name of (names ?? lab.nodes.map((n) => n.name)).slice(1))
    await gluster(first, `peer probe ${name}`);
  await waitConnected(lab.nodes);
  for (const command of commands) await gluster(first, command);
  if (old === undefined) return;
  for (const node of lab.nodes) await node.run('systemctl stop glusterd');
  for (const node of lab.nodes) await node.run(`cd /var/lib/glusterd && ${old} && systemctl start glusterd`);
  await waitConnected(lab.nodes);
}

function fileOf(lab: Lab, { names }: SetUp): string {
  const head = lab.clusterFileHead();
  const named = lab.nodes.reduce(
    (text, { name }, i) => text.replace(`  ${name}:`, `  "${names?.[i] ?? name}":`),
    head,
  );
  const file = join(lab.dir, 'healthy.yaml');
  writeFileSync(file, named);
  return file;
}

describeLab('a healthy cluster', () => {
  let lab: Lab;
  withLab({ nodes: 3 }, async (up) => {
    lab = up;
    await giveCertificate(lab);
  });

  for (const setUp of SET_UPS)
    itFull(
      `${setUp.name}: nothing is found, and the file that is read from it asks for nothing`,
      async () => {
        try {
          await stand(lab, setUp);
          const file = fileOf(lab, setUp);
          let said = '';
          // Daemons that a command has just started answer glusterd some seconds later.
          await until('doctor finds nothing', SETTLE_MS, async () => {
            const { code, stdout, stderr } = await doctor(file);
            said = stdout + stderr;
            return code === 0 ? true : undefined;
          }).catch(() => expect.fail(said));
          for (const node of setUp.processes === undefined ? [] : lab.nodes)
            expect((await node.run('pgrep -cx glusterfsd')).stdout.trim()).toBe(String(setUp.processes));
          const exported = await glusterctl('export', file);
          expect(exported.code, exported.stderr).toBe(0);
          expect(exported.stderr).toMatch(setUp.unsaid ?? /^$/);
          writeFileSync(file, exported.stdout);
          const planned = await glusterctl('plan', file, '--detailed-exitcode');
          expect(planned.code, planned.stdout + planned.stderr).toBe(0);
        } finally {
          for (const node of lab.nodes) if (setUp.after !== undefined) await node.run(setUp.after);
        }
      },
      setUp.always === true,
    );
});
