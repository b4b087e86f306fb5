/**
 * Signals and a terminal that goes away, on a process and a terminal of their own: what is rolled back, what
 * is said, and the exit code. Needs python3 for the terminal.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SECOND_AFTER_MS, secondSignal, type StopSignal } from '../../../src/cli/stop-signals.ts';

const ROOT = join(import.meta.dirname, '../../..');
const hasPython = spawnSync('python3', ['-c', 'import pty']).status === 0;
const CLUSTER = `cluster: sim
nodes: { node01: { address: 10.0.0.11 }, node02: { address: 10.0.0.12 }, node03: { address: 10.0.0.13 } }
volumes:
  old:
    replica: 3
    bricks: [node01:/bricks/d1/old, node02:/bricks/d1/old, node03:/bricks/d1/old]
    options: { network.ping-timeout: 21 }
`;

type Step = readonly (string | number)[];

describe.skipIf(!hasPython)('a run on a terminal', () => {
  let dir: string;
  let program: string;
  beforeAll(async () => {
    // Below the project, so that libraries are found. One file starts faster than its sources.
    program = join(ROOT, 'node_modules/.cache/simulated-glusterctl.mjs');
    const entryPoints = [new URL('./simulated-glusterctl.ts', import.meta.url).pathname];
    const [platform, format, packages] = ['node', 'esm', 'external'] as const;
    await build({
      entryPoints,
      outfile: program,
      bundle: true,
      platform,
      format,
      packages,
      target: 'node20',
    });
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'glusterctl-pty-'));
    writeFileSync(join(dir, 'cluster.yaml'), CLUSTER);
  });
  afterEach(() => {
    rmSync(dir, { recursive: true, force: true });
  });

  interface Played {
    readonly status: number;
    readonly output: string;
    /** What the cluster was when the process ended. */
    readonly isAsBefore: boolean;
  }

  async function play(flags: string, story: readonly Step[]): Promise<Played> {
    const words = `exec ${process.execPath} ${program} apply ${join(dir, 'cluster.yaml')} ${flags}`;
    const script = join(import.meta.dirname, 'on-terminal.py');
    const python = spawn('python3', [script, JSON.stringify(story), 'sh', '-c', words], {
      cwd: ROOT,
      env: { ...process.env, SIM_DIR: dir, TERM: 'xterm' },
    });
    let said = '';
    let wrong = '';
    python.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    python.stderr.on('data', (chunk: Buffer) => (wrong += chunk.toString()));
    const code = await new Promise((resolve) => python.once('close', resolve));
    expect(code, wrong).toBe(0);
    const played = JSON.parse(said) as Omit<Played, 'isAsBefore'>;
    return { ...played, isAsBefore: readFileSync(join(dir, 'report'), 'utf8') === 'as before' };
  }
  const reached = (): Step => ['file', join(dir, 'reached')];
  const heard = (): Step => ['file', join(dir, 'heard')];
  const go = (): Step => ['touch', join(dir, 'go')];
  const results = (): readonly Record<string, unknown>[] =>
    readFileSync(join(dir, 'out'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
      .filter((event) => event['type'] === 'result');

  const GONE: Readonly<Record<string, readonly Step[]>> = {
    'a terminal that is closed': [['close']],
    'a terminal that is closed, with two hang-ups': [['signal', 'SIGHUP'], ['signal', 'SIGHUP'], ['close']],
    'one hang-up after another': [['signal', 'SIGHUP'], ['pause', 1.2], ['signal', 'SIGHUP'], ['close']],
    'two signals within an instant': [
      ['signal', 'SIGINT'],
      ['signal', 'SIGTERM'],
    ],
  };
  it.each(Object.keys(GONE))('%s in the middle of a commit is one interrupt: rolled back', async (name) => {
    const { status, isAsBefore } = await play('--yes', [reached(), ...(GONE[name] ?? []), heard(), go()]);
    expect({ status, isAsBefore }).toEqual({ status: 130, isAsBefore: true });
  });

  it('a second signal in earnest ends it: exit code 6, and the result says so', async () => {
    const signals: Step[] = [
      ['signal', 'SIGINT'],
      ['pause', 1.2],
      ['signal', 'SIGTERM'],
    ];
    const { status } = await play(`--yes --json >${join(dir, 'out')}`, [reached(), ...signals]);
    expect(status).toBe(6);
    expect(results()).toMatchObject([
      { outcome: 'rollback-incomplete', exitCode: 6, failures: [{ code: 'interrupted' }] },
    ]);
    expect(results()[0]?.['transaction']).toMatch(/^\d{8}T\d{6}Z-/);
  });

  it('a second signal after a repair lists the repair', async () => {
    writeFileSync(join(dir, 'broken'), '');
    const signals: Step[] = [
      ['signal', 'SIGINT'],
      ['pause', 1.2],
      ['signal', 'SIGTERM'],
    ];
    await play(`--yes --json >${join(dir, 'out')}`, [reached(), ...signals]);
    const [result] = results();
    expect(result).toMatchObject({ exitCode: 6, changed: [{ what: 'repairs, pass 1' }] });
    const changed = result?.['changed'] as readonly { readonly transaction: string }[];
    expect(changed[0]?.transaction).not.toBe(result?.['transaction']);
  });

  it('a first signal is answered while its step still runs', async () => {
    const said: Step = ['text', 'stopping after this step, then rolling back; Ctrl-C again stops waiting'];
    const { status, isAsBefore } = await play('--yes', [reached(), ['signal', 'SIGINT'], said, go()]);
    expect({ status, isAsBefore }).toEqual({ status: 130, isAsBefore: true });
  });

  it('signals before anything was begun are 130', async () => {
    const signals: Step[] = [
      ['signal', 'SIGINT'],
      ['signal', 'SIGINT'],
    ];
    const { status, isAsBefore, output } = await play('', [['text', 'Type "yes"'], ...signals]);
    expect({ status, isAsBefore }).toEqual({ status: 130, isAsBefore: true });
    expect(output).toContain('Interrupted');
  });

  const AT_THE_QUESTION: readonly (readonly [what: string, typed: string, code: number])[] = [
    ['no', 'no\n', 8],
    ['Ctrl-C', '\u0003', 130],
    ['Ctrl-D', '\u0004', 8],
  ];
  it.each(AT_THE_QUESTION)('%s at the question changes nothing: %j', async (_what, typed, code) => {
    const { status, isAsBefore } = await play('', [
      ['text', 'Type "yes"'],
      ['send', typed],
    ]);
    expect({ status, isAsBefore }).toEqual({ status: code, isAsBefore: true });
    expect(existsSync(join(dir, 'reached'))).toBe(false);
  });

  it('a terminal that is closed at the question changes nothing', async () => {
    const { status, isAsBefore } = await play('', [['text', 'Type "yes"'], ['close']]);
    expect(isAsBefore).toBe(true);
    // Which of the two is heard first, the hang-up or the end of the input, is chance.
    expect([8, 130]).toContain(status);
  });

  it('a terminal without a size is one of 80 columns', async () => {
    const { status, output } = await play('--yes', [reached(), ['pause', 0.5], go()]);
    expect(status).toBe(0);
    expect(output).toContain('set network.ping-timeout=21 on volume old');
    const lines = output.split(/\r?\n/).map((line) => line.replaceAll(/\u001b\[[\d;?]*[A-Za-z]/g, '').trim());
    expect(lines.filter((line) => line.length === 1)).toEqual([]);
  });
});

describe('a second signal', () => {
  type Arrived = readonly [name: StopSignal, atMs: number];
  const CASES: readonly (readonly [what: string, arrived: readonly Arrived[], isSecond: boolean])[] = [
    ['is not the first', [['SIGINT', 0]], false],
    [
      'is one that comes a second later',
      [
        ['SIGINT', 0],
        ['SIGINT', SECOND_AFTER_MS],
      ],
      true,
    ],
    [
      'is the SIGTERM of a runner that lost its patience',
      [
        ['SIGINT', 0],
        ['SIGTERM', 7500],
      ],
      true,
    ],
    [
      'is not one of the same instant',
      [
        ['SIGINT', 0],
        ['SIGTERM', SECOND_AFTER_MS - 1],
      ],
      false,
    ],
    [
      'is never a hang-up',
      [
        ['SIGINT', 0],
        ['SIGHUP', 60_000],
      ],
      false,
    ],
    [
      'may come after a hang-up',
      [
        ['SIGHUP', 0],
        ['SIGTERM', SECOND_AFTER_MS],
      ],
      true,
    ],
    [
      'may be the third',
      [
        ['SIGHUP', 0],
        ['SIGHUP', 1],
        ['SIGINT', 5000],
      ],
      true,
    ],
  ];
  it.each(CASES)('%s', (_what, arrived, expected) => {
    const isSecond = secondSignal();
    expect(arrived.map(([name, at]) => isSecond(name, at)).at(-1)).toBe(expected);
  });
});
