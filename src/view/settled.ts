/**
 * Whether glusterd is settled: some seconds after a start, or after a peer has come back, it still brings
 * bricks and daemons up, and a command then can crash it. Pure, over one view. Owns that judgement; refuses
 * to wait, which is the transaction's.
 */
import type { NodeName, VolumeName } from '../model/names.ts';
import {
  type DaemonState,
  type DaemonVolume,
  type GlusterProcess,
  type NodeFacts,
  type ProcessId,
  TICKS_PER_SECOND,
} from '../model/observed.ts';
import {
  brickStartProblems,
  isOnline,
  type LocalBrick,
  localBricks,
  locate,
  servingProcesses,
} from './brick.ts';
import { halfConnected, halfJoined, isHalfWay, poolIn } from './pool.ts';
import { stateOf, type View } from './view.ts';

/**
 * A glusterd as old as this has brought up what it can: it tries fifteen times, a second apart, to attach a
 * self-heal daemon (glusterd_attach_svc), and a slow node takes several times as long. What is still missing
 * then is a fault.
 */
export const YOUNG_MS = 60_000;
/**
 * Bricks come first: one that has no process by then, or that glusterd has not adopted, has died or is out of
 * its reach.
 */
const BRICKS_MS = 30_000;
/**
 * What no fact shows: a self-heal daemon is Online as soon as its connection stands, and the task that waits
 * for it sleeps up to a second more (synctask_sleep(1) in glusterd_attach_svc) before it goes on over the
 * list of volumes, one of which may be gone by then.
 */
export const ATTACH_GRACE_MS = 2_000;

export interface Waiting {
  readonly node: NodeName;
  /** What it waits for: "self-heal daemon of data". */
  readonly what: string;
  /**
   * It will not come by itself where glusterd is old: then it is a fault, and no reason to refuse a command.
   */
  readonly isYoung: boolean;
}

/** The glusterd of a node that is not a zombie; of two, for an instant while it forks, the younger. */
export const glusterdProcess = (facts: NodeFacts): GlusterProcess | undefined =>
  facts.processes
    .filter((p) => p.role === 'glusterd' && p.state !== 'Z')
    .toSorted((a, b) => b.startTicks - a.startTicks)[0];

const ageMs = (facts: NodeFacts, process: ProcessId): number =>
  ((facts.ticks - process.startTicks) * 1000) / TICKS_PER_SECOND;

const isYoungerThan = (facts: NodeFacts, ms: number): boolean => {
  const process = glusterdProcess(facts);
  return process !== undefined && ageMs(facts, process) < ms;
};

/**
 * Nodes that count as young whatever their age: a pool that has just been joined brings daemons up as after a
 * start.
 */
export type Joined = ReadonlySet<NodeName>;
const NOBODY: Joined = new Set();

export const isYoung = (facts: NodeFacts, joined: Joined = NOBODY): boolean =>
  isYoungerThan(facts, YOUNG_MS) || joined.has(facts.node);

/**
 * What glusterds still have to bring up. Empty: all that shows is there; see `needsGrace` for what does not
 * show.
 */
export function unsettled(view: View, joined: Joined = NOBODY): readonly Waiting[] {
  const { members } = poolIn(view);
  const young = members.flatMap((facts) => {
    if (!isYoung(facts, joined)) return [];
    const state = stateOf(facts);
    const what = state === undefined ? ['an answer of glusterd'] : comingUp(facts, state, view);
    return what.map((w) => ({ node: facts.node, what: w, isYoung: true }));
  });
  // A unit that waits for its automatic restart, a minute on Debian, has crashed a moment ago.
  const restarting = members
    .filter((facts) => glusterdProcess(facts) === undefined && facts.service.active === 'activating')
    .map(({ node }) => ({ node, what: 'systemd to start glusterd again', isYoung: true }));
  const starting = members
    .flatMap((facts) => (isYoung(facts, joined) ? [] : startingBricks(facts, view)))
    .map(({ node, what }) => ({ node, what, isYoung: false }));
  const half = [...halfConnected(view), ...halfJoined(view)]
    .filter(({ node, other }) => !young.some((y) => y.node === node && y.what === peerWords(other)))
    .map(({ node, other }) => ({ node, what: peerWords(other), isYoung: false }));
  return [...restarting, ...young, ...starting, ...half];
}

/**
 * Nodes whose unit is active although no glusterd was in the list of processes, which is read first: it has
 * just started or just died, and the next observation says which. A unit of SysV stays like that.
 */
export const contradictory = (view: View): ReadonlySet<NodeName> =>
  new Set(
    poolIn(view)
      .members.filter((facts) => glusterdProcess(facts) === undefined && facts.service.active === 'active')
      .map(({ node }) => node),
  );

/** Some glusterd is young and heals: the last second of its attaching shows in nothing. */
export const needsGrace = (view: View, joined: Joined = NOBODY): boolean =>
  poolIn(view).members.some(
    (facts) =>
      isYoung(facts, joined) &&
      [...(stateOf(facts)?.volumes.values() ?? [])].some(
        (v) => v.status === 'started' && heals(facts, v.name),
      ),
  );

const heals = (facts: NodeFacts, name: VolumeName): boolean => {
  const volume = facts.store.volumes.get(name);
  return volume !== undefined && volume.layout.kind !== 'distribute';
};

const peerWords = (other: NodeName): string => `its peer ${other}`;

function comingUp(facts: NodeFacts, state: DaemonState, view: View): readonly string[] {
  return [
    ...(facts.processes.filter((p) => p.role === 'glusterd' && p.state !== 'Z').length > 1
      ? ['glusterd to start']
      : []),
    ...peersComing(state, view),
    ...bricksComing(facts, view),
    ...daemonsMissing(facts, state).map((d) => d.what),
  ];
}

/** Peers whose own glusterd answers, and that have not been rejected: those come. */
const peersComing = (state: DaemonState, view: View): readonly string[] =>
  state.peers.flatMap((peer) => {
    const node = view.nodeOf(peer.uuid);
    const other = node === undefined ? undefined : view.facts(node);
    if (other === undefined || stateOf(other) === undefined || !poolIn(view).isMember(other.node)) return [];
    const isThere = peer.connected && !isHalfWay(peer);
    return isThere ? [] : [peerWords(other.node)];
  });

const startingBricks = (facts: NodeFacts, view: View): readonly Pick<Waiting, 'node' | 'what'>[] =>
  localBricks(view, facts)
    .filter(isStarting)
    .map(({ volume, brick }) => ({ node: facts.node, what: `brick ${brick.path} of ${volume.name}` }));

/** Until its connection stands, which glusterd then notes. */
const isStarting = (located: LocalBrick): boolean =>
  located.believed?.local.status === 'Starting' && !isStuckStarting(located);

/**
 * glusterd passes over the news that the connection stands where it cannot find the brick by its host name: a
 * peer stands under that name too (get_brickinfo_from_brickid, seen on 10.3). It stays "Starting" then until
 * glusterd is started again, and "start force" passes over it.
 */
export const isStuckStarting = (located: LocalBrick): boolean =>
  located.believed?.local.status === 'Starting' &&
  !isYoungerThan(located.facts, BRICKS_MS) &&
  servingProcesses(located).some((p) => ageMs(located.facts, p) >= BRICKS_MS);

/** Bricks of started volumes that glusterd starts, or adopts, itself. */
function bricksComing(facts: NodeFacts, view: View): readonly string[] {
  const state = stateOf(facts);
  if (state === undefined || waitsForPeers(facts)) return [];
  // Self-heal daemons are attached after all bricks were started (glusterd_spawn_daemons): what is missing
  // then has died since.
  const healing = [...state.volumes.values()].filter((v) => v.status === 'started' && heals(facts, v.name));
  const isOver = healing.length > 0 && healing.every((v) => v.selfHealOnline !== false);
  const isTime = !isOver && isYoungerThan(facts, BRICKS_MS);
  return [...state.volumes.values()].flatMap((v) => {
    const volume = facts.store.volumes.get(v.name);
    if (v.status !== 'started' || volume?.status !== 'started' || v.quorumStatus === 'does_not_meet')
      return [];
    return volume.bricks.flatMap((b) => {
      const located =
        view.ownerOf(b) === facts.node
          ? locate({ volume: v.name, node: facts.node, path: b.path }, view)
          : undefined;
      return located !== undefined && isComing(located, isTime) ? [`brick ${b.path} of ${v.name}`] : [];
    });
  });
}

const isComing = (located: LocalBrick, isTime: boolean): boolean =>
  isStarting(located) || (isTime && !isOnline(located) && brickStartProblems(located).length === 0);

/** In a pool of three or more, glusterd neither starts nor adopts anything until one peer has accepted it. */
export function waitsForPeers(facts: NodeFacts): boolean {
  const peers = stateOf(facts)?.peers ?? [];
  return peers.length >= 2 && !peers.some((p) => p.connected && p.state === 'Peer in Cluster');
}

const isOn = (value: string | undefined): boolean => /^(on|yes|true|enable|1)$/i.test(value ?? 'off');

export interface MissingDaemon {
  readonly node: NodeName;
  /** One that needs it. */
  readonly volume: VolumeName;
  /** As gluster calls it. */
  readonly service: 'shd' | 'snapd' | 'quotad' | 'bitd' | 'scrub';
  readonly what: string;
  /** The same before and after. */
  readonly subject: string;
}

/** Daemons that started volumes need and that are not online, on nodes whose glusterd answers. */
export const missingDaemons = (view: View): readonly MissingDaemon[] =>
  poolIn(view).members.flatMap((facts) => {
    const state = stateOf(facts);
    return state === undefined ? [] : daemonsMissing(facts, state);
  });

/**
 * Self-heal, quota and snapshot daemons run on every member (seen on 10.3), bitd and scrub where there are
 * bricks.
 */
function daemonsMissing(facts: NodeFacts, state: DaemonState): readonly MissingDaemon[] {
  if (waitsForPeers(facts)) return [];
  const started = [...state.volumes.values()].filter((v) => v.status === 'started');
  const missing = (volume: VolumeName, service: MissingDaemon['service'], what: string): MissingDaemon => ({
    node: facts.node,
    volume,
    service,
    what,
    subject: `daemon ${facts.node} ${what}`,
  });
  const ofNode = (
    service: 'quotad' | 'bitd' | 'scrub',
    what: string,
    needs: (v: DaemonVolume) => boolean,
  ): readonly MissingDaemon[] => {
    const needing = state.services.get(service) === false ? started.find(needs) : undefined;
    return needing === undefined ? [] : [missing(needing.name, service, what)];
  };
  const isChecked = (v: DaemonVolume): boolean =>
    isOn(v.options.get('features.bitrot')) && v.bricks.some((b) => b.local !== undefined);
  return [
    ...started.flatMap((v) =>
      v.selfHealOnline === false && heals(facts, v.name)
        ? [missing(v.name, 'shd', `the self-heal daemon of ${v.name}`)]
        : [],
    ),
    ...started.flatMap((v) =>
      v.snapshotDaemonOnline === false && isOn(v.options.get('features.uss'))
        ? [missing(v.name, 'snapd', `the snapshot daemon of ${v.name}`)]
        : [],
    ),
    ...ofNode('quotad', 'the quota daemon', (v) => isOn(v.options.get('features.quota'))),
    ...ofNode('bitd', 'the bitrot daemon', isChecked),
    ...ofNode('scrub', 'the scrubber', isChecked),
  ];
}

/**
 * Which process is glusterd on each node; undefined: none. Of two settled views of the same processes,
 * nothing was restarted between.
 */
export type Glusterds = ReadonlyMap<NodeName, ProcessId | undefined>;

export const glusterdsOf = (view: View): Glusterds =>
  new Map(
    view.nodes.map((facts) => {
      const process = glusterdProcess(facts);
      return [facts.node, process && { pid: process.pid, startTicks: process.startTicks }];
    }),
  );

export const isSame = (a: ProcessId | undefined, b: ProcessId | undefined): boolean =>
  a?.pid === b?.pid && a?.startTicks === b?.startTicks;
