/**
 * Row 6: how long a rollback takes on three nodes while a client writes, by inverses and by before-image.
 * Throws where the rollback went another way.
 */
import { clusterFile, glusterctl, replica3, stores } from '../lab/cluster.ts';
import { until } from '../lab/host.ts';
import { type Lab, startWriter } from '../lab/lab.ts';
import { type Seen, Watched } from '../lab/watched.ts';
import { median } from './contest.ts';
import type { Outcome, Verdict } from './setup.ts';

const LIMIT_MS = 60_000;
const INVERSES_TARGET_MS = 2_000;
const IMAGE_TARGET_MS = 5_000;
const VOLUMES = ['v1', 'v2', 'v3'];
const GLUSTER = '/usr/sbin/gluster';
const STORE = '/var/lib/glusterd/vols/v2';

interface Way {
  readonly by: 'inverses' | 'before-image';
  /** Volumes that are made beside those that are changed. */
  readonly makes: readonly string[];
  /** When the fault comes. */
  readonly at: (event: Seen) => boolean;
  readonly make: (lab: Lab) => Promise<unknown>;
  /** Once all is over. */
  readonly undo?: (lab: Lab) => Promise<unknown>;
}

/** Mounted over the program: it fails once and is back. */
const FAIL_ONCE =
  `printf '#!/bin/sh\\numount -l ${GLUSTER}\\nexit 1\\n' >/run/fail-once && chmod 755 /run/fail-once && ` +
  `mount --bind /run/fail-once ${GLUSTER}`;

const WAYS: readonly Way[] = [
  {
    by: 'inverses',
    makes: ['v4'],
    // A volume is made and others are changed; then a command fails on the coordinator.
    at: (e) => e.type === 'step' && e.action === 'volume-create' && e.status === 'done',
    make: (lab) => lab.node('node01').run(['sh', '-c', FAIL_ONCE]),
  },
  {
    by: 'before-image',
    makes: [],
    // The second volume is changed on two nodes, and cannot be on the third.
    at: (e) => e.type === 'phase' && e.phase === 'commit' && e.status === 'started',
    make: (lab) => lab.node('node02').immutable(STORE),
    undo: (lab) => lab.node('node02').mutable(STORE),
  },
];

interface Taken {
  readonly ms: number;
  /** Of it, steps: glusterd's own commands, with the way there and back. */
  readonly stepsMs: number;
}

async function once(lab: Lab, way: Way, pingTimeout: number): Promise<Taken> {
  const options = `    options: { network.ping-timeout: ${String(pingTimeout)} }\n`;
  const before = await stores(lab);
  const wanted = [...VOLUMES, ...way.makes].map((v) => replica3(v, options)).join('\n');
  const watched = new Watched('apply', clusterFile(lab, wanted));
  if (!(await watched.reaches(way.at, LIMIT_MS))) throw new Error(`the moment of ${way.by} did not come`);
  await way.make(lab);
  const ran = await watched.done;
  await way.undo?.(lab);
  const rollback = watched.rollback();
  if (ran.code !== 3 || rollback?.by !== way.by)
    throw new Error(
      `no rollback by ${way.by}: exit ${String(ran.code)}, ${rollback?.by ?? 'none'}: ${watched.words()}`,
    );
  if ((await stores(lab)) !== before)
    throw new Error(`after the rollback by ${way.by} the stores differ from before`);
  return { ms: rollback.seconds * 1000, stepsMs: stepsMs(watched.events) };
}

/** The time in which at least one step of the rollback was under way. */
function stepsMs(events: readonly Seen[]): number {
  let open = 0;
  let since = 0;
  let sum = 0;
  for (const e of events.filter((x) => x.type === 'step' && x.phase === 'rollback')) {
    if (e.status === 'started') since = open++ === 0 ? e.at : since;
    else if (e.status !== 'unknown' && --open === 0) sum += e.at - since;
  }
  return sum;
}

/** On a lab with one client. */
export async function rollback(lab: Lab, rounds: number): Promise<Outcome> {
  const made = await glusterctl(
    'apply',
    clusterFile(lab, VOLUMES.map((v) => replica3(v)).join('\n')),
    '--yes',
  );
  if (made.code !== 0) throw new Error(made.stderr);
  const writer = await startWriter(await lab.mountClient('v2', { on: lab.node('c1') }));
  await until('the writer to write', LIMIT_MS, () => (writer.writes() > 5 ? true : undefined));
  const taken = new Map(WAYS.map((way): [Way, Taken[]] => [way, []]));
  for (let round = 0; round < rounds; round++)
    for (const [way, all] of taken) all.push(await once(lab, way, 20 + round));
  const report = await writer.stop();
  const samples = [...taken].flatMap(([{ by }, all]) => [
    { name: `rollback by ${by}`, ms: all.map((t) => t.ms) },
    { name: `rollback by ${by}: its steps`, ms: all.map((t) => t.stepsMs) },
  ]);
  const errors = `${String(report.errors.length)} errors`;
  const client = `${String(report.writes)} synced writes of the client, ${errors}`;
  const verdicts = [...taken].map(([{ by }, all]): Verdict => {
    const isImage = by === 'before-image';
    const counted = median(all.map((t) => (isImage ? t.ms : t.ms - t.stepsMs)));
    const target = isImage ? IMAGE_TARGET_MS : INVERSES_TARGET_MS;
    const besides = isImage ? ', no client error' : " beside glusterd's commands";
    return {
      row: 6,
      what: `rollback by ${by} of an apply of ${String(VOLUMES.length)} volumes on 3 nodes, a client writing`,
      target: `under ${String(target / 1000)} s${besides}`,
      measured: `${(counted / 1000).toFixed(2)} s (${client})`,
      met: counted < target && report.errors.length === 0,
    };
  });
  return { verdicts, samples };
}
