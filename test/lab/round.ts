/**
 * One round: glusterds are restarted on some nodes, and within seconds the product is asked for a change.
 * Draws it by seed, plays it, and says what came of it; a round that breaks is an answer, not an error.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../../src/simulator/random.ts';
import { BUILT, stores } from './cluster.ts';
import { until } from './host.ts';
import type { LabNode } from './lab.ts';
import { type Pauses, pausedProgram } from './pauses.ts';
import { waitConnected } from './pool.ts';
import type { RestartOf } from './process-faults.ts';
import { bricksBut, crashesOf, glusterdOf, type RoundLab, SCRATCH_BRICK } from './round-lab.ts';
import { type Seen, Watched } from './watched.ts';

/** From the restart to the command. */
const PAUSE_MAX_MS = 5_000;
const SELF_HEAL_MS = 30_000;
/**
 * So long after the command glusterds are watched: they retry lost peers each 3 s, and shake hands within 8
 * s.
 */
const WATCH_MS = 10_000;

export const CHANGES = ['create', 'set', 'stop', 'delete'] as const;
export const RESTARTS = ['service', 'kill', 'crash'] as const satisfies readonly RestartOf[];
export type Change = (typeof CHANGES)[number];

export interface Draw {
  readonly nodes: readonly string[];
  readonly how: RestartOf;
  /** Nobody but the product, or the unit after a minute, starts them again. */
  readonly isLeft: boolean;
  readonly pauseMs: number;
  readonly kind: 'replica' | 'distribute';
  readonly pingTimeout: number;
  readonly programSeed: number;
}

export function draw(random: Random): Draw {
  const names = ['node01', 'node02', 'node03'];
  const count = random.int(1, names.length);
  while (names.length > count) names.splice(random.int(0, names.length - 1), 1);
  const how = random.pick([...RESTARTS]);
  const isLeft = random.chance(0.5);
  return {
    nodes: names,
    how,
    isLeft: how !== 'service' && isLeft,
    pauseMs: random.int(0, PAUSE_MAX_MS),
    kind: random.pick(['replica', 'distribute']),
    pingTimeout: random.int(20, 40),
    programSeed: random.int(1, 1_000_000),
  };
}

/** What scratch is, from round to round: only a change that went through moves it on. */
export interface Scratch {
  readonly next: Change;
  readonly kind: Draw['kind'];
  readonly pingTimeout: number;
}

export const NO_SCRATCH: Scratch = { next: 'create', kind: 'replica', pingTimeout: 42 };

export interface Round {
  readonly change: Change;
  readonly draw: Draw;
  readonly ending: 'ok' | 'refused' | 'BROKEN';
  readonly exit: number | null;
  readonly seconds: number;
  /** Of the refusal, or of each thing that is broken. */
  readonly words: readonly string[];
  readonly scratch: Scratch;
}

const BRICKS = ['node01', 'node02', 'node03'].map((node) => `${node}:${SCRATCH_BRICK}`).join(', ');

/** The lines about scratch that ask for the change. */
function wanted({ next, kind, pingTimeout }: Scratch): string {
  if (next === 'delete') return '  scratch: { state: absent }';
  const layout = `${kind === 'replica' ? '    replica: 3\n' : ''}    bricks: [${BRICKS}]\n`;
  const state = next === 'stop' ? '    state: stopped\n' : '';
  const options = next === 'create' ? '' : `    options: { network.ping-timeout: ${String(pingTimeout)} }\n`;
  return `  scratch:\n${layout}${state}${options}`;
}

const follows = (change: Change): Change =>
  CHANGES[(CHANGES.indexOf(change) + 1) % CHANGES.length] ?? 'create';

export const after = (scratch: Scratch): Scratch => ({ ...scratch, next: follows(scratch.next) });

/** The lines about scratch as it stands before its next change; empty: there is none. */
export function standing(scratch: Scratch): string {
  const last = CHANGES.find((change) => follows(change) === scratch.next) ?? 'delete';
  return last === 'delete' ? '' : wanted({ ...scratch, next: last });
}

/** A node as it was when the round or the product last had a reason to change it. */
interface LastKnown {
  glusterd: string | undefined;
  readonly bricks: readonly string[];
  readonly crashes: readonly string[];
}

export async function playRound(
  cluster: RoundLab,
  drawn: Draw,
  before: Scratch,
  pauses: Pauses | undefined,
): Promise<Round> {
  const { lab } = cluster;
  const scratch =
    before.next === 'create'
      ? { ...before, kind: drawn.kind }
      : before.next === 'set'
        ? { ...before, pingTimeout: drawn.pingTimeout }
        : before;
  await waitConnected(lab.nodes);
  const file = cluster.file(wanted(scratch));
  const program = pauses === undefined ? BUILT : pausedProgram({ ...pauses, seed: drawn.programSeed });
  const flags = ['--allow-destroy', 'volume/scratch'];
  const hit = lab.nodes.filter((node) => drawn.nodes.includes(node.name));
  const storesBefore = await stores(lab);
  const errorsBefore = cluster.errors().length;
  const lastKnown = new Map(
    lab.nodes.map((node): [LabNode, LastKnown] => [
      node,
      { glusterd: glusterdOf(node), bricks: bricksBut(node, SCRATCH_BRICK), crashes: crashesOf(node) },
    ]),
  );
  await Promise.all(hit.map((node) => node.spareBricks()));
  const began = performance.now();
  const restarting = Promise.all(hit.map((node) => strike(node, drawn, lastKnown)));
  await sleep(drawn.pauseMs);
  const watched = new Watched('apply', file, flags, program);
  const [ran] = await Promise.all([watched.done, restarting]);
  const watchedUntil = performance.now() + WATCH_MS;
  const broken: string[] = [];
  const writes = cluster.writes();
  const isRefused =
    (ran.code === 3 || ran.code === 8) && !watched.events.some(isBegun) && watched.words() !== '';
  const said = `exit ${String(ran.code)}: ${watched.words()} ${ran.stderr.slice(-400).trim()}`;
  if (ran.code !== 0 && !isRefused) broken.push(said);
  if (isRefused && (await stores(lab)) !== storesBefore)
    broken.push('it refused, and the stores are not as before');
  if (ran.code === 0) broken.push(...(await notAsAsked(cluster, scratch)));
  const isStillDown = (node: LabNode): boolean =>
    drawn.isLeft && hit.includes(node) && glusterdOf(node) === undefined;
  if (ran.code === 0)
    for (const node of hit.filter(isStillDown)) broken.push(`exit 0, and glusterd of ${node.name} is down`);
  // The round starts what it left down itself; any other that is down is reported below.
  for (const node of hit.filter(isStillDown)) {
    await node.startGlusterd();
    noteGlusterd(node, lastKnown);
  }
  await Promise.all(hit.map((node) => node.spareNoMore()));
  await cluster.selfHeal(SELF_HEAL_MS).catch((error: unknown) => {
    broken.push(error instanceof Error ? error.message : String(error));
  });
  const harm = (): readonly string[] =>
    lab.nodes.flatMap((node) => harmTo(node, drawn, lastKnown, watched.events));
  await until('harm, or the end of the watch', 2 * WATCH_MS, () =>
    performance.now() >= watchedUntil || harm().length > 0 ? true : undefined,
  );
  broken.push(...harm());
  const errors = cluster.errors().slice(errorsBefore);
  if (errors.length > 0) broken.push(`the client saw ${String(errors.length)} errors: ${errors[0] ?? ''}`);
  if (cluster.writes() === writes) broken.push('the client has stopped writing');
  // A refusal does not count as broken; its words say what the product met.
  if (isRefused) broken.push(...(broken.length > 0 ? [said] : []));
  const hasMoved = broken.length === 0 && !isRefused;
  if (hasMoved && scratch.next === 'delete') await cluster.clean();
  return {
    change: scratch.next,
    draw: drawn,
    ending: broken.length > 0 ? 'BROKEN' : isRefused ? 'refused' : 'ok',
    exit: ran.code,
    seconds: (performance.now() - began) / 1000,
    words: broken.length > 0 ? broken : isRefused ? [said] : [],
    scratch: hasMoved ? after(scratch) : before,
  };
}

const isBegun = (event: Seen): boolean => event.type === 'phase' && event.phase === 'commit';

async function strike(
  node: LabNode,
  { how, isLeft }: Draw,
  lastKnown: ReadonlyMap<LabNode, LastKnown>,
): Promise<void> {
  const struck = isLeft
    ? how === 'kill'
      ? node.killGlusterd()
      : node.crashGlusterd()
    : node.restartGlusterd(how);
  // The product may start or stop it in the same moment; the result of both is checked at the end.
  await struck.catch(() => undefined);
  noteGlusterd(node, lastKnown);
}

function noteGlusterd(node: LabNode, lastKnown: ReadonlyMap<LabNode, LastKnown>): void {
  const last = lastKnown.get(node);
  if (last !== undefined) last.glusterd = glusterdOf(node);
}

async function notAsAsked({ lab }: RoundLab, { next, pingTimeout }: Scratch): Promise<readonly string[]> {
  const says = { create: 'status=1', set: `network.ping-timeout=${String(pingTimeout)}`, stop: 'status=2' };
  const short: string[] = [];
  for (const node of lab.nodes) {
    const info = await node.storeInfo('scratch').catch(() => undefined);
    const isSo = next === 'delete' ? info === undefined : info?.includes(says[next]) === true;
    if (!isSo) short.push(`exit 0, and the store of ${node.name} does not say so`);
  }
  return short;
}

/** What happened to the node's daemons that neither the round nor the product did on purpose. */
function harmTo(
  node: LabNode,
  { how, nodes, isLeft }: Draw,
  lastKnown: ReadonlyMap<LabNode, LastKnown>,
  events: readonly Seen[],
): readonly string[] {
  const last = lastKnown.get(node);
  if (last === undefined) return [];
  const harm: string[] = [];
  const isHit = nodes.includes(node.name);
  const crashes = crashesOf(node).slice(last.crashes.length + (isHit && how === 'crash' ? 1 : 0));
  harm.push(...crashes.map((crash) => `glusterd of ${node.name} has crashed: ${crash}`));
  const now = glusterdOf(node);
  const isStarted = events.some(
    (e) => e.node === node.name && /^(stop|start)-glusterd$/.test(e.detail ?? ''),
  );
  if (now === undefined) harm.push(`glusterd of ${node.name} is down`);
  else if (now !== last.glusterd && !isStarted && !(isHit && isLeft))
    harm.push(`glusterd of ${node.name} is another: ${last.glusterd ?? 'none'}, then ${now}`);
  const bricks = bricksBut(node, SCRATCH_BRICK);
  const gone = last.bricks.filter((brick) => !bricks.includes(brick));
  const come = bricks.filter((brick) => !last.bricks.includes(brick));
  if (gone.length + come.length > 0)
    harm.push(`bricks of ${node.name} have changed: -${gone.join(' -')} +${come.join(' +')}`);
  return harm;
}
