/**
 * One fault as a case: made on real glusterd, seen by plain commands, named by doctor. Then recover either
 * repairs it, every node, brick and file as before, or explains it and touches nothing. Owns what "healthy
 * again" means.
 */
import assert from 'node:assert/strict';
import type { ClientMount, Writer } from './client.ts';
import { clusterFile, doctor, gluster, glusterctl, leftovers, onlineBricks, type Ran } from './cluster.ts';
import { until } from './host.ts';
import { type Lab, type LabNode, startWriter } from './lab.ts';
import { waitConnected } from './pool.ts';
import { sparing } from './recover-acts.ts';
import type { Transcript } from './transcript.ts';

const SETTLE_MS = 60_000;
const HANDSHAKE_MS = 12_000;
const WRITTEN = 'written before anything happened\n';

export type Act = (lab: Lab) => Promise<unknown>;

export interface FaultCase {
  readonly name: string;
  /** Only with LAB_FULL=1. */
  readonly full?: true;
  /** The cluster is sound afterwards, but no longer what the next case expects. */
  readonly alters?: true;
  /** YAML below `volumes:` of the cluster that is broken; default: one started replica 3 volume named vol. */
  readonly cluster?: string;
  /** The same for the file that doctor and recover are given; default: the one above. */
  readonly file?: string;
  readonly fault: Act;
  /** What an admin sees of it with a plain command: node, command, words. */
  readonly seen: readonly (readonly [node: string, command: string, says: RegExp])[];
  /** Findings that doctor must have among others. */
  readonly found: readonly (readonly [code: string, subject: string, nodes: readonly string[]])[];
  /** It harms nobody: doctor names it, and exits 0 all the same. */
  readonly harmless?: true;
  /** Codes beside those of `found` that doctor may have. Any other is a false alarm. */
  readonly beside?: readonly string[];
  readonly ends: Recovered | Refused;
}

export interface Recovered {
  readonly as: 'recovered';
  /** The fault itself fails writes of a client that is there all the while. */
  readonly failsWrites?: true;
  /** Bricks, as node:path, that need a new process; all others that ran must be the same process after. */
  readonly restarts?: readonly string[];
  /** More that must be true, before what the fault set up is taken down. */
  readonly also?: Act;
  readonly flags?: readonly string[];
  /** Exit code of `plan --detailed-exitcode` afterwards: 2 where the file also asks for a change. */
  readonly planned?: 0 | 2;
}

/**
 * Exit 8, nothing changed: a question that a flag or the file answers, or a cause that only a person can
 * remove.
 */
export interface Refused {
  readonly as: 'question' | 'explained';
  readonly says: RegExp;
  /** 8; 0 for a warning that is for a person to judge. */
  readonly exit?: 0;
  /** What the person does; recover must repair the rest. Without it the lab is emptied. */
  readonly answered?: { readonly by?: Act; readonly file?: string } & Omit<Recovered, 'as'>;
}

export const VOL = `  vol:
    replica: 3
    bricks: [node01:/bricks/d1/vol, node02:/bricks/d1/vol, node03:/bricks/d1/vol]`;

export const title = (c: FaultCase): string => `${c.name} → ${c.ends.as}`;

/** The healthy cluster in the lab; a case that leaves it as it was hands it on to the next. */
interface Healthy {
  readonly volumes: string;
  readonly mount: ClientMount | undefined;
}

export class Stage {
  readonly #lab: Lab;
  #healthy: Healthy | undefined;
  /** A line for each phase; nobody listens in a test run. */
  readonly #report: (line: string) => void;
  /** What repairs it. */
  readonly #command: 'recover' | 'apply';

  constructor(
    lab: Lab,
    report: (line: string) => void = () => undefined,
    command: 'recover' | 'apply' = 'recover',
  ) {
    this.#lab = lab;
    this.#report = report;
    this.#command = command;
  }

  /** `transcript`: gets what an admin would see of it. */
  async play(c: FaultCase, transcript?: Transcript): Promise<void> {
    const lab = this.#lab;
    const volumes = c.cluster ?? VOL;
    const cluster = await this.healthy(volumes);
    this.#healthy = undefined;
    // Else the risk that the unit of some distributions is would stand on every page.
    if (transcript !== undefined) await sparing(lab);
    const writer = cluster.mount === undefined ? undefined : await startWriter(cluster.mount);
    this.#report('fault');
    await c.fault(lab);
    for (const [node, command, says] of c.seen)
      transcript?.onNode(node, command, says, await seen(lab, node, command, says));
    const file = clusterFile(lab, c.file ?? volumes);
    const running = bricksRunning(lab);
    await this.#diagnose(c, file);
    await transcript?.runs(file, 'doctor', file);
    this.#report('recover');
    if (c.ends.as === 'recovered') {
      await this.#recovered(file, c.ends, { running, writer, transcript });
    } else {
      await refused(lab, c.ends, file, transcript);
      this.#report('refused');
      const { answered } = c.ends;
      if (answered !== undefined) {
        await answered.by?.(lab);
        const final = answered.file === undefined ? file : clusterFile(lab, answered.file);
        await this.#recovered(final, { as: 'recovered', ...answered }, { running, writer, transcript });
      } else await writer?.stop();
    }
    const keeps = c.ends.as === 'recovered' || c.ends.answered !== undefined;
    if (keeps && c.alters !== true && (await brickVolumes(lab)) !== '') this.#healthy = cluster;
    else await cluster.mount?.unmount().catch(() => undefined);
  }

  /** From empty nodes by apply, with a client that has written. */
  async healthy(volumes: string): Promise<Healthy> {
    if (this.#healthy?.volumes === volumes) return this.#healthy;
    const lab = this.#lab;
    this.#report('reset');
    await this.#healthy?.mount?.unmount().catch(() => undefined);
    await lab.resetGluster();
    this.#report('apply');
    const applied = await glusterctl('apply', clusterFile(lab, volumes), '--yes');
    ranWith(applied, 0);
    const isServed = volumes.includes('  vol:') && !/vol:\n(?: {4}.*\n)*? {4}state: stopped/.test(volumes);
    const mount = isServed ? await lab.mountClient('vol', { on: lab.node('c1') }) : undefined;
    await mount?.write('before', WRITTEN);
    this.#healthy = { volumes, mount };
    return this.#healthy;
  }

  /** After a case that failed: its cluster is not used again. */
  distrust(): void {
    this.#healthy = undefined;
  }

  async #diagnose(c: FaultCase, file: string): Promise<void> {
    this.#report('doctor');
    const named = new Set([...c.found.map(([code]) => code), ...(c.beside ?? [])]);
    let more: readonly Reported[] = [];
    let printed = '';
    // A glusterd that has just started sees its peers and its bricks only after some seconds.
    const judge = async (): Promise<true | undefined> => {
      const began = performance.now();
      const ran = await doctor(file);
      assert.ok(performance.now() - began < 20_000, 'doctor answers soon, whatever hangs');
      printed = ran.stdout + ran.stderr;
      ranWith(ran, c.harmless === true ? 0 : 2);
      const findings = findingsOf(ran);
      const heads = findings.map(({ code, subject, nodes }) => JSON.stringify([code, subject, nodes]));
      // An effect of what is expected is expected too.
      more = findings.filter(
        (f) => f.severity !== 'info' && !named.has(f.code) && !named.has(f.causedBy?.code ?? ''),
      );
      return more.length === 0 && c.found.every((f) => heads.includes(JSON.stringify(f))) ? true : undefined;
    };
    await until('doctor names the fault and nothing else', HANDSHAKE_MS, judge).catch((error: unknown) => {
      assert.deepEqual(more, [], 'doctor names nothing that is not so');
      assert.fail(`${String(error)}: ${JSON.stringify(c.found)} in ${printed}`);
    });
  }

  async #recovered(file: string, ends: Recovered, before: Before): Promise<void> {
    const lab = this.#lab;
    const args = [this.#command, file, '--yes', ...(ends.flags ?? [])];
    const ran = await glusterctl(...args);
    before.transcript?.says(file, args, ran.stdout);
    this.#report('recovered');
    ranWith(ran, 0);
    await isHealthy(lab, file, this.#command === 'apply' ? 0 : ends.planned);
    const restarts = new Set(ends.restarts ?? []);
    for (const [brick, pids] of before.running)
      if (!restarts.has(brick)) assert.deepEqual(bricksRunning(lab).get(brick), pids, `${brick} goes on`);
    await ends.also?.(lab);
    const report = await before.writer?.stop();
    if (ends.failsWrites !== true) assert.deepEqual(report?.errors ?? [], []);
    if (report !== undefined) await dataIsThere(lab, report.writes);
  }
}

const ranWith = (ran: Ran, code: number): void => {
  assert.equal(ran.code, code, ran.stdout + ran.stderr);
};

interface Before {
  readonly running: ReadonlyMap<string, readonly number[]>;
  readonly writer: Writer | undefined;
  readonly transcript: Transcript | undefined;
}

interface Reported {
  readonly code: string;
  readonly severity: string;
  readonly subject: string;
  readonly nodes: readonly string[];
  readonly causedBy?: { readonly code: string };
}

const findingsOf = (ran: Ran): readonly Reported[] =>
  (JSON.parse(ran.stdout) as { readonly findings: readonly Reported[] }).findings;

/** Answers what it says. */
export async function seen(lab: Lab, node: string, command: string, says: RegExp): Promise<string> {
  let last = '';
  const check = async (): Promise<true | undefined> => {
    const { stdout, stderr } = await lab.node(node).run(command, { allowFailure: true });
    last = stdout + stderr;
    return says.test(last) ? true : undefined;
  };
  try {
    await until(`${node}: ${command} says ${String(says)}`, SETTLE_MS, check);
    return last;
  } catch (error) {
    throw new Error(`${error instanceof Error ? error.message : ''}; it says:\n${last}`);
  }
}

/** Process ids of every brick daemon, by node:path. */
export function bricksRunning(lab: Lab): ReadonlyMap<string, readonly number[]> {
  const running = new Map<string, number[]>();
  for (const node of lab.nodes)
    for (const { argv, innerPid } of node.processes()) {
      const path = argv[argv.indexOf('--brick-name') + 1];
      if (!argv.includes('--brick-name') || path === undefined) continue;
      const key = `${node.name}:${path}`;
      running.set(
        key,
        [...(running.get(key) ?? []), innerPid].sort((a, b) => a - b),
      );
    }
  return running;
}

async function refused(
  lab: Lab,
  { says, exit }: Refused,
  file: string,
  transcript: Transcript | undefined,
): Promise<void> {
  const before = await wholeStores(lab);
  const args = ['recover', file, '--yes'];
  const ran = await glusterctl(...args);
  transcript?.says(file, args, ran.stdout + ran.stderr);
  ranWith(ran, exit ?? 8);
  assert.match(ran.stdout + ran.stderr, says);
  assert.equal(await wholeStores(lab), before);
  assert.equal(await leftovers(lab), '');
}

/**
 * Every file of every store by its hash. What glusterd itself rewrites while it starts or waits is not in it.
 */
async function wholeStores(lab: Lab): Promise<string> {
  const script =
    'cd /var/lib/glusterd && find vols peers snaps glusterd.info options -type f ' +
    '! -name node_state.info ! -name "*.pid" 2>/dev/null | sort | xargs -r sha256sum; ls -A vols snaps';
  const all = await Promise.all(lab.nodes.map((node) => node.run(script, { allowFailure: true })));
  return all.map((r) => r.stdout).join('====\n');
}

const brickVolumes = async (lab: Lab): Promise<string> =>
  (await lab.nodes[0]?.run('ls /var/lib/glusterd/vols'))?.stdout.trim() ?? '';

/** By plain commands first: stores, memories, peers, bricks. Then doctor and plan have nothing to say. */
export async function isHealthy(lab: Lab, file: string, planned: 0 | 2 = 0): Promise<void> {
  const stores = await Promise.all(lab.nodes.map((n) => n.run(COMMON_STORE).then((r) => r.stdout)));
  assert.equal(new Set(stores).size, 1, `stores are equal:\n${stores.join('=====\n')}`);
  await waitConnected(lab.nodes);
  for (const node of lab.nodes) {
    const peers = await node.run(
      'cd /var/lib/glusterd/peers && for p in *; do sed -n s/^state=//p "$p"; done',
    );
    assert.equal(peers.stdout, '3\n3\n', `peers on disk of ${node.name}`);
    const named = await node.run(
      'cd /var/lib/glusterd/peers && grep -h ^hostname *; echo "hostname0=$(hostname)"',
    );
    const names = named.stdout
      .trim()
      .split('\n')
      .map((l) => l.slice(l.indexOf('=') + 1));
    assert.equal(new Set(names).size, names.length, `a name is of one node only: ${names.join(', ')}`);
  }
  const volumes = (await brickVolumes(lab)).split('\n').filter((v) => v !== '');
  for (const volume of volumes) await memoryIsDisk(lab, volume);
  const one = lab.node('node01');
  for (const volume of volumes)
    if ((await gluster(one, `volume info ${volume}`)).includes('Status: Started'))
      assert.deepEqual(new Set(await onlineBricks(one, volume)), new Set(['Y']), `bricks of ${volume}`);
  assert.equal(await leftovers(lab), '');
  for (const node of lab.nodes)
    assert.equal((await node.run('systemctl show glusterd -p NeedDaemonReload --value')).stdout, 'no\n');
  await quiet(file);
  const plan = await glusterctl('plan', file, '--detailed-exitcode');
  ranWith(plan, planned);
}

/** A self-heal daemon is restarted with each peer that comes back, and is away for a moment each time. */
async function quiet(file: string): Promise<void> {
  const deadline = performance.now() + HANDSHAKE_MS;
  let ran = await doctor(file);
  while (ran.code === 2 && ran.stdout.includes('self-heal-daemon-offline') && performance.now() < deadline)
    ran = await doctor(file);
  ranWith(ran, 0);
}

/** What has to be the same on all nodes: all of it but ports, file system ids and counters. */
const COMMON_STORE = String.raw`
cd /var/lib/glusterd
sed /^UUID=/d glusterd.info; [ ! -e options ] || sort options
for v in $(ls vols); do
  echo "== $v"; sort "vols/$v/info"
  for b in "vols/$v"/bricks/*; do echo "-- $b"; grep -v -e ^listen-port= -e ^brick-fsid= "$b" | sort; done
  sha256sum "vols/$v"/*.tcp-fuse.vol
  stat -c '%a %U %n' "vols/$v" "vols/$v/bricks" "vols/$v/info"
done
ls snaps | grep -vx missed_snaps_list || :`;

async function memoryIsDisk(lab: Lab, volume: string): Promise<void> {
  for (const node of lab.nodes) {
    const info = (await gluster(node, `volume info ${volume}`)).split('\n');
    const ofAll = (await node.run('cat /var/lib/glusterd/options 2>/dev/null || :')).stdout
      .split('\n')
      .map((l) => l.replace('=', ': '));
    const inMemory = info
      .slice(info.indexOf('Options Reconfigured:') + 1)
      .filter((l) => l.includes(': ') && !ofAll.includes(l));
    const stored = await node.storeInfo(volume);
    const onDisk = stored.filter((l) => /^[a-z-]+\.[a-z0-9.-]+=/.test(l)).map((l) => l.replace('=', ': '));
    assert.deepEqual(inMemory.sort(), onDisk.sort(), `${volume} in the memory of ${node.name}`);
    const status = ['Created', 'Started', 'Stopped'][
      Number(/\d/.exec(stored.find((l) => l.startsWith('status=')) ?? '')?.[0])
    ];
    const id = stored.find((l) => l.startsWith('volume-id='))?.slice('volume-id='.length);
    for (const line of [`Status: ${status ?? '?'}`, `Volume ID: ${id ?? '?'}`])
      assert.ok(info.includes(line), `${node.name} remembers ${volume} with ${line}`);
  }
}

/** A new client reaches every brick and finds all that was written, before the fault and since. */
async function dataIsThere(lab: Lab, writes: number): Promise<void> {
  if ((await brickVolumes(lab)) === '') return;
  const mount = await lab.mountClient('vol', { on: lab.node('c1') });
  assert.equal(await mount.read('before'), WRITTEN);
  const lines = (await mount.read('writer.log')).trim().split('\n').length;
  assert.ok(lines >= writes, `${String(lines)} lines of ${String(writes)} writes`);
  const word = `after ${String(Date.now())}\n`;
  await mount.write('after', word);
  await mount.unmount();
  for (const node of lab.nodes.filter((n) => n.brickPids('/bricks/d1/vol').length > 0)) {
    await seen(lab, node.name, 'cat /bricks/d1/vol/after', new RegExp(word.trim()));
    await healed(node);
  }
}

/** Nothing waits for a heal: the next fault may take another brick. */
async function healed(node: LabNode): Promise<void> {
  const pending =
    'gluster volume heal vol >/dev/null 2>&1; ' +
    'ls /bricks/d1/vol/.glusterfs/indices/xattrop | grep -vc "^xattrop-"';
  await until(`heals of ${node.name} are done`, SETTLE_MS, async () =>
    (await node.run(pending, { allowFailure: true })).stdout.trim() === '0' ? true : undefined,
  );
}
