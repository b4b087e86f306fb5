/**
 * Further copies in every set, or fewer, as steps: each alone, when nothing of the volume is healed. New
 * bricks are healed after it, and whatever comes next waits for that. Owns that order.
 */
import { volumeAddCopies } from '../actions/volume-add-copies.ts';
import { volumeRemoveCopies } from '../actions/volume-remove-copies.ts';
import { absenceFinding } from '../findings/shared/absence.ts';
import type { DesiredVolume, Layout } from '../model/desired.ts';
import type { Finding, Step } from '../model/plan.ts';
import {
  type CopiesChange,
  CLIENT_IO_THREADS,
  copiesWait,
  fewerCopiesProblems,
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

export function copiesOwed(wanted: DesiredVolume, changes: readonly BrickChange[], context: Context): Owed {
  const fewer = changes.find((change) => change.kind === 'fewerCopies');
  return fewer === undefined ? moreOwed(wanted, changes, context) : fewerOwed(wanted, fewer, context);
}

function fewerOwed(
  wanted: DesiredVolume,
  { from, to, sets }: Extract<BrickChange, { kind: 'fewerCopies' }>,
  context: Context,
): Owed {
  const { view } = context;
  const change = { volume: wanted.name, from, to, sets: sets.map(({ bricks }) => bricks) };
  const args = { ...change, clientIoThreads: optionOf(wanted, change, context) };
  const step = volumeRemoveCopies.step(args, view, { reason: leftWords(to), after: [] });
  const findings = said(fewerCopiesProblems(change, view), step);
  return { steps: [step], findings, waits: findings.length > 0 ? [] : copiesWait(change, view) };
}

/** What clients have of the copies that are left. */
function leftWords(to: Layout): string {
  const copies = setSize({ layout: to });
  if (copies === 1) return 'the file has no copies: whoever loses a brick loses its files';
  if (copies === 2) return 'the file has two copies: no third says which is right where they differ';
  return 'the file has fewer copies';
}

const said = (
  problems: ReturnType<typeof moreCopiesProblems>,
  { subject, nodes }: Step,
): readonly Finding[] => problems.map((problem) => ({ ...absenceFinding(problem, nodes, AGAIN), subject }));

/** What the file says of the option that glusterd sets beside, with the first copies and with the last. */
function optionOf({ options }: DesiredVolume, { from, to }: CopiesChange, { known }: Context): string | null {
  const named = [...options].find(([name]) => fullOptionName(name, known) === CLIENT_IO_THREADS);
  return from.kind === to.kind ? null : (named?.[1] ?? null);
}

/** One copy after the other: with two, glusterd 10 may fail half way, for too few members have the files. */
function moreOwed(wanted: DesiredVolume, changes: readonly BrickChange[], context: Context): Owed {
  const all = changes.flatMap((change) => (change.kind === 'moreCopies' ? stagesOf(wanted, change) : []));
  const [first] = all;
  if (first === undefined) return NOTHING_OWED;
  const { view } = context;
  const steps = all.map((stage) => stepOf(wanted, stage, context));
  const [step] = steps;
  const findings = step === undefined ? [] : said(moreCopiesProblems(first, view), step);
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

function stepOf(wanted: DesiredVolume, stage: CopiesChange, context: Context): Step {
  const { from, to, volume, sets } = stage;
  const clientIoThreads = optionOf(wanted, stage, context);
  const reason =
    'the file has further copies; the new bricks are healed from the others, which goes on after it';
  const key = `${volume}/${String(setSize({ layout: to }))}`;
  return volumeAddCopies.step({ volume, from, to, sets, clientIoThreads }, context.view, {
    reason,
    after: [],
    key,
  });
}
