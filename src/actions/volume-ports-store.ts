/**
 * Has glusterd rewrite the ports of a volume's bricks: `volume start V force` on a started volume stores
 * what each glusterd holds in memory, leaves running bricks alone and does not raise the version (seen on
 * 10.3). Refuses where force would stamp.
 */
import { volumeName } from '../model/names.ts';
import { brickProcesses, type View } from '../view/view.ts';
import { bricksOf, forceProblems, type LocalBrick } from '../view/brick.ts';
import { defineAction } from './action.ts';
import { forceStart, standingOf, volumeNodesHere } from './common.ts';

type PortsArgs = { readonly volume: string };

/** glusterd gives clients the right port, but its file has another, which its next start would read. */
function isStalePort({ facts, volume, brick, believed }: LocalBrick): boolean {
  const [process, second] = brickProcesses(facts, volume.name, brick.path);
  const held = believed?.local.port;
  if (process === undefined || second !== undefined || held === undefined) return false;
  return process.ports.includes(held) && !process.ports.includes(brick.listenPort);
}

/**
 * Only of a volume that is started on all nodes: a process left over from one that is not must not start it.
 */
function staleOf({ volume }: PortsArgs, view: View): readonly LocalBrick[] {
  const copies = [...(view.volumes.get(volumeName(volume))?.copies.values() ?? [])];
  return copies.every((c) => c.status === 'started') ? bricksOf(volume, view).filter(isStalePort) : [];
}

export const volumePortsStore = defineAction<'volume-ports-store', PortsArgs>({
  name: 'volume-ports-store',
  risk: 'safe',
  subject: ({ volume }) => `volume/${volume}`,
  nodes: volumeNodesHere,
  summary: ({ volume }) => `write the ports of the running bricks of ${volume} to the stores`,
  undo: () => 'nothing: a port that is right stays',
  requires: ({ volume }, view) => forceProblems(volume, view),
  calls: (args, view) =>
    forceProblems(args.volume, view).length > 0 || staleOf(args, view).length === 0
      ? []
      : forceStart(args.volume, view),
  standing(args, view) {
    const stale = new Set(staleOf(args, view).map((l) => l.facts.node));
    return standingOf(volumeNodesHere(args, view), (node) => !stale.has(node));
  },
  effectMs: 16_000,
  afterEveryChange: {
    args: (volume) => ({ volume }),
    failed: 'the ports of bricks could not be stored',
  },
  inverse: () => [],
});
