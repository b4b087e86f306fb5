/**
 * Further copies in every set, as steps: each alone, when nothing of the volume is healed. The new bricks are
 * healed after it, and whatever comes next waits for that. Owns that order.
 */
import { volumeAddCopies } from '../actions/volume-add-copies.ts';
import { absenceFinding } from '../findings/shared/absence.ts';
import type { DesiredVolume, Layout } from '../model/desired.ts';
import type { Step } from '../model/plan.ts';
import {
  type CopiesChange,
  CLIENT_IO_THREADS,
  copiesWait,
  moreCopiesProblems,
} from '../view/replica-count.ts';
import type { View } from '../view/view.ts';
import { setSize } from '../view/whole.ts';
import type { BrickChange } from './compare-bricks.ts';
import { fullOptionName } from './options.ts';
import { NOTHING_OWED, type Owed } from './replacements.ts';

interface Context {
  readonly view: View;
  readonly known: ReadonlySet<string> | undefined;
}

const AGAIN = 'repair that ("glusterctl doctor FILE"), then run the same command';

/** One copy after the other: with two, glusterd 10 may fail half way, for too few members have the files. */
export function copiesOwed(wanted: DesiredVolume, changes: readonly BrickChange[], context: Context): Owed {
  const all = changes.flatMap((change) => (change.kind === 'moreCopies' ? stagesOf(wanted, change) : []));
  const [first] = all;
  if (first === undefined) return NOTHING_OWED;
  const { view } = context;
  const steps = all.map((stage) => stepOf(wanted, stage, context));
  const [{ subject, nodes } = { subject: '', nodes: [] }] = steps;
  const findings = moreCopiesProblems(first, view).map((problem) => ({
    ...absenceFinding(problem, nodes, AGAIN),
    subject,
  }));
  return { steps, findings, waits: findings.length > 0 ? [] : copiesWait(first, view) };
}

function stagesOf(
  { name: volume }: DesiredVolume,
  { from, to, sets }: Extract<BrickChange, { kind: 'moreCopies' }>,
): readonly CopiesChange[] {
  const [least, most] = [setSize({ layout: from }), setSize({ layout: to })];
  const layouts = Array.from({ length: most - least + 1 }, (_, i): Layout => {
    if (i === 0) return from;
    return i === most - least ? to : { kind: 'replicate', replica: least + i, arbiter: 0 };
  });
  return layouts.slice(1).map((layout, i) => ({
    volume,
    from: layouts[i] ?? from,
    to: layout,
    sets: sets.map(({ bricks }) => bricks.slice(i, i + 1)),
  }));
}

function stepOf(wanted: DesiredVolume, stage: CopiesChange, { view, known }: Context): Step {
  const { from, to, volume, sets } = stage;
  const said = [...wanted.options].find(([name]) => fullOptionName(name, known) === CLIENT_IO_THREADS)?.[1];
  // glusterd sets the option beside, with the first copies.
  const clientIoThreads = from.kind === to.kind ? null : (said ?? null);
  const reason =
    'the file has further copies; the new bricks are healed from the others, which goes on after it';
  const key = `${volume}/${String(setSize({ layout: to }))}`;
  return volumeAddCopies.step({ volume, from, to, sets, clientIoThreads }, view, { reason, after: [], key });
}
