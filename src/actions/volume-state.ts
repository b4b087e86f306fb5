/** Starting and stopping a volume: each the undo of the other. */
import { changed, type Definitions } from '../model/definition.ts';
import { volumeName } from '../model/names.ts';
import type { VolumeStatus } from '../model/observed.ts';
import { drainedOwners } from '../view/drained.ts';
import { type View } from '../view/view.ts';
import { memberNodes } from '../view/pool.ts';
import { type Calls, defineAction, type Intent, type Standing } from './action.ts';
import {
  countByNode,
  forceStart,
  portProblems,
  standingOf,
  STATUS,
  volumeCommand,
  volumeNodes,
} from './common.ts';

type Args = { readonly volume: string };

function statusStanding(args: Args, view: View, wanted: (status: string | undefined) => boolean): Standing {
  const volume = view.volumes.get(volumeName(args.volume));
  return standingOf(memberNodes(view), (node) => wanted(volume?.copies.get(node)?.status));
}

const becomes =
  (status: VolumeStatus) =>
  (args: Args, before: Definitions): Definitions =>
    changed(before, volumeName(args.volume), (volume) => ({ ...volume, status }));

/** Where it is so on some node already, glusterd refuses the command without force. */
const isMixed = (args: Args, view: View): boolean =>
  statusStanding(args, view, (status) => status === 'started') === 'partial';

const startCalls = (args: Args, view: View): Calls =>
  isMixed(args, view) ? forceStart(args.volume, view) : volumeCommand(view, ['start', args.volume], STATUS);

const stopCalls = (args: Args, view: View): Calls =>
  volumeCommand(view, ['stop', args.volume, ...(isMixed(args, view) ? ['force'] : [])], STATUS);

export const volumeStart = defineAction<'volume-start', Args>({
  name: 'volume-start',
  risk: 'safe',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: becomes('started'),
  nodes: volumeNodes,
  summary: (args) => `start volume ${args.volume}`,
  undo: (args) => `stop volume ${args.volume}`,
  requires(args, view) {
    const bricks = view.volumes.get(volumeName(args.volume))?.best.bricks ?? [];
    const owners = bricks.flatMap((b) => view.ownerOf(b) ?? []);
    return [...portProblems(countByNode(owners), view), ...drainedOwners(args.volume, view)];
  },
  calls: startCalls,
  standing: (args, view) => statusStanding(args, view, (status) => status === 'started'),
  inverse: (args): readonly Intent[] => [volumeStop.intent(args)],
});

export const volumeStop = defineAction<'volume-stop', Args>({
  name: 'volume-stop',
  risk: 'disruptive',
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: becomes('stopped'),
  nodes: volumeNodes,
  summary: (args) => `stop volume ${args.volume}: its clients lose it`,
  undo: (args) => `start volume ${args.volume}`,
  requires(args, view) {
    const task = view.volumes.get(volumeName(args.volume))?.best.pendingTask;
    return task === undefined ? [] : [`a ${task} of volume ${args.volume} is under way`];
  },
  calls: stopCalls,
  /** A volume that is gone does not run either: a delete may have come after. */
  standing: (args, view) => statusStanding(args, view, (status) => status !== 'started'),
  inverse: (args): readonly Intent[] => [volumeStart.intent(args)],
});
