/**
 * A command that changes the cluster, in glusterd's phases: lock, stage, commit. Each runs first here, then
 * on the connected peers in state 3; the others are passed over in silence. Owns the order and the words of
 * failure; refuses to roll back, as glusterd does.
 */
import { isMember } from './peers.ts';
import { canTalk, type Daemon, type Node, nodeOfUuid, unfrozen, type World } from './world.ts';

const RPC_MS = 4;

/** Undefined: it went well. The text is glusterd's own, and empty where it has none. */
export type Step = (on: Member) => string | undefined | Promise<string | undefined>;

export interface Member {
  readonly world: World;
  readonly node: Node;
  readonly daemon: Daemon;
}

export interface Operation {
  /** Undefined: no lock. */
  readonly volume: string | undefined;
  readonly framework: 'synctask' | 'mgmt-v3';
  readonly stage: Step;
  readonly commit: Step;
}

export class DaemonGone extends Error {
  override readonly name = 'DaemonGone';
}

/**
 * Undefined: done; otherwise what the command line prints. Throws DaemonGone when the originator dies
 * meanwhile.
 */
export async function run(origin: Member, operation: Operation): Promise<string | undefined> {
  const { daemon, world } = origin;
  const uuids = [...daemon.peers.values()].filter(isMember).map((p) => p.uuid);
  const peers = uuids.flatMap((uuid) => nodeOfUuid(world, uuid) ?? []);
  const refused = await lockAll(origin, peers, operation);
  if (refused !== undefined) return refused;
  try {
    return (
      (await phase(origin, peers, operation, 'stage')) ?? (await phase(origin, peers, operation, 'commit'))
    );
  } finally {
    for (const node of [origin.node, ...peers]) release(node, operation.volume, daemon.uuid);
  }
}

function release(node: Node, volume: string | undefined, owner: string): void {
  if (volume !== undefined && node.daemon?.locks.get(volume) === owner) node.daemon.locks.delete(volume);
}

async function lockAll(
  origin: Member,
  peers: readonly Node[],
  operation: Operation,
): Promise<string | undefined> {
  const { volume } = operation;
  if (volume === undefined) return undefined;
  const { world, daemon } = origin;
  const busy =
    operation.framework === 'synctask'
      ? `Another transaction is in progress for ${volume}. Please try again after some time.`
      : 'Another transaction is in progress. Please try again after some time.';
  if (daemon.locks.has(volume)) return busy;
  daemon.locks.set(volume, daemon.uuid);
  const answers = await Promise.all(
    peers.map((node) =>
      ask(origin, node, (there) => {
        if (there.daemon.locks.has(volume))
          return `Locking failed on ${node.name}. Please check log file for details.`;
        there.daemon.locks.set(volume, daemon.uuid);
        return undefined;
      }),
    ),
  );
  await alive(world, origin);
  const refused = answers.find((a) => a !== undefined);
  if (refused === undefined) return undefined;
  for (const node of [origin.node, ...peers]) release(node, volume, daemon.uuid);
  return refused === '' ? busy : refused;
}

async function phase(
  origin: Member,
  peers: readonly Node[],
  { framework, stage, commit }: Operation,
  name: 'stage' | 'commit',
): Promise<string | undefined> {
  const step = name === 'stage' ? stage : commit;
  const title = name === 'commit' ? 'Commit' : framework === 'synctask' ? 'Staging' : 'Pre Validation';
  const here = await step(origin);
  await alive(origin.world, origin);
  origin.world.trace.push(`${origin.node.name} ${name}: ${here ?? 'good'}`);
  if (here === '') return `${title} failed on localhost. Please check ${LOG_FILE[framework]}`;
  if (here !== undefined) return here;
  const answers = await Promise.all(
    peers.map(async (node) => ({ node, said: await ask(origin, node, step) })),
  );
  await alive(origin.world, origin);
  const failed = answers.filter((a) => a.said !== undefined);
  for (const { node, said } of failed) origin.world.trace.push(`${node.name} ${name}: ${said ?? ''}`);
  if (failed.length === 0) return undefined;
  const prefix = framework === 'synctask' ? 'Error: ' : '';
  const words = (said = ''): string =>
    said === '' ? 'Please check log file for details.' : `${prefix}${said}`;
  return failed.map(({ node, said }) => `${title} failed on ${node.name}. ${words(said)}`).join('\n');
}

const LOG_FILE: { readonly [framework in Operation['framework']]: string } = {
  synctask: 'the log file for more details.',
  'mgmt-v3': 'log file for details.',
};

/** A peer that hangs is waited for; one that dies answers nothing. */
async function ask(origin: Member, node: Node, step: Step): Promise<string | undefined> {
  const { world } = origin;
  await world.clock.pause(RPC_MS + world.random.int(0, RPC_MS));
  const daemon = await unfrozen(node);
  if (daemon === undefined || !canTalk(world, origin.node, node)) return '';
  const said = await step({ world, node, daemon });
  await world.clock.pause(RPC_MS);
  return node.daemon === daemon ? said : '';
}

/** The originator goes on only as long as it lives; frozen, it waits. */
async function alive(world: World, { node, daemon }: Member): Promise<void> {
  await world.clock.pause(1);
  await unfrozen(node);
  if (node.daemon !== daemon) throw new DaemonGone('glusterd ended while it worked');
}
