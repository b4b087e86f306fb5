/**
 * Waits under the lock until every glusterd is settled, and reports what is missing. Starts a glusterd that
 * has died meanwhile, with its old arguments; its bricks are left running.
 */
import type { NodeName } from '../model/names.ts';
import type { Waiting } from '../view/settled.ts';
import type { View } from '../view/view.ts';
import type { Context } from './context.ts';
import type { Crash } from './known-glusterds.ts';
import { CRASH_STARTS_MAX } from './limits.ts';
import { notice } from './phase.ts';
import { type Settled, waitSettled } from './settled.ts';

/** Steps that run at the same time wait together. */
export const awaitSettled = (context: Context): Promise<Settled> =>
  context.glusterds.waitOnce(() => waitAndStart(context));

async function waitAndStart(context: Context): Promise<Settled> {
  const { observer, glusterds, clock, links, signal, phase } = context;
  const startDead = starterOfDead(context);
  await startDead(await observer.current());
  const settled = await waitSettled(observer, {
    before: glusterds.settled,
    unsettled: glusterds.unsettled,
    joined: () => glusterds.joinedLately(links.keys(), clock.now()),
    onChange: reporterOf(context),
    repair: startDead,
    isGivenUp: () => phase !== 'rollback' && signal.aborted,
  });
  for (const crash of glusterds.accept(settled)) noticeCrash(context, crash);
  return settled;
}

/** Starts those that have died, each at most CRASH_STARTS_MAX times. */
function starterOfDead(context: Context): (view: View) => Promise<void> {
  const { observer, glusterds, links, owner } = context;
  const starts = new Map<NodeName, number>();
  return async (view) => {
    await Promise.all(
      glusterds.diedIn(view).map(async (crash) => {
        const { node } = crash;
        const count = (starts.get(node) ?? 0) + 1;
        starts.set(node, count);
        if (count > CRASH_STARTS_MAX) return;
        noticeCrash(context, crash);
        const op = { kind: 'start-glusterd', argv: glusterds.argvOf(node) } as const;
        glusterds.mayBeAnother(node);
        await links.get(node)?.perform(op, owner.transaction);
        observer.invalidate();
      }),
    );
  };
}

/** Reports each node that is waited for, and when it is settled. */
function reporterOf(context: Context): (waiting: readonly Waiting[]) => void {
  const { phase } = context;
  let shown = new Set<NodeName>();
  return (waiting) => {
    const nodes = new Set(waiting.map((w) => w.node));
    for (const node of shown)
      if (!nodes.has(node)) context.emit({ type: 'node', phase, node, status: 'done', detail: 'settled' });
    for (const node of nodes) {
      const what = waiting.filter((w) => w.node === node).map((w) => w.what);
      const detail = `waiting for ${what.join(', ')}`;
      context.emit({ type: 'node', phase, node, status: 'started', detail });
    }
    shown = nodes;
  };
}

function noticeCrash(context: Context, crash: Crash): void {
  if (!context.glusterds.isNews(crash)) return;
  const glusterd = `glusterd on ${crash.node} (pid ${String(crash.process.pid)})`;
  const cause = 'ended, and was not stopped by this transaction';
  notice(context, `${glusterd} ${cause}; it is started again, its bricks are left running`);
}
