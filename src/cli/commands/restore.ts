/**
 * `glusterctl restore`: the store of before an earlier transaction, put back as a new transaction. Refuses
 * while one is unfinished.
 */
import { failure, type Failure } from '../../core/failure.ts';
import type { Cluster } from '../../model/cluster.ts';
import type { NodeName } from '../../model/names.ts';
import type { Store } from '../../model/observed.ts';
import type { RunResult } from '../../model/event.ts';
import type { Plan } from '../../model/plan.ts';
import { blockers, destructiveSteps } from '../../plan/gate.ts';
import { compileRestore, desiredOf, type Image, type Restoring } from '../../plan/restore.ts';
import { planText } from '../../report/text/plan-text.ts';
import { catalogueIn, observeAll } from '../../observe/observe-all.ts';
import { runTransaction } from '../../transaction/run.ts';
import { unfinishedIn } from '../../transaction/unfinished.ts';
import { makeView, type View } from '../../view/view.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import type { Session } from '../session.ts';
import {
  confirmed,
  ended,
  finish,
  live,
  cannotAsk,
  openToChange,
  type Run,
  type RunFlags,
} from '../transact.ts';
import { historyOf, notKept } from './history.ts';

export interface RestoreFlags extends SshFlags, RunFlags {
  readonly allowDestroy: readonly string[];
}

export async function restoreCommand(
  file: string,
  id: string,
  flags: RestoreFlags,
  session: Session,
): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const run = { desired, flags, session };
  finish(await attempt(run, { file, id, allowed: flags.allowDestroy }), run, 'restore');
}

interface Asked {
  readonly file: string;
  readonly id: string;
  readonly allowed: readonly string[];
}

async function attempt(run: Run, asked: Asked): Promise<RunResult> {
  await using opened = await openToChange(run);
  const { cluster } = opened;
  if (opened.ended !== undefined) return opened.ended;
  const unknown = notRestorable(opened.view, asked);
  if (unknown !== undefined) return ended('refused', [unknown]);
  const image = await readImage(cluster, asked.id);
  if (!('stores' in image)) return ended('refused', image);
  const desired = desiredOf(image, run.desired, opened.view);
  const { terminal, signal } = run.session;
  const view = makeView(
    await observeAll(desired, cluster.links, signal, { catalogue: catalogueIn(cluster.observed) }),
  );
  if (view.failed.size > 0) return ended('unreachable', [...view.failed.values()]);
  const restoring = compileRestore(image, desired, view);
  const { plan } = restoring;
  if (run.flags.format === 'text' && plan.steps.length > 0)
    terminal.out(`${planText(plan, { colour: terminal.colour }).trimEnd()}\n`);
  for (const sentence of restoring.leftAlone) terminal.err(`${sentence}\n`);
  const refusal = gate(restoring, asked, (p) => blockers(p, desired, view)) ?? cannotAsk(run);
  if (refusal !== undefined) return refusal;
  const question = `Put ${plan.cluster} back to before transaction ${asked.id}?`;
  if (!(await confirmed(run, question))) return ended('declined', []);
  const goal = {
    plan: (seen: View) => compileRestore(image, desired, seen).plan,
    blockers: (made: Plan, seen: View) => blockers(made, desired, seen),
    remaining: (made: Plan) => made.steps,
  };
  return await live({ ...run, desired }, opened, goal, (context) => runTransaction(context, plan));
}

function notRestorable(view: View, { file, id }: Asked): Failure | undefined {
  const [unfinished] = unfinishedIn(view);
  if (unfinished !== undefined)
    return failure('precondition-failed', `transaction ${unfinished.id} did not end`, {
      cause: [...unfinished.states].map(([node, state]) => `${node}: ${state}`).join(', '),
      fix: `glusterctl recover ${file}`,
    });
  const past = historyOf(view).find((t) => t.id === id);
  if (past === undefined) return notKept(file, id);
  if (past.missing.length === 0) return undefined;
  return failure('precondition-failed', `${past.missing.join(', ')} does not keep transaction ${id}`, {
    cause: 'what was before is needed from every node',
    fix: `choose one that all nodes keep: glusterctl history ${file}`,
  });
}

/** Every node's, whole, or why not. */
async function readImage(cluster: Cluster, id: string): Promise<Image | readonly Failure[]> {
  const read = await Promise.all(
    [...cluster.links].map(async ([node, link]) => ({ node, files: await link.journal(id) })),
  );
  const failures: Failure[] = [];
  const stores = new Map<NodeName, Store>();
  for (const { node, files } of read) {
    if (!files.ok) failures.push(files.error);
    else if (files.value.store.problems.length > 0)
      failures.push(
        unsound(
          node,
          id,
          files.value.store.problems.map((p) => `${p.path}: ${p.problem}`),
        ),
      );
    else stores.set(node, files.value.store);
  }
  return failures.length > 0 ? failures : { transaction: id, stores };
}

const unsound = (node: NodeName, id: string, details: readonly string[]): Failure =>
  failure('node-unreadable', `the before-image of transaction ${id} on ${node} is not sound`, {
    node,
    details,
    fix: 'choose another transaction',
  });

function gate(
  { plan, problems }: Restoring,
  { file, id, allowed }: Asked,
  blockersOf: (plan: Plan) => ReturnType<typeof blockers>,
): RunResult | undefined {
  if (problems.length > 0) return ended('refused', problems);
  if (plan.steps.length === 0) return ended('nothing-to-do', []);
  const inTheWay = blockersOf(plan).map((f) =>
    failure('precondition-failed', f.message, { cause: f.code, details: f.evidence, fix: f.remedy }),
  );
  if (inTheWay.length > 0) return ended('refused', inTheWay);
  const destructive = destructiveSteps(plan, allowed);
  if (destructive.length === 0) return undefined;
  return ended(
    'decision-needed',
    destructive.map((s) =>
      failure('decision-needed', `"${s.summary}" needs your word`, {
        fix: `glusterctl restore ${file} ${id} --allow-destroy ${s.subject}`,
      }),
    ),
  );
}
