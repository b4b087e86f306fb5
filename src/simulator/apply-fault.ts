/**
 * What a fault does to the world. One line a kind; the doing itself is in the files that own the thing that
 * breaks.
 */
import { absurd } from '../core/invariant.ts';
import type { WorldFault } from './fault.ts';
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
import { type Node, setCut, type World } from './world.ts';

export async function applyFault(
  world: World,
  called: Node,
  fault: WorldFault,
  controller: { die(silent: boolean): void },
): Promise<void> {
  const node = fault.node === undefined ? called : (world.nodes.get(fault.node) ?? called);
  world.trace.push(`fault ${fault.kind} on ${node.name}`);
  switch (fault.kind) {
    case 'kill-glusterd':
      killGlusterd(world, node);
      return;
    case 'freeze-glusterd':
      freezeGlusterd(node, true);
      return;
    case 'thaw-glusterd':
      freezeGlusterd(node, false);
      return;
    case 'start-glusterd':
      startGlusterd(world, node);
      return;
    case 'restart-glusterd':
      stopGlusterd(world, node, 'process');
      startGlusterd(world, node);
      return;
    case 'crash-glusterd':
      crashGlusterd(world, node);
      return;
    case 'kill-lock-holder':
      node.guard.holder?.end(KILLED);
      return;
    case 'power-off':
      powerOff(world, node);
      return;
    case 'power-on':
      powerOn(world, node);
      return;
    case 'reboot':
      powerOff(world, node);
      powerOn(world, node);
      return;
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
    case 'controller-death':
      controller.die(fault.silent);
      return;
    case 'act':
      await fault.act();
      return;
    default:
      absurd(fault);
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
