/**
 * What a glusterd does to others when it starts: it gives its volumes to those that are behind. Owns whether
 * that is harmless. Pure; which store is right is for the repairs to say.
 */
import type { NodeName, VolumeName } from '../model/names.ts';
import type { NodeFacts, StoreVolume } from '../model/observed.ts';
import { isSame, comparable } from './copies.ts';
import { stateOf, type View, type VolumeView } from './view.ts';

export type CopyOn = (node: NodeName, volume: VolumeName) => StoreVolume | undefined;

/** The glusterds that run, or start with it, and have one copy. */
interface Side {
  readonly copy: StoreVolume;
  readonly running: NodeName[];
  readonly starting: NodeName[];
}

/**
 * Why these are not started as they are, beside those that run. A single one that is behind takes in what the
 * others have, and restarts its own bricks alone: no harm. `copyOn`: the stores by then.
 */
export function harmOfStarts(
  view: View,
  starting: readonly NodeFacts[],
  copyOn: CopyOn = (node, volume) => view.volumes.get(volume)?.copies.get(node),
): ReadonlyMap<NodeName, readonly string[]> {
  const harm = new Map<NodeName, string[]>();
  if (starting.length === 0) return harm;
  for (const volume of view.volumes.values())
    for (const [node, why] of harmIn(volume, view, starting, copyOn))
      harm.set(node, [...(harm.get(node) ?? []), why]);
  return harm;
}

function harmIn(
  { name }: VolumeView,
  view: View,
  starting: readonly NodeFacts[],
  copyOn: CopyOn,
): readonly (readonly [NodeName, string])[] {
  const started = new Set(starting.map(({ node }) => node));
  const running = comparable(view, name).filter((n) => n.memory.kind === 'up' && !started.has(n.node));
  const sides: Side[] = [];
  const add = (node: NodeName, to: 'running' | 'starting'): void => {
    const copy = copyOn(node, name);
    if (copy === undefined) return;
    let side = sides.find((s) => s.copy.version === copy.version && isSame(s.copy, copy));
    if (side === undefined) sides.push((side = { copy, running: [], starting: [] }));
    side[to].push(node);
  };
  for (const { node } of running) add(node, 'running');
  for (const { node } of starting) add(node, 'starting');
  const lacksEverywhere =
    running.length > 0 &&
    running.every((n) => copyOn(n.node, name) === undefined && stateOf(n)?.volumes.has(name) !== true);
  return sides.flatMap((side) =>
    side.starting.flatMap((node) => {
      const why = lacksEverywhere
        ? `volume ${name} would come back to ${running.map((n) => n.node).join(', ')} with it`
        : harmOf(name, side, sides);
      return why === undefined ? [] : [[node, why] as const];
    }),
  );
}

function harmOf(name: VolumeName, side: Side, sides: readonly Side[]): string | undefined {
  const { version } = side.copy;
  const highest = Math.max(...sides.map((s) => s.copy.version));
  const nodes = (found: readonly Side[]): string =>
    found.flatMap((s) => [...s.running, ...s.starting]).join(', ');
  const lower = sides.filter((s) => s.copy.version < version);
  if (lower.length > 0)
    return `${nodes(lower)} would take over version=${String(version)} of volume ${name} from it`;
  const other = sides.filter((s) => s !== side && s.copy.version === version);
  if (other.length > 0) return `volume ${name} is another there than on ${nodes(other)}, at equal version`;
  const behind = sides.filter((s) => s.copy.version < highest).flatMap((s) => s.starting);
  return behind.length > 1
    ? `${behind.join(', ')} would take over version=${String(highest)} of volume ${name} together`
    : undefined;
}
