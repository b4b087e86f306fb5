/** What several actions say the same way: where gluster commands run, how far an effect got. */
import { type NodeName, volumeName } from '../model/names.ts';
import type { BrickExpectation } from '../model/op.ts';
import { type View } from '../view/view.ts';
import { coordinatorOf, memberNodes } from '../view/pool.ts';
import { bricksOf } from '../view/brick.ts';
import type { Call, Calls, Standing } from './action.ts';

/** The CLI's own limit (cli.h): after it, glusterd goes on and the CLI does not know. */
const CLI_TIMEOUT_S = 120;

export function glusterOn(view: View, argv: readonly string[]): readonly Call[] {
  const node = coordinatorOf(view);
  return node === undefined ? [] : [{ node, op: { kind: 'gluster', argv, timeoutSeconds: CLI_TIMEOUT_S } }];
}

/**
 * A forced start stamps what it finds, so each brick's owner checks its directories in the moment before.
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
  return [checks, ...glusterOn(view, ['volume', 'start', volume, 'force'])];
}

export function standingOf(nodes: readonly NodeName[], reached: (node: NodeName) => boolean): Standing {
  const count = nodes.filter(reached).length;
  // In no node's store: of a pool of which no member is seen, nothing is known to be done.
  if (nodes.length === 0) return 'undone';
  return count === nodes.length ? 'done' : count === 0 ? 'undone' : 'partial';
}

/** Owners of the volume's bricks; of a volume that is not there yet, none. */
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
    const { basePort, maxPort } = facts.daemonConfig;
    const used = new Set(facts.processes.flatMap((p) => p.ports).filter((p) => p >= basePort && p <= maxPort))
      .size;
    const free = maxPort - basePort + 1 - used;
    if (free >= needed) return [];
    return [
      `${node} has ${String(free)} ports left between ${String(basePort)} and ${String(maxPort)} for ${String(needed)} bricks (max-port in glusterd.vol)`,
    ];
  });
}

export function countByNode(nodes: readonly NodeName[]): ReadonlyMap<NodeName, number> {
  const counts = new Map<NodeName, number>();
  for (const node of nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}
