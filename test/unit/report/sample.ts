/** A believable plan, run and cluster for the report tests. Owns the data only. */
import type { Event, RunResult } from '../../../src/model/event.ts';
import { nodeName } from '../../../src/model/names.ts';
import type { Finding, Plan, Step } from '../../../src/model/plan.ts';
import type { ClusterStatus } from '../../../src/model/status.ts';
import type { Terminal } from '../../../src/report/terminal.ts';

export const NODE01 = nodeName('node01');
export const NODE02 = nodeName('node02');
export const NODE03 = nodeName('node03');
export const NODES = [NODE01, NODE02, NODE03];

/**
 * What a broken or malicious node might answer: clears the screen, fakes a line, turns the direction of
 * writing.
 */
export const HOSTILE = 'x\u001b[2J\u001b]0;owned\u0007\r\nerror: fake\u202egnp.exe\u009b31m';

export const warning: Finding = {
  code: 'brick-port-mismatch',
  severity: 'warning',
  subject: 'brick/node02:/usr1/data1',
  nodes: [NODE02],
  message: 'glusterd on node02 believes port 49152, the brick listens on 49153.',
  evidence: ['node02 memory: port 49152', 'node02 process 812: --brick-port 49153'],
  remedy: 'The brick is restarted on the port that glusterd believes.',
};

export const error: Finding = {
  code: 'volume-missing-on-node',
  severity: 'error',
  subject: 'volume/mode',
  nodes: [NODE03],
  message: 'Volume mode is missing on node03; two nodes have it at version 4.',
  evidence: [
    'node01: /var/lib/glusterd/vols/mode/info: version=4',
    'node02: /var/lib/glusterd/vols/mode/info: version=4',
    'node03: /var/lib/glusterd/vols/mode: no such directory',
  ],
  remedy: 'Step 1 restores it from node01.',
};

const step = (more: Partial<Step> & Pick<Step, 'id' | 'action' | 'summary'>): Step => ({
  args: { password: 'hunter2' },
  subject: 'volume/mode',
  nodes: [NODE01],
  risk: 'safe',
  reason: 'the file asks for it',
  undo: null,
  after: [],
  ...more,
});

export const plan: Plan = {
  formatVersion: 1,
  cluster: 'mode',
  changes: true,
  findings: [warning, error],
  steps: [
    step({
      id: 'store-restore:mode',
      action: 'store-restore',
      summary: 'restore volume mode on node03 from node01',
      nodes: [NODE03],
      risk: 'disruptive',
      reason: 'volume-missing-on-node',
    }),
    step({
      id: 'volume-set:mode:network.ping-timeout',
      action: 'volume-set',
      summary: 'set network.ping-timeout=20 on volume mode',
      nodes: NODES,
      undo: 'set network.ping-timeout back to 42',
      after: ['store-restore:mode'],
    }),
    step({
      id: 'volume-delete:old',
      action: 'volume-delete',
      subject: 'volume/old',
      summary: 'delete volume old; the data of its bricks stays',
      risk: 'destructive',
      destroys: ['volume/old'],
      reason: 'state: absent',
      undo: 'put the before-image back',
    }),
  ],
  diffs: [
    {
      subject: 'volume/mode',
      before: 'state: started\nreplica: 3\noptions:\n  network.ping-timeout: 42\n',
      after: 'state: started\nreplica: 3\noptions:\n  network.ping-timeout: 20',
    },
    { subject: 'volume/old', before: 'state: stopped\nbricks:\n  - node01:/usr1/old', after: '' },
  ],
  basis: { node01: { secret: 'value' } },
};

export const emptyPlan: Plan = { ...plan, changes: false, findings: [], steps: [], diffs: [] };

export const hostilePlan: Plan = {
  ...plan,
  cluster: HOSTILE,
  findings: [
    { ...error, code: HOSTILE, subject: HOSTILE, message: HOSTILE, evidence: [HOSTILE], remedy: HOSTILE },
  ],
  steps: [
    step({
      id: HOSTILE,
      action: HOSTILE,
      summary: HOSTILE,
      subject: HOSTILE,
      reason: HOSTILE,
      undo: HOSTILE,
    }),
  ],
  diffs: [{ subject: HOSTILE, before: '', after: `${HOSTILE}\n\`\`\`\n</details><script>` }],
};

const stepEvent = (
  status: 'started' | 'done' | 'failed' | 'unknown',
  more: Partial<Extract<Event, { type: 'step' }>> = {},
): Event => ({
  type: 'step',
  phase: 'commit',
  id: 'volume-create:mode',
  action: 'volume-create',
  subject: 'volume/mode',
  nodes: [NODE01],
  summary: 'create volume mode, replica 3',
  status,
  ...more,
});

/** A run that fails in commit and is rolled back. */
export const failingRun: readonly Event[] = [
  { type: 'phase', phase: 'observe', status: 'started' },
  ...NODES.map((node): Event => ({ type: 'node', phase: 'observe', node, status: 'started' })),
  ...NODES.map((node): Event => ({ type: 'node', phase: 'observe', node, status: 'done' })),
  { type: 'phase', phase: 'observe', status: 'done' },
  { type: 'notice', level: 'warning', message: `node03: ${HOSTILE}` },
  { type: 'phase', phase: 'commit', status: 'started' },
  stepEvent('started'),
  stepEvent('done'),
  stepEvent('started', { id: 'volume-start:mode', action: 'volume-start', summary: 'start volume mode' }),
  { type: 'node', phase: 'commit', node: NODE02, status: 'started', detail: 'waiting for brick /usr1/data1' },
  stepEvent('failed', {
    id: 'volume-start:mode',
    action: 'volume-start',
    summary: 'start volume mode',
    message: 'Commit failed on node03',
  }),
  { type: 'phase', phase: 'commit', status: 'failed' },
  { type: 'phase', phase: 'rollback', status: 'started' },
  stepEvent('unknown', { phase: 'rollback', summary: 'delete volume mode', nodes: NODES }),
  { type: 'node', phase: 'rollback', node: NODE03, status: 'failed', detail: 'glusterd does not answer' },
  { type: 'phase', phase: 'rollback', status: 'failed' },
];

/** How that run ends. */
export const failedResult: RunResult = {
  outcome: 'rollback-incomplete',
  transaction: '20261123T120311-4f2a',
  failures: [
    {
      code: 'commit-failed',
      title: 'volume mode was not started',
      cause: 'Commit failed on node03',
      fix: 'glusterctl recover FILE',
      node: 'node03',
      details: ['glusterd.log: unable to store'],
    },
  ],
  owed: [
    {
      node: NODE03,
      what: 'glusterd is stopped, its store is as before',
      commands: ['systemctl start glusterd'],
    },
  ],
};

export const status: ClusterStatus = {
  cluster: 'mode',
  unread: [],
  nodes: [
    {
      name: 'node01',
      address: '192.0.2.11',
      state: 'ok',
      version: '10.3',
      glusterd: 'up',
      peers: '2/2 connected',
      findings: 0,
    },
    {
      name: 'node02',
      address: 'a-very-long-name-for-a-storage-host.rack7.example.org',
      state: 'error',
      version: '10.3',
      glusterd: 'hung',
      peers: '1/2 connected',
      findings: 2,
    },
    {
      name: 'node03',
      address: '192.0.2.13',
      state: 'unreachable',
      version: undefined,
      glusterd: '-',
      peers: '-',
      findings: 1,
    },
  ],
  volumes: [
    {
      name: 'mode',
      state: 'started',
      layout: 'replica 3',
      size: '1.8 TiB',
      bricks: [
        { node: 'node01', path: '/usr1/data1', online: true, port: 49152, pid: 812, pendingHeals: 12 },
        {
          node: 'node02',
          path: '/usr1/data1/with/a/path/that/goes/on/and/on/and/never/seems/to/end/brick',
          online: false,
          port: null,
          pid: null,
          pendingHeals: 0,
        },
        { node: 'node03', path: '/usr1/data1', online: null, port: null, pid: null, pendingHeals: 0 },
      ],
      findings: 2,
      managed: true,
    },
    { name: 'scratch', state: 'stopped', layout: 'distribute', bricks: [], findings: 0, managed: false },
  ],
  findings: [warning, error],
};

export interface Recorded extends Terminal {
  readonly written: { out: string; err: string };
}

export function terminal(more: Partial<Terminal> = {}): Recorded {
  const written = { out: '', err: '' };
  return {
    written,
    out: (text) => void (written.out += text),
    err: (text) => void (written.err += text),
    errIsTty: false,
    outIsTty: false,
    colour: false,
    columns: 100,
    ...more,
  };
}

/** A clock that stands at three past noon, local time, and moves 100 ms each time it is read. */
export function clock(): () => Date {
  let at = new Date(2026, 10, 23, 12, 3, 11).getTime();
  return () => new Date((at += 100));
}

export const keysOf = (value: unknown): string[] =>
  typeof value === 'object' && value !== null ? Object.keys(value) : [];
