/**
 * What a fault does to the world, one entry a kind. How a thing breaks is in the file that owns it.
 */
import type { WorldFault } from './fault.ts';
import { gluster } from './gluster.ts';
import { KILLED } from './guard.ts';
import { end } from './process.ts';
import {
  crashGlusterd,
  freezeGlusterd,
  killGlusterd,
  noticeLater,
  powerOff,
  powerOn,
  startGlusterd,
  stopGlusterd,
} from './service.ts';
import { JOURNAL, type Node, setCut, type World } from './world.ts';

/** The faults of a whole node or of its glusterd, which need no more than their node. */
type NodeFault =
  | 'kill-glusterd'
  | 'freeze-glusterd'
  | 'thaw-glusterd'
  | 'start-glusterd'
  | 'restart-glusterd'
  | 'crash-glusterd'
  | 'kill-lock-holder'
  | 'power-off'
  | 'power-on'
  | 'reboot';

const NODE_FAULTS: { readonly [kind in NodeFault]: (world: World, node: Node) => void } = {
  'kill-glusterd': killGlusterd,
  'freeze-glusterd': (_, node) => {
    freezeGlusterd(node, true);
  },
  'thaw-glusterd': (_, node) => {
    freezeGlusterd(node, false);
  },
  'start-glusterd': (world, node) => {
    startGlusterd(world, node);
  },
  'restart-glusterd': (world, node) => {
    stopGlusterd(world, node, 'process');
    startGlusterd(world, node);
  },
  'crash-glusterd': crashGlusterd,
  'kill-lock-holder': (_, node) => {
    node.guard.holder?.end(KILLED);
  },
  'power-off': powerOff,
  'power-on': powerOn,
  reboot: (world, node) => {
    powerOff(world, node);
    powerOn(world, node);
  },
};

export async function applyFault(
  world: World,
  called: Node,
  fault: WorldFault,
  controller: { die(silent: boolean): void },
): Promise<void> {
  const node = fault.node === undefined ? called : (world.nodes.get(fault.node) ?? called);
  world.trace.push(`fault ${fault.kind} on ${node.name}`);
  switch (fault.kind) {
    case 'kill-brick':
      killBrick(world, node, fault.path);
      return;
    case 'immutable':
      node.disk.immutable.add(fault.path);
      return;
    case 'mutable':
      node.disk.immutable.delete(fault.path);
      return;
    case 'fill-disk':
    case 'free-disk':
      node.disk.mountOf(fault.path).full = fault.kind === 'fill-disk';
      return;
    case 'isolate':
    case 'rejoin':
      isolate(world, node, fault.kind === 'isolate');
      return;
    case 'admin':
      void gluster(world, node, fault.argv, 'administrator');
      return;
    case 'lose-journal':
      node.disk.remove(JOURNAL.slice(0, JOURNAL.lastIndexOf('/')));
      return;
    case 'controller-death':
      controller.die(fault.silent);
      return;
    case 'act':
      await fault.act();
      return;
    default:
      NODE_FAULTS[fault.kind](world, node);
  }
}

export function killBrick(world: World, node: Node, path: string): void {
  for (const process of [...node.processes.values()])
    if (process.brick?.path === path) end(world, node, process.pid, 'KILL');
}

/** From controllers and from the other nodes: the node itself lives on. */
function isolate(world: World, node: Node, away: boolean): void {
  node.reachable = !away;
  for (const other of world.nodes.values()) if (other !== node) setCut(world, node, other, away);
  if (away && node.daemon !== undefined) noticeLater(world, node, node.daemon.uuid);
}
