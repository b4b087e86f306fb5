/**
 * A modelled GlusterFS cluster: hosts, glusterds, disks, bricks and wires in memory, behind `NodeLink`, with
 * a clock of its own and chance from a seed. The same seed and the same calls give the same run.
 */
import { invariant } from '../core/invariant.ts';
import { nodeName, type NodeName } from '../model/names.ts';
import type { NodeLink } from '../model/node-link.ts';
import type { Store } from '../model/observed.ts';
import { readGlusterAnswer } from '../node/gluster.ts';
import type { OpOutcome } from '../model/op.ts';
import { applyFault, killBrick } from './apply-fault.ts';
import { type SimClock, simClock } from './clock.ts';
import { type Controller, makeController } from './controller.ts';
import { type Disk, makeDisk } from './disk.ts';
import { type FaultPlan, faultQueue, type WorldFault } from './fault.ts';
import { gluster } from './gluster.ts';
import { storeOf } from './observe.ts';
import { end } from './process.ts';
import { seeded } from './random.ts';
import { moverIn } from './rebalance.ts';
import { startGlusterd, stopGlusterd } from './service.ts';
import {
  type Command,
  type Daemon,
  freeGuard,
  type Import,
  type Node,
  type Process,
  RUN,
  STORE,
  type World,
} from './world.ts';

export interface SimOptions {
  readonly seed: number;
  readonly nodes: readonly string[];
  /** /bricks/d1 …, a file system each. Default 3. */
  readonly bricksPerNode?: number;
  /** What stopping glusterd by its unit does to bricks; Debian ships `control-group`. */
  readonly killMode?: Node['killMode'];
  readonly faults?: FaultPlan;
}

/** A node as a test inspects it and breaks it. */
export interface SimNode {
  readonly name: NodeName;
  /** Its store as a probe would read it now. */
  readonly store: Store;
  readonly disk: Disk;
  readonly daemon: Daemon | undefined;
  readonly processes: readonly Process[];
  readonly isLocked: boolean;
  /** Lines of a volume's `info`, sorted; empty where there is none. */
  info(volume: string): readonly string[];
  fault(fault: WorldFault): Promise<void>;
  killBrick(path: string): void;
  /** The process that moves files of the volume there. */
  killMover(volume: string): void;
  /** By its unit, as an administrator would; `mode`: how it kills, if not as the unit says. */
  stopGlusterd(mode?: Node['killMode']): void;
  /** Undefined: it runs; else why it does not. */
  startGlusterd(): string | undefined;
  /** Entries of a brick that wait for a heal, until they are set to 0. */
  setPendingHeals(path: string, count: number): void;
  /** The same of one whose self-heal daemon has not heard of them: it does nothing until it is asked to. */
  missHeals(path: string, count: number): void;
}

export interface SimCluster {
  readonly clock: SimClock;
  readonly names: readonly NodeName[];
  /** What happened so far, in order, without times: equal for equal seeds and calls. */
  readonly trace: readonly string[];
  /** Volumes taken over at handshakes so far. */
  readonly imports: readonly Import[];
  /** Commands that a glusterd has taken, in the order of their beginning. */
  readonly commands: readonly Command[];
  /** Calls made on links so far. */
  readonly calls: number;
  node(name: string): SimNode;
  /** A new connection of the first controller. */
  link(name: string): NodeLink;
  readonly first: Controller;
  controller(name: string): Controller;
  /** A command of an administrator on the node, outside of any transaction. */
  gluster(name: string, argv: readonly string[]): Promise<OpOutcome>;
  /** Probes everybody from the first node and waits until all see all. */
  formPool(): Promise<void>;
  inject(plan: FaultPlan): void;
  /** As `heal`, but what is off stays off, and a glusterd that is down stays down. */
  lift(): void;
  /**
   * Undoes all faults that can be undone (disks, power, wires, frozen and dead daemons) and forgets those
   * still to come.
   */
  heal(): void;
}

const POOL_MS = 10_000;
const FIRST_PID = 300;
/** For faults that no call of a controller brings about. */
const NO_CONTROLLER = { die: (): void => undefined };

export const SimCluster = {
  create(options: SimOptions): SimCluster {
    const world = makeWorld(options);
    const faults = faultQueue();
    faults.add(options.faults ?? []);
    let calls = 0;
    const wiring = { world, faults, count: () => ++calls };
    const first = makeController('first', wiring);
    const at = (name: string): Node => {
      const node = world.nodes.get(name);
      invariant(node, `no node named ${name}`);
      return node;
    };
    const admin = (name: string, argv: readonly string[]): Promise<OpOutcome> =>
      world.clock.drive(
        gluster(world, at(name), argv, 'administrator').then((p) =>
          readGlusterAnswer(p.code, p.stdout, p.stderr),
        ),
      );
    for (const node of world.nodes.values()) startGlusterd(world, node);
    return {
      clock: world.clock,
      names: options.nodes.map(nodeName),
      trace: world.trace,
      imports: world.imports,
      commands: world.commands,
      get calls() {
        return calls;
      },
      node: (name) => inspect(world, at(name)),
      link: (name) => first.link(name),
      first,
      controller: (name) => makeController(name, wiring),
      gluster: admin,
      async formPool() {
        const [one = '', ...others] = options.nodes;
        for (const other of others) await admin(one, ['peer', 'probe', other]);
        await world.clock.sleep(POOL_MS);
      },
      inject: (plan) => {
        faults.add(plan);
      },
      lift: () => {
        faults.clear();
        liftAll(world);
      },
      heal: () => {
        faults.clear();
        liftAll(world);
        onAll(world, ['power-on', 'start-glusterd']);
      },
    };
  },
};

function makeWorld({ seed, nodes: names, bricksPerNode = 3, killMode = 'control-group' }: SimOptions): World {
  const clock = simClock();
  const random = seeded(seed);
  const nodes = new Map<string, Node>();
  names.forEach((name, i) => {
    const disk = makeDisk(() => clock.now(), 100 + i * 10);
    for (const dir of [STORE, RUN, '/run', '/tmp', '/var/log', '/bricks', '/data']) disk.mkdirs(dir);
    for (let n = 1; n <= bricksPerNode; n++) {
      const point = `/bricks/d${String(n)}`;
      disk.mkdirs(point);
      disk.mounts.push({
        point,
        device: 100 + i * 10 + n,
        totalBytes: 2 * 1024 ** 3,
        full: false,
        readOnly: false,
      });
    }
    nodes.set(name, {
      name,
      address: `10.0.0.${String(11 + i)}`,
      disk,
      processes: new Map(),
      killMode,
      spared: false,
      stopped: false,
      entrusted: undefined,
      pendingHeals: new Map(),
      unbegunHeals: new Set(),
      meetsBricksAt: 0,
      on: true,
      reachable: true,
      bootId: random.uuid(),
      bootedAt: clock.now() - 3_600_000,
      nextPid: FIRST_PID + random.int(0, 100),
      daemon: undefined,
      guard: freeGuard(),
      waiters: [],
      serviceResult: 'success',
      storeRead: undefined,
    });
  });
  return { clock, random, nodes, cuts: new Set(), trace: [], imports: [], commands: [] };
}

function inspect(world: World, node: Node): SimNode {
  return {
    name: nodeName(node.name),
    get store() {
      return storeOf(node);
    },
    disk: node.disk,
    get daemon() {
      return node.daemon;
    },
    get processes() {
      return [...node.processes.values()];
    },
    get isLocked() {
      return node.guard.holder !== undefined;
    },
    info: (volume) =>
      (node.disk.read(`${STORE}/vols/${volume}/info`) ?? '')
        .split('\n')
        .filter((l) => l !== '')
        .sort(),
    fault: (fault) => applyFault(world, node, fault, NO_CONTROLLER),
    killBrick: (path) => {
      killBrick(world, node, path);
    },
    killMover: (volume) => {
      const mover = moverIn(node, volume);
      if (mover !== undefined) end(world, node, mover.pid, 'KILL');
    },
    stopGlusterd: (mode) => {
      stopGlusterd(world, node, mode);
    },
    startGlusterd: () => startGlusterd(world, node),
    setPendingHeals: (path, count) => {
      node.pendingHeals.set(path, count);
      node.unbegunHeals.delete(path);
    },
    missHeals: (path, count) => {
      node.pendingHeals.set(path, count);
      node.unbegunHeals.add(path);
    },
  };
}

function liftAll(world: World): void {
  for (const { disk } of world.nodes.values()) {
    disk.immutable.clear();
    for (const mount of disk.mounts) {
      mount.full = false;
      mount.readOnly = false;
    }
  }
  onAll(world, ['rejoin', 'thaw-glusterd']);
}

function onAll(
  world: World,
  kinds: readonly ('rejoin' | 'thaw-glusterd' | 'power-on' | 'start-glusterd')[],
): void {
  for (const node of world.nodes.values())
    for (const kind of kinds) void applyFault(world, node, { kind }, NO_CONTROLLER);
}
