/**
 * What several actions share: where gluster commands run, forced starts, how far an effect got, free ports.
 */
import { type NodeName, volumeName } from '../model/names.ts';
import type { BrickExpectation } from '../model/op.ts';
import { type View } from '../view/view.ts';
import { coordinatorOf, memberNodes } from '../view/pool.ts';
import { asRead, type Watched } from '../view/as-read.ts';
import { bricksOf } from '../view/brick.ts';
import { freeBrickPorts, rangeOf } from '../view/ports.ts';
import { hasRebalanced } from '../view/rebalance.ts';
import type { Call, Calls, Standing } from './action.ts';

/** The CLI's own limit (cli.h): after it, glusterd goes on and the CLI does not know. */
export const CLI_TIMEOUT_S = 120;

export function glusterOn(view: View, argv: readonly string[]): readonly Call[] {
  const node = coordinatorOf(view);
  return node === undefined ? [] : [{ node, op: { kind: 'gluster', argv, timeoutSeconds: CLI_TIMEOUT_S } }];
}

/** As `glusterOn`, where the volume is still as this view has it, in what the command is decided on. */
export function volumeCommand(
  view: View,
  [verb, volume, ...words]: readonly [verb: string, volume: string, ...words: string[]],
  watched: Watched,
): readonly Call[] {
  const node = coordinatorOf(view);
  const expects = node && asRead(view, node, volumeName(volume), watched);
  return glusterOn(view, ['volume', verb, volume, ...words]).map(({ node: on, op }) => ({
    node: on,
    op: op.kind === 'gluster' && expects !== undefined ? { ...op, expects } : op,
  }));
}

/**
 * After a brick was replaced or reset: glusterd 10.3 cannot say what it knows until a rebalance begins, where
 * one was begun before. A fix of the layout moves no file, and goes on by itself.
 */
export function newRebalanceRecord(volume: string, view: View): readonly Call[] {
  const best = view.volumes.get(volumeName(volume))?.best;
  return best !== undefined && hasRebalanced(best, view)
    ? volumeCommand(view, ['rebalance', volume, 'fix-layout', 'start'], { keys: [], isAllBut: false })
    : [];
}

/** Whether it runs. */
export const STATUS: Watched = { keys: ['status'], isAllBut: false };

const LAYOUT = 'type count sub_count replica_count arbiter_count disperse_count redundancy_count'.split(' ');

/** Its layout, and which brick it has in which place. */
export function bricksIn(volume: string, view: View): Watched {
  const bricks = view.volumes.get(volumeName(volume))?.best.bricks ?? [];
  return { keys: [...LAYOUT, ...bricks.map((_, i) => `brick-${String(i)}`)], isAllBut: false };
}

/**
 * A forced start stamps what it finds, so each node checks the directories of its bricks right before.
 */
export function forceStart(volume: string, view: View): Calls {
  const byNode = new Map<NodeName, BrickExpectation[]>();
  for (const {
    facts,
    volume: { id },
    brick,
  } of bricksOf(volume, view)) {
    const mountPoint = facts.paths.get(brick.path)?.mountPoint ?? '/';
    byNode.set(facts.node, [
      ...(byNode.get(facts.node) ?? []),
      { path: brick.path, volumeId: id, mountPoint },
    ]);
  }
  const checks = [...byNode].map(([node, bricks]): Call => ({ node, op: { kind: 'check-bricks', bricks } }));
  return [checks, ...volumeCommand(view, ['start', volume, 'force'], STATUS)];
}

export function standingOf(nodes: readonly NodeName[], reached: (node: NodeName) => boolean): Standing {
  const count = nodes.filter(reached).length;
  // Where no member was observed, nothing is known to be done.
  if (nodes.length === 0) return 'undone';
  return count === nodes.length ? 'done' : count === 0 ? 'undone' : 'partial';
}

/** Owners of the volume's bricks; all members where none is known. */
export function volumeNodes(args: { readonly volume: string }, view: View): readonly NodeName[] {
  const bricks = view.volumes.get(volumeName(args.volume))?.best.bricks ?? [];
  const owners = bricks.flatMap((b) => view.ownerOf(b) ?? []);
  return owners.length === 0 ? memberNodes(view) : [...new Set(owners)];
}

/**
 * glusterd gives each new brick a free port of its range; with none left the brick does not start, and
 * nothing says so.
 */
export function portProblems(bricksOn: ReadonlyMap<NodeName, number>, view: View): readonly string[] {
  return [...bricksOn].flatMap(([node, needed]) => {
    const facts = view.facts(node);
    if (facts === undefined) return [];
    const free = freeBrickPorts(facts);
    if (free >= needed) return [];
    const shortage = `${String(free)} ports left ${rangeOf(facts)} for ${String(needed)} bricks`;
    return [`${node} has ${shortage} (max-port in glusterd.vol)`];
  });
}

/** `volumeNodes` of which none is left out; all members that are there where no other is. */
export function volumeNodesHere(args: { readonly volume: string }, view: View): readonly NodeName[] {
  const here = volumeNodes(args, view).filter((node) => !view.leftOut.has(node));
  return here.length === 0 ? memberNodes(view) : here;
}

export function countByNode(nodes: readonly NodeName[]): ReadonlyMap<NodeName, number> {
  const counts = new Map<NodeName, number>();
  for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}
