/**
 * The faults of the matrix that reach beyond the run: a controller that dies before something else happens,
 * a node that is away until the run has ended, a change by hand before the recovery. Owns what must hold
 * until then.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { basename } from 'node:path';
import { gluster, glusterctl } from '../cluster.ts';
import { until } from '../host.ts';
import type { Lab, LabNode } from '../lab.ts';
import { bricksBut } from '../round-lab.ts';
import type { Watched } from '../watched.ts';
import type { ByHand, Case } from './cases.ts';
import { lockFree, type MatrixLab, nodeOf } from './matrix-lab.ts';

export interface Strike {
  /** The phase that was going on when the fault was complete. */
  readonly landed: string;
  readonly short: readonly string[];
  /** Seconds until the lock of the killed controller was free. */
  readonly lock?: number;
}

const LOCK_MS = 35_000;
/** A rollback without a node waits for it more than once. */
const WITHOUT_NODE_MS = 300_000;
const HANDSHAKE_MS = 25_000;
const RESTART_MS = 60_000;
/** The silence after which a lock is free, and the start of a glusterd after it. */
const STARTED_MS = 75_000;
const POLL_MS = 20;

export async function kill(lab: Lab, watched: Watched): Promise<Strike> {
  const landed = watched.phase();
  watched.run.signal('SIGKILL');
  await watched.done;
  return { landed, short: [], lock: await lockFree(lab, LOCK_MS) };
}

/** A terminal that is closed: the run ends by itself, with an exit code. */
export async function closeTerminal(watched: Watched): Promise<Strike> {
  const landed = watched.phase();
  watched.run.hangUp();
  const { code } = await watched.done;
  return { landed, short: code === null ? ['the run was ended by its terminal'] : [] };
}

const STATE =
  'cd /var/lib/glusterd/vols && for v in $(ls); do ' +
  'echo "== $v"; grep -v "^version=" $v/info | sort; ls $v/bricks; done';

/** What runs on these nodes, and what their stores say; ports and pids among it. */
async function stateOf(nodes: readonly LabNode[]): Promise<string> {
  const stored = await Promise.all(nodes.map((node) => node.run(STATE)));
  return nodes
    .map((node, i) => [node.name, stored[i]?.stdout ?? '', ...bricksBut(node, '')].join('\n'))
    .join('\n');
}

/** Lost once it has committed, and back when the run is over: what is rolled back stays so. */
export async function loseNode({ lab }: MatrixLab, c: Case, watched: Watched): Promise<Strike> {
  const lost = nodeOf(lab, c.change, c.role);
  const others = lab.nodes.filter((node) => node !== lost);
  if (c.phase === 'commit')
    await watched.reaches(
      (e) => e.type === 'step' && e.phase === 'commit' && e.status !== 'started',
      RESTART_MS,
    );
  await lost.powerOff();
  const landed = watched.phase();
  const isOver = await Promise.race([watched.done.then(() => true), sleep(WITHOUT_NODE_MS, false)]);
  const short = isOver ? [] : ['the run had not ended 300 s after it lost a node'];
  const was = await stateOf(others);
  await lost.powerOn();
  await sleep(HANDSHAKE_MS);
  const { code, stdout = '', stderr = '' } = watched.ended ?? {};
  // glusterd knows no deletion: a new volume comes back with the node that has it, as the run says.
  const isTold = (stdout + stderr).includes('would give it to the others when it returns');
  if ((code === 3 || code === 6) && !isTold && (await stateOf(others)) !== was)
    short.push(`the return of ${lost.name} changed the others`);
  return { landed, short };
}

export async function loseJournal({ lab }: MatrixLab, c: Case, watched: Watched): Promise<Strike> {
  const struck = await kill(lab, watched);
  await nodeOf(lab, c.change, c.role).run('rm -rf /var/lib/glusterctl');
  return struck;
}

const runsGlusterd = (node: LabNode): boolean =>
  node.processes().some(({ argv }) => basename(argv[0] ?? '') === 'glusterd');

/** The commit fails on one node; the controller dies when the rollback has stopped a glusterd. */
export async function killInRestart({ lab }: MatrixLab, watched: Watched): Promise<Strike> {
  const refusing = lab.node('node03');
  await refusing.immutable('/var/lib/glusterd/vols/v');
  const isLate = await Promise.race([
    watched.reaches((e) => e.type === 'phase' && e.phase === 'rollback', RESTART_MS).then(() => false),
    watched.done.then(() => true),
  ]);
  await refusing.healDisks();
  const deadline = performance.now() + RESTART_MS;
  while (!isLate && lab.nodes.every(runsGlusterd) && watched.ended === undefined)
    if (performance.now() > deadline) break;
    else await sleep(POLL_MS);
  const wasDown = !lab.nodes.every(runsGlusterd);
  const struck = await kill(lab, watched);
  if (!wasDown) return { ...struck, landed: 'ended' };
  const short: string[] = [];
  await until('every glusterd to run', STARTED_MS, () => lab.nodes.every(runsGlusterd) || undefined).catch(
    () => short.push('a glusterd is down, and the controller that stopped it is dead'),
  );
  return { ...struck, short };
}

const ADDED = 'node04:/bricks/d2/v2';
const [OLD, NEW] = ['node03:/bricks/d2/v', 'node03:/bricks/d2/v2'];

interface Deed {
  readonly done: string;
  readonly undone: readonly string[];
  /** In `volume info`, as long as it stands. */
  readonly shows: string;
}

const DEEDS: { readonly [deed in ByHand]: Deed } = {
  'set-by-hand': {
    done: 'volume set v performance.cache-size 64MB',
    undone: ['volume reset v performance.cache-size'],
    shows: 'performance.cache-size: 64MB',
  },
  'add-brick-by-hand': {
    done: `volume add-brick v ${ADDED}`,
    // glusterd sets the option itself with the bricks.
    undone: [`volume remove-brick v ${ADDED} force`, 'volume reset v performance.client-io-threads'],
    shows: ADDED,
  },
  'replace-brick-by-hand': {
    done: `volume replace-brick v ${OLD} ${NEW} commit force`,
    undone: [`volume replace-brick v ${NEW} ${OLD} commit force`],
    shows: NEW,
  },
};

/** False: gluster itself refused it. */
export const doByHand = (lab: Lab, deed: ByHand): Promise<boolean> =>
  gluster(lab.node('node01'), DEEDS[deed].done).then(
    () => true,
    () => false,
  );

/** It must stand on every node; then it is undone, and the rest can be compared. */
export async function undoByHand(lab: Lab, deed: ByHand): Promise<readonly string[]> {
  const { shows, undone } = DEEDS[deed];
  const infos = await Promise.all(lab.nodes.map((node) => gluster(node, 'volume info v')));
  const without = lab.nodes.filter((_, i) => infos[i]?.includes(shows) !== true);
  const short = without.map((node) => `what was done by hand does not stand on ${node.name}: ${shows}`);
  if (short.length > 0) return short;
  for (const words of undone) await gluster(lab.node('node01'), words);
  await Promise.all(lab.nodes.map((node) => node.run('rm -rf /bricks/d2/v2')));
  return [];
}

/** The transaction that the killed controller left; undefined: none is unfinished. */
async function unfinished(lab: Lab): Promise<string | undefined> {
  const script =
    'cd /var/lib/glusterctl/transactions 2>/dev/null || exit 0; ' +
    'grep -LxE "committed|rolled-back" */state 2>/dev/null | cut -d/ -f1';
  const all = await Promise.all(lab.nodes.map((node) => node.run(script, { allowFailure: true })));
  return all
    .flatMap((r) => r.stdout.trim().split('\n'))
    .filter((id) => id !== '')
    .sort()
    .at(-1);
}

/**
 * What is not fresh or was changed since is a decision, and the flag that it names is given. Where even that
 * part of ours cannot be taken back beside theirs, the journal is closed.
 */
export async function recover(lab: Lab, file: string, short: string[]): Promise<void> {
  let ran = await glusterctl('recover', file, '--yes');
  const id = ran.code === 8 ? await unfinished(lab) : undefined;
  for (const flag of ['--finish', '--abandon'])
    if (id !== undefined && ran.code === 8) ran = await glusterctl('recover', file, '--yes', flag, id);
  if (ran.code !== 0)
    short.push(`recover exits ${String(ran.code)}: ${(ran.stdout + ran.stderr).slice(-800)}`);
}
