/**
 * A plan in a file, between `plan --out` and `apply`: who may read it, and that nothing in it is taken on
 * trust.
 */
import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { applyCommand } from '../../../src/cli/commands/apply.ts';
import { planCommand } from '../../../src/cli/commands/plan.ts';
import type { Session } from '../../../src/cli/session.ts';
import { volumeName } from '../../../src/model/names.ts';
import type { Plan } from '../../../src/model/plan.ts';
import { SimCluster } from '../../../src/simulator/cluster.ts';
import { sessionOn } from './session-on.ts';

const NODES = ['node01', 'node02', 'node03'];
const BRICKS = NODES.map((n) => `${n}:/bricks/d1/gone`);
const FILE = `cluster: sim
nodes: { node01: { address: 10.0.0.11 }, node02: { address: 10.0.0.12 }, node03: { address: 10.0.0.13 } }
volumes:
  gone: { state: absent }
`;
const SETTLE_MS = 10_000;

let dir: string;
let cluster: SimCluster;
let out: string, err: string;
let session: Session;

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-saved-'));
  [out, err] = ['', ''];
  cluster = SimCluster.create({ seed: 3, nodes: NODES, killMode: 'process' });
  await cluster.formPool();
  await cluster.gluster('node01', ['volume', 'create', 'gone', 'replica', '3', ...BRICKS]);
  await cluster.clock.sleep(SETTLE_MS);
  session = sessionOn(cluster, { out: (t) => void (out += t), err: (t) => void (err += t) });
  writeFileSync(join(dir, 'cluster.yaml'), FILE);
});
afterEach(() => {
  process.exitCode = 0;
  rmSync(dir, { recursive: true, force: true });
});

const path = (name: string): string => join(dir, name);
const save = (): Promise<void> =>
  planCommand(path('cluster.yaml'), { format: 'text', out: path('plan'), prefer: [] }, session);

it('is readable by its owner alone, in a file that everybody could read before too', async () => {
  writeFileSync(path('plan'), 'old');
  chmodSync(path('plan'), 0o644);
  await save();
  expect(statSync(path('plan')).mode & 0o777).toBe(0o600);
  expect(readFileSync(path('plan'), 'utf8')).toContain('volume-delete');
});

it.each<readonly [string, (plan: Plan) => unknown]>([
  ['a risk', (plan) => plan.steps.map((s) => ({ ...s, risk: 'safe' }))],
  ['an order', (plan) => plan.steps.map((s) => ({ ...s, after: ['nothing'] }))],
  ['an action', (plan) => plan.steps.map((s) => ({ ...s, action: 'volume-start' }))],
])('%s that was changed in it is not believed: nothing is done', async (_name, change) => {
  await save();
  const saved = JSON.parse(readFileSync(path('plan'), 'utf8')) as { plan: Plan };
  const plan = { ...saved.plan, steps: change(saved.plan) };
  writeFileSync(path('plan'), `${JSON.stringify({ ...saved, plan })}\n`);
  const flags = { format: 'text', yes: true, allowDestroy: [], prefer: [], repair: true } as const;
  await applyCommand(path('plan'), flags, session);
  expect(process.exitCode).toBe(4);
  expect(err + out).toContain('the saved plan no longer fits the cluster');
  for (const node of NODES) expect(cluster.node(node).store.volumes.has(volumeName('gone'))).toBe(true);
});
