/**
 * Starts a rebalance, or a fix of the layout alone. It goes on by itself, with nothing locked; its end is
 * observed. Refuses where clients would miss files by name meanwhile.
 */
import { nodeName, volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Watched } from '../view/as-read.ts';
import { bricksOf, isOnline } from '../view/brick.ts';
import { drainedOwners } from '../view/drained.ts';
import { isLookupOptimized, LOOKUP_OPTIMIZE, moversOf, rebalanceParts } from '../view/rebalance.ts';
import type { View } from '../view/view.ts';
import { defineAction, type Intent } from './action.ts';
import { bricksIn, standingOf, volumeCommand, volumeNodes } from './common.ts';

type Args = {
  readonly volume: string;
  readonly kind: 'rebalance' | 'fix-layout';
  /** Those of earlier tasks, on whatever node: by another id it is known to be begun. */
  readonly earlier: readonly string[];
};

const volumeIn = (view: View, volume: string): StoreVolume | undefined =>
  view.volumes.get(volumeName(volume))?.best;

/** Ids of the tasks that the nodes know. */
export const taskIds = (volume: string, view: View): readonly string[] =>
  [
    ...new Set(
      [...(view.volumes.get(volumeName(volume))?.copies.values() ?? [])].map((c) => c.task?.id ?? ''),
    ),
  ]
    .filter((id) => id !== '')
    .sort();

const watched = (volume: string, view: View): Watched => {
  const { keys, isAllBut } = bricksIn(volume, view);
  return { keys: [...keys, 'status', LOOKUP_OPTIMIZE], isAllBut };
};

/** glusterd asks about none of these. */
function problemsOf({ volume, kind }: Args, view: View): readonly string[] {
  const best = volumeIn(view, volume);
  if (best?.status !== 'started') return [`volume ${volume} is not started`];
  return [
    ...(best.bricks.some((b) => b.decommissioned) ? [`a remove-brick of volume ${volume} is not over`] : []),
    ...moversOf(volume, view).map((node) => `${node} still moves files of ${volume}`),
    ...bricksOf(volume, view)
      .filter((local) => !isOnline(local))
      .map(({ facts, brick }) => `${facts.node}:${brick.path} is down: its files would stay where they are`),
    ...drainedOwners(volume, view),
    ...(kind === 'rebalance' && isLookupOptimized(best)
      ? [`${LOOKUP_OPTIMIZE} is on: files would seem to be missing by their names`]
      : []),
  ];
}

export const volumeRebalance = defineAction<'volume-rebalance', Args>({
  name: 'volume-rebalance',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  nodes: volumeNodes,
  needsEveryMember: 'all',
  outlasts: 3,
  checkedAtCommit: true,
  summary: ({ volume, kind }) =>
    kind === 'rebalance'
      ? `rebalance volume ${volume}: its files move to the bricks where they belong`
      : `fix the layout of volume ${volume}: new files use all of its bricks`,
  undo: () => 'stop it: files that were moved stay where they are, and can be read',
  requires: problemsOf,
  calls(args, view) {
    const words = args.kind === 'rebalance' ? ['start'] : ['fix-layout', 'start'];
    return volumeCommand(view, ['rebalance', args.volume, ...words], watched(args.volume, view));
  },
  /** A member without a brick of the volume has the id, and no part in the task. */
  standing({ volume, earlier }, view) {
    const copies = view.volumes.get(volumeName(volume))?.copies;
    return standingOf(volumeNodes({ volume }, view), (node) => {
      const id = copies?.get(nodeName(node))?.task?.id ?? '';
      return id !== '' && !earlier.includes(id);
    });
  },
  inverse: ({ volume }): readonly Intent[] => [volumeRebalanceStop.intent({ volume })],
});

const isUnderWay = (volume: string, view: View): boolean => {
  const best = volumeIn(view, volume);
  const parts = best === undefined ? [] : rebalanceParts(best, view);
  return moversOf(volume, view).length > 0 || parts.some(({ task }) => task.status === 'running');
};

export const volumeRebalanceStop = defineAction<'volume-rebalance-stop', { readonly volume: string }>({
  name: 'volume-rebalance-stop',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  nodes: volumeNodes,
  summary: ({ volume }) => `stop the rebalance of volume ${volume}`,
  undo: () => null,
  requires: () => [],
  calls: ({ volume }, view) =>
    isUnderWay(volume, view)
      ? volumeCommand(view, ['rebalance', volume, 'stop'], { keys: [], isAllBut: false })
      : [],
  standing: ({ volume }, view) => (isUnderWay(volume, view) ? 'undone' : 'done'),
  inverse: () => null,
});
