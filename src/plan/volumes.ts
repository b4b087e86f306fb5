/**
 * Steps for one volume of the file, in their order: create, options, start; or stop, delete. Leaves to
 * `differences.ts` what keeps a volume from being changed.
 */
import { volumeCreate, volumeDelete } from '../actions/volume-definition.ts';
import { riskOfOption } from '../actions/option-risks.ts';
import { volumeOptions } from '../actions/volume-options.ts';
import { volumeStart, volumeStop } from '../actions/volume-state.ts';
import { listed } from '../core/text.ts';
import type { DesiredVolume } from '../model/desired.ts';
import { PROTECTION } from '../model/protection.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { Finding, Step, SubjectDiff } from '../model/plan.ts';
import { isProtectedOnNodes } from '../view/protection.ts';
import type { View } from '../view/view.ts';
import { brickMakers } from './brick-changes.ts';
import { copiesOwed } from './copies.ts';
import { differences, type Differences } from './differences.ts';
import type { Part } from './part.ts';
import { inTurn, type Spread } from './rebalance.ts';
import { NOTHING_OWED, type Owed, replacementSteps } from './replacements.ts';
import { type OptionChange, optionChange, optionsAfter } from './options.ts';
import { deletionRefused, mixedRefused, protectionStep, protectionToSet } from './protection.ts';
import { laterSteps, setsSpread, turnsOf } from './turns.ts';
import { observedWords, plannedWords, volumeText } from './volume-text.ts';

interface Context {
  readonly view: View;
  readonly known: ReadonlySet<string> | undefined;
  /** Steps that must be done before any of this volume. */
  readonly after: readonly string[];
}

const NOTHING: Part = { steps: [], diffs: [], findings: [] };

export function volumeSteps(wanted: DesiredVolume, context: Context): Part {
  const current = context.view.volumes.get(wanted.name)?.best;
  if (wanted.state === 'absent') return current === undefined ? NOTHING : removal(wanted, current, context);
  if (current === undefined) return creation(wanted, context);
  const found = differences(wanted, current, context.view);
  if (found.refusals.length > 0) return { ...NOTHING, findings: found.refusals };
  const { now, later } = turnsOf(found.changes, current, context.view);
  const spread = setsSpread(wanted, current, now, context);
  const then = laterSteps(wanted, current, later, context);
  const refusals = [...spread.refusals, ...then.refusals];
  if (refusals.length > 0) return { ...NOTHING, findings: refusals };
  const part = change(wanted, current, context, { ...found, changes: now }, spread);
  const findings = [...found.notices, ...part.findings, ...(spread.findings ?? [])];
  const replacements = now.flatMap((c) => (c.kind === 'replace' ? c.replacements : []));
  const copies = copiesOwed(wanted, now, context);
  const first = copies === NOTHING_OWED ? replacementSteps(current, replacements, context.view) : copies;
  const inOrder = inTurn(first, spread);
  const last = { ...inOrder, steps: [...inOrder.steps, ...then.steps] };
  const isHeldUp = spread.isMoving && now.some(({ kind }) => kind !== 'replace');
  return isHeldUp
    ? { ...part, findings, steps: [], owed: held(part.steps, last, spread) }
    : { ...part, findings, owed: last };
}

/** Behind what is under way, or has to be taken back first. */
const held = (steps: readonly Step[], last: Owed, { isStalled }: Spread): Owed =>
  isStalled ? { ...last, steps: [...last.steps, ...steps] } : { ...last, steps: [...steps, ...last.steps] };

/** Each step after the one before it; the first after what the context names. */
function chain(context: Context, makers: readonly ((after: readonly string[]) => Step)[]): readonly Step[] {
  const steps: Step[] = [];
  for (const make of makers)
    steps.push(make(steps.length === 0 ? context.after : steps.slice(-1).map((s) => s.id)));
  return steps;
}

function removal(wanted: DesiredVolume, current: StoreVolume, context: Context): Part {
  const { view } = context;
  const args = { volume: wanted.name };
  const reason = 'the file says state: absent';
  if (isProtectedOnNodes(view, wanted.name)) return { ...NOTHING, findings: [deletionRefused(wanted.name)] };
  const steps = chain(context, [
    ...(current.status === 'started'
      ? [(after: readonly string[]) => volumeStop.step(args, view, { reason, after })]
      : []),
    (after) => volumeDelete.step(args, view, { reason, after }),
  ]);
  return { steps, diffs: [diff(wanted, volumeText(observedWords(current, view)), '')], findings: [] };
}

function creation(wanted: DesiredVolume, context: Context): Part {
  const { view } = context;
  const asked = optionChange(wanted, new Map(), context.known);
  const options = wanted.protect ? { ...asked, set: new Map([...asked.set, [PROTECTION, 'on']]) } : asked;
  const createArgs = {
    volume: wanted.name,
    layout: wanted.layout,
    transport: wanted.transport,
    bricks: wanted.bricks.map((b) => ({ node: b.node, path: b.path })),
  };
  const reason = 'the volume is in the file but not in the cluster';
  const steps = chain(context, [
    (after) => volumeCreate.step(createArgs, view, { reason, after }),
    ...optionMakers(wanted, options, context),
    ...(wanted.state === 'started' ? [starter(wanted, view, 'the file says state: started')] : []),
  ]);
  const nodes = [...new Set(wanted.bricks.map((b) => b.node))].sort();
  return {
    steps: steps.map((step) => ({ ...step, nodes })),
    diffs: [diff(wanted, '', volumeText(plannedWords(wanted, optionsAfter(new Map(), options))))],
    findings: [],
  };
}

function change(
  wanted: DesiredVolume,
  current: StoreVolume,
  context: Context,
  { changes, after: bricks }: Differences,
  spread: Spread,
): Part {
  const { view } = context;
  const options = optionChange(wanted, current.options, context.known);
  const protection = protectionToSet(wanted, current.options);
  const stop = wanted.state === 'stopped' && current.status === 'started';
  const start = wanted.state === 'started' && current.status !== 'started';
  const steps = chain(context, [
    ...(stop
      ? [
          (after: readonly string[]) =>
            volumeStop.step({ volume: wanted.name }, view, { reason: 'the file says state: stopped', after }),
        ]
      : []),
    ...optionMakers(wanted, options, context),
    ...spread.makers,
    ...brickMakers(wanted, changes, view),
    ...(start
      ? [starter(wanted, view, `the file says state: started, the volume is ${current.status}`)]
      : []),
    ...(protection === undefined ? [] : [protectionStep(wanted, protection, view)]),
  ]);
  const findings = options.stuck.length === 0 ? [] : [notRemovable(wanted, options.stuck)];
  if (steps.length + changes.length === 0) return { ...NOTHING, findings };
  const others = steps.filter((s) => s !== steps.at(-1));
  if (protection === 'off' && others.length > 0)
    return { ...NOTHING, findings: [...findings, mixedRefused(wanted.name, others)] };
  const before = observedWords(current, view);
  const set = new Map([
    ...options.set,
    ...spread.options,
    ...(protection === undefined ? [] : [[PROTECTION, protection] as const]),
  ]);
  const after = {
    ...before,
    state: wanted.state,
    layout: wanted.layout,
    bricks,
    options: optionsAfter(current.options, { ...options, set }),
  };
  return { steps, diffs: [diff(wanted, volumeText(before), volumeText(after))], findings };
}

const starter =
  (wanted: DesiredVolume, view: View, reason: string) =>
  (after: readonly string[]): Step =>
    volumeStart.step({ volume: wanted.name }, view, { reason, after });

/** Each change that risks something is a step of its own; the others are one. */
function optionMakers(
  wanted: DesiredVolume,
  { set, reset }: OptionChange,
  { view }: Context,
): readonly ((after: readonly string[]) => Step)[] {
  const current = view.volumes.get(wanted.name)?.best;
  const isRisky = (name: string): boolean =>
    current !== undefined && riskOfOption(current, name, set.get(name)) !== undefined;
  const step = (names: readonly string[], key: string) => (after: readonly string[]) => {
    const args = {
      volume: wanted.name,
      set: Object.fromEntries([...set].filter(([name]) => names.includes(name))),
      reset: reset.filter((name) => names.includes(name)),
    };
    const mode = args.reset.length === 0 ? '' : ' (optionsMode: exact)';
    return volumeOptions.step(args, view, { reason: `options differ from the file${mode}`, after, key });
  };
  const names = [...set.keys(), ...reset];
  const plain = names.filter((name) => !isRisky(name));
  return [
    ...(plain.length > 0 ? [step(plain, wanted.name)] : []),
    ...names.filter(isRisky).map((name) => step([name], `${wanted.name}/${name}`)),
  ];
}

const notRemovable = (wanted: DesiredVolume, names: readonly string[]): Finding => ({
  code: 'option-not-removable',
  severity: 'info',
  subject: `volume/${wanted.name}`,
  nodes: [],
  message: `volume ${wanted.name} keeps ${listed(names)}, which the file does not name`,
  evidence: ['optionsMode: exact', '"gluster volume reset" refuses user.* options'],
  remedy: 'name them in the file, or leave them: gluster itself never reads them',
});

const diff = (wanted: DesiredVolume, before: string, after: string): SubjectDiff => ({
  subject: `volume/${wanted.name}`,
  before,
  after,
});
