/**
 * Takes members out of every set of a volume. glusterd asks for nothing: it takes the only good copy out as
 * well. Nothing takes it back: from the first write on, what left is stale, and glusterd would serve it.
 */
import { changed, type Definition, withOptions } from '../model/definition.ts';
import type { Layout } from '../model/desired.ts';
import { layoutWords } from '../model/layout.ts';
import { volumeName } from '../model/names.ts';
import { memberNodes } from '../view/pool.ts';
import {
  CLIENT_IO_THREADS,
  copiesWait,
  fewerCopiesProblems,
  leavingWords,
  placesIn,
} from '../view/replica-count.ts';
import { brickProcesses, servesOthers, type View } from '../view/view.ts';
import { setSize } from '../view/whole.ts';
import { type Call, type Calls, defineAction } from './action.ts';
import { bricksIn, glusterOn, standingOf, volumeCommand } from './common.ts';
import { leavingIn, names, nodesLeft, volumeIn } from './leaving-sets.ts';

type Args = {
  readonly volume: string;
  readonly from: Layout;
  readonly to: Layout;
  readonly sets: readonly (readonly string[])[];
  /** What the file says of the option that glusterd turns on with the last copies; null: nothing. */
  readonly clientIoThreads: string | null;
};

function narrowed({ from, to, sets, clientIoThreads }: Args, before: Definition): Definition {
  const volume = {
    ...before,
    type: before.type.replace(layoutWords(from), layoutWords(to)),
    bricks: before.bricks.filter((b) => !sets.flat().includes(b)),
  };
  const option = { [CLIENT_IO_THREADS]: clientIoThreads ?? 'on' };
  return from.kind === to.kind ? volume : withOptions(volume, option, []);
}

/** glusterd cannot stop a brick that was launched by somebody else: its commit would fail half way. */
const ends = ({ volume, sets }: Args, view: View): readonly Call[] =>
  placesIn(sets).flatMap(({ node, path }) => {
    const facts = view.facts(node);
    const serving = facts === undefined ? [] : brickProcesses(facts, volume, path);
    return serving
      .filter((p) => facts !== undefined && !p.argv.includes('--brick-mux') && !servesOthers(facts, p))
      .map(({ pid, startTicks }) => ({
        node,
        op: { kind: 'end-process', pid, startTicks, word: path } as const,
      }));
  });

export const volumeRemoveCopies = defineAction<'volume-remove-copies', Args>({
  name: 'volume-remove-copies',
  risk: 'disruptive',
  risks: ({ sets }) =>
    sets.map((set) => ({
      risk: 'destructive',
      subject: `brick/${set[0] ?? ''}`,
      why: 'the volume has fewer copies from then on, and these bricks are of no use to it any more',
    })),
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) => changed(before, volumeName(args.volume), (volume) => narrowed(args, volume)),
  nodes: nodesLeft,
  checkedAtCommit: true,
  takesOut: ({ sets }) => sets.flat().map((brick) => `brick/${brick}`),
  isFinal: {
    why: 'what clients write from then on is not on the bricks that left',
    then: '"glusterctl recover FILE" makes the nodes agree',
  },
  summary: ({ volume, to, sets }) =>
    `make volume ${volume} ${layoutWords(to)}: take out ${leavingWords(sets)}`,
  undo: () => 'none: a point of no return; the files stay on these bricks, stale from the first write on',
  requires: (args, view) => [
    ...fewerCopiesProblems(args, view).map((p) => [p.message, ...p.evidence].join('; ')),
    ...copiesWait(args, view),
  ],
  calls(args, view): Calls {
    const { volume, to, clientIoThreads: said } = args;
    const bricks = names(leavingIn(args, volumeIn(view, args), view));
    const words = ['replica', String(setSize({ layout: to })), ...bricks, 'force'];
    return [
      ...ends(args, view),
      ...(bricks.length === 0
        ? []
        : volumeCommand(view, ['remove-brick', volume, ...words], bricksIn(volume, view))),
      ...(said === null ? [] : glusterOn(view, ['volume', 'set', volume, CLIENT_IO_THREADS, said])),
    ];
  },
  standing(args, view) {
    const copies = view.volumes.get(volumeName(args.volume))?.copies;
    return standingOf(memberNodes(view), (node) => {
      const copy = copies?.get(node);
      const { to, clientIoThreads: said } = args;
      return (
        copy !== undefined &&
        layoutWords(copy.layout) === layoutWords(to) &&
        leavingIn(args, copy, view).length === 0 &&
        (said === null || copy.options.get(CLIENT_IO_THREADS) === said)
      );
    });
  },
  inverse: () => [],
});
