/**
 * A step that takes something down is judged once more in the moment before: what it needs may have gone
 * since the plan.
 */
import { expect, it } from 'vitest';
import { brickRestart } from '../../../src/actions/process.ts';
import { commit } from '../../../src/transaction/commit.ts';
import { believeBrick, world } from '../../worlds.ts';
import { over } from './over.ts';

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
  expect(sent.filter(({ op }) => op.kind === 'end-process')).toEqual([]);
});
