/**
 * A step that takes something down is judged once more in the moment before: what it needs may have gone
 * since the plan.
 */
import { expect, it } from 'vitest';
import { brickRestart } from '../../../src/actions/process.ts';
import { ok } from '../../../src/core/result.ts';
import type { NodeName } from '../../../src/model/names.ts';
import type { NodeLink } from '../../../src/model/node-link.ts';
import type { NodeOp } from '../../../src/model/op.ts';
import { commit } from '../../../src/transaction/commit.ts';
import { type Context, contextOf } from '../../../src/transaction/context.ts';
import { believeBrick, type World, world } from '../../worlds.ts';

function over(w: World): { readonly context: Context; readonly sent: NodeOp[] } {
  const sent: NodeOp[] = [];
  const unused = (): never => {
    throw new Error('not asked for here');
  };
  const link = (node: NodeName): NodeLink => ({
    node,
    observe: () => {
      const facts = w.view().facts(node);
      if (facts === undefined) throw new Error(`${node} is not in the world`);
      return Promise.resolve(ok(facts));
    },
    perform: (op) => {
      sent.push(op);
      return Promise.resolve({ kind: 'done', output: '' });
    },
    lock: unused,
    release: unused,
    journal: unused,
  });
  let now = 0;
  const context = contextOf({
    desired: w.desired,
    goal: { plan: unused, blockers: unused, remaining: unused },
    clock: {
      now: () => now,
      sleep: (ms) => {
        now += ms;
        return Promise.resolve();
      },
    },
    emit: () => undefined,
    owner: { transaction: 't', user: 'u', host: 'h', pid: 1, since: '', command: 'recover' },
    links: new Map(w.desired.nodes.map((n) => [n.name, link(n.name)])),
    relink: () => Promise.resolve(undefined),
    signal: new AbortController().signal,
  });
  return { context, sent };
}

it('no brick is restarted while another of its set has gone down since the plan', async () => {
  const w = world();
  const path = '/bricks/d1/v';
  // Serves on a port that glusterd does not know: only a restart repairs that.
  believeBrick(w.node('node02'), 'v', { registered: false });
  const planned = w.view();
  const args = { volume: 'v', node: 'node02', path };
  expect(brickRestart.requires(args, planned, w.desired)).toEqual([]);
  const step = brickRestart.step(args, planned, { reason: 'a test', after: [] });
  const three = w.node('node03');
  three.processes = three.processes.filter((p) => p.role !== 'brick');
  believeBrick(three, 'v', { status: 'Stopped', registered: false });
  const { context, sent } = over(w);
  const { failures } = await commit(context, [step], planned);
  expect(failures.map((f) => f.cause).join()).toContain(`node02:${path} is not taken down`);
  expect(sent.filter((op) => op.kind === 'end-process')).toEqual([]);
});
