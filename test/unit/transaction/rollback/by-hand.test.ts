/**
 * What exit code 6 prints, pasted into a shell on this machine: a stand-in node below a directory, with its
 * store, its journal, its processes and its service manager.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nodeName, volumeName } from '../../../../src/model/names.ts';
import type { Before, Journal } from '../../../../src/transaction/journal.ts';
import { manualSteps } from '../../../../src/transaction/rollback/manual-steps.ts';
import type { Residue } from '../../../../src/transaction/rollback/residue.ts';
import { peerAttach } from '../../../../src/actions/peer.ts';
import { volumeCreate } from '../../../../src/actions/volume-definition.ts';
import { world } from '../../../worlds.ts';

const ID = '20261128T120000Z-00000000';
const NODE = nodeName('node01');
const OTHER = nodeName('node02');
const BRICK = "/bricks/it's one/new";
const VOLUME_ID = '11223344-5566-7788-99aa-bbccddeeff00';

/** A create on three nodes that also added one, and what it leaves. */
function before(): Before {
  const w = world();
  const view = w.view();
  const layout = { kind: 'distribute' } as const;
  const create = { volume: 'new', layout, transport: 'tcp', bricks: [{ node: 'node01', path: BRICK }] };
  const attach = peerAttach.step({ node: 'node03' }, view, { reason: '', after: [] });
  const made = volumeCreate.step(create, view, { reason: '', after: [] });
  const inverses = {
    [attach.id]: peerAttach.inverse({ node: 'node03' }, view, ID),
    [made.id]: volumeCreate.inverse(create, view, ID),
  };
  const plan = { steps: [attach, made], findings: [], diffs: [] } as unknown as Journal['plan'];
  const journal: Journal = { formatVersion: 1, plan, inverses, online: [], up: [] };
  return { transaction: ID, journal, stores: new Map(view.nodes.map((n) => [n.node, n.store])) };
}

const differs = (volume: string, node = NODE): Residue => ({
  node,
  what: `volume ${volume} on ${node} is not as it was`,
  volume: volumeName(volume),
});
const commandsFor = (residue: readonly Residue[], node = NODE): readonly string[] =>
  manualSteps(residue, before()).find((s) => s.node === node)?.commands ?? [];

const SHAPES: readonly (readonly [string, readonly Residue[]])[] = [
  ['a volume that differs', [differs('data')]],
  ['a volume that must go', [differs('new')]],
  ['volumes on two nodes', [differs('data'), differs('new', OTHER)]],
  ['a process to end', [{ node: NODE, what: 'left', process: { pid: 1, startTicks: 2 } }]],
  ['a peer to detach', [{ node: NODE, what: 'other peers', isPeers: true }]],
  ['a glusterd that is down', [{ node: NODE, what: 'down', isDown: true }]],
];

describe.each(SHAPES)('%s', (_name, residue) => {
  test('is printed as shell, with a block for every node that has a journal', () => {
    const steps = manualSteps(residue, before());
    expect(steps.map((s) => s.node)).toEqual([...before().stores.keys()]);
    for (const { commands } of steps) {
      const { status, stderr } = spawnSync('sh', ['-n'], { input: commands.join('\n'), encoding: 'utf8' });
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(commands.join('\n')).toContain('rolled-back');
    }
  });
});

test('what nobody can do by hand is left to recover, and nothing is printed to close a journal', () => {
  const steps = manualSteps([{ node: NODE, what: 'could not be read' }], before());
  expect(steps).toEqual([
    { node: NODE, what: 'could not be read', commands: ['# "glusterctl recover FILE" does what is left'] },
  ]);
});

describe('on a stand-in node', () => {
  let dir: string;
  let running: ChildProcess[];
  /** No other test's stand-in has it. */
  let daemon: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'by-hand-'));
    daemon = `gd-${dir.slice(-6)}`;
    running = [];
  });
  afterEach(() => {
    for (const child of running) child.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true });
  });

  const at = (path: string): string => join(dir, path);
  function write(path: string, text: string): void {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), text);
  }
  const read = (path: string): string => (existsSync(at(path)) ? readFileSync(at(path), 'utf8') : 'none');
  function program(path: string, text: string): void {
    write(path, `#!/bin/sh\n${text}\n`);
    chmodSync(at(path), 0o755);
  }
  const said = (): readonly string[] =>
    read('log')
      .split('\n')
      .filter((l) => l !== '');

  /** A process of that name, and of these arguments behind it. */
  async function started(name: string, ...words: readonly string[]): Promise<ChildProcess> {
    if (!existsSync(at(name))) copyFileSync('/bin/sh', at(name));
    const child = spawn(at(name), ['-c', 'sleep 600 & wait', ...words], { stdio: 'ignore' });
    running.push(child);
    await new Promise((resolve) => child.once('spawn', resolve));
    return child;
  }
  const hasEnded = (child: ChildProcess): Promise<unknown> =>
    child.exitCode !== null || child.signalCode !== null
      ? Promise.resolve(true)
      : new Promise((resolve) => child.once('exit', resolve));

  /** A store with two volumes, of which `new` came since, and its before-image. */
  function store(): void {
    const files = 'run/glusterctl/ var/lib/glusterd/peers/'.split(' ');
    for (const path of files) mkdirSync(at(path), { recursive: true });
    write('var/lib/glusterd/vols/data/info', 'status=1\n');
    write('var/lib/glusterd/vols/data/bricks/node01:-bricks-d1-data', 'listen-port=49152\nhostname=node01\n');
    write('var/lib/glusterd/vols/data/bricks/node02:-bricks-d1-data', 'listen-port=0\nhostname=node02\n');
    const journal = `var/lib/glusterctl/transactions/${ID}`;
    write(`${journal}/state`, 'owed\n');
    spawnSync('tar', ['-cf', at(`${journal}/before.tar`), '-C', at('var/lib/glusterd'), '.']);
    write('var/lib/glusterd/vols/data/info', 'status=2\n');
    write('var/lib/glusterd/vols/data/added', 'since\n');
    write('var/lib/glusterd/vols/new/info', 'status=0\n');
  }
  const systemd = (state = 'exited'): void => {
    write('run/systemd/system/glusterd.service.d/admin.conf', '[Service]\nNice=5\n');
    const drop = at('run/systemd/system/glusterd.service.d/50-glusterctl.conf');
    program(
      'bin/systemctl',
      `echo "systemctl $*" >>${at('log')}
case "$*" in
  *KillMode*) if [ -f ${drop} ]; then echo KillMode=process; else echo KillMode=control-group; fi ;;
  *SubState*) echo SubState=${state} ;;
esac`,
    );
  };

  function paste(
    commands: readonly string[],
    shell = 'sh',
  ): { readonly code: number | null; readonly err: string } {
    const text = commands
      .join('\n')
      .replaceAll(/(?<![\w.])\/(var\/lib|run|etc\/init\.d|bricks)\//g, `${dir}/$1/`)
      .replaceAll('= glusterd ]', `= ${daemon} ]`)
      .replaceAll('= glusterfsd ]', `= ${daemon}b ]`)
      .replaceAll('sleep 10', 'sleep 0');
    program('bin/gluster', `echo "gluster $*" >>${at('log')}`);
    const PATH = `${at('bin')}:${process.env['PATH'] ?? ''}`;
    const { status, stderr } = spawnSync(shell, [], { input: text, encoding: 'utf8', env: { PATH } });
    return { code: status, err: stderr };
  }

  test('volumes are as before, running bricks keep their ports, and only our own drop-in goes', async () => {
    store();
    systemd();
    const glusterd = await started(daemon);
    const brick = ['-s', 'node01', '--brick-name', '/bricks/d1/data', '--brick-port', '49160'];
    await started(`${daemon}b`, ...brick);
    const commands = commandsFor([differs('data'), differs('new')]);
    for (const again of [1, 2]) {
      expect(paste(commands), `time ${String(again)}`).toEqual({ code: 0, err: '' });
      expect(read('var/lib/glusterd/vols/data/info')).toBe('status=1\n');
      expect(existsSync(at('var/lib/glusterd/vols/data/added'))).toBe(false);
      expect(existsSync(at('var/lib/glusterd/vols/new'))).toBe(false);
      const ports = ['node01', 'node02'].map((n) =>
        read(`var/lib/glusterd/vols/data/bricks/${n}:-bricks-d1-data`),
      );
      expect(ports.join()).toMatch(/^listen-port=49160\nhostname=node01\n,listen-port=0\n/);
      expect(readdirSync(at('run/systemd/system/glusterd.service.d'))).toEqual(['admin.conf']);
      expect(read(`var/lib/glusterctl/transactions/${ID}/state`)).toBe('rolled-back\n');
    }
    await hasEnded(glusterd);
    expect(said().filter((l) => /restart|start/.test(l))).toContain(
      'systemctl restart --job-mode=ignore-dependencies glusterd',
    );
  });

  test('pasted whole, glusterd is not started before a person says that the others are as far', async () => {
    store();
    systemd();
    await started(daemon);
    const commands = commandsFor([differs('data'), differs('data', OTHER)]);
    const state = (): string => read(`var/lib/glusterctl/transactions/${ID}/state`);
    const { code, err } = paste(commands);
    expect([code, said().filter((l) => / (re)?start /.test(l)), state()]).toEqual([1, [], 'owed\n']);
    expect(read('var/lib/glusterd/vols/data/info')).toBe('status=1\n');
    const [, line = ''] = /type (done_on=\S+) and paste this again/.exec(err) ?? [];
    expect(line).toBe("done_on='node02'");
    expect(paste([line, ...commands])).toEqual({ code: 0, err: '' });
    expect(said().filter((l) => / (re)?start /.test(l))).toHaveLength(1);
    expect(state()).toBe('rolled-back\n');
  });

  test('nothing is stopped or started where the image is damaged, or bricks would die', async () => {
    store();
    systemd();
    const glusterd = await started(daemon);
    const stays = (): void => {
      expect(glusterd.exitCode ?? glusterd.signalCode).toBe(null);
      expect(read('var/lib/glusterd/vols/data/info')).toBe('status=2\n');
      expect(said().filter((l) => / (re)?start /.test(l))).toEqual([]);
      expect(read(`var/lib/glusterctl/transactions/${ID}/state`)).toBe('owed\n');
    };
    const image = at(`var/lib/glusterctl/transactions/${ID}/before.tar`);
    const whole = readFileSync(image);
    writeFileSync(image, whole.subarray(0, 700));
    expect(paste(commandsFor([differs('data')])).code).not.toBe(0);
    stays();
    writeFileSync(image, whole);
    program('bin/systemctl', `echo "systemctl $*" >>${at('log')}; echo KillMode=control-group`);
    expect(paste(commandsFor([differs('data')])).err).toContain('the stop would kill the bricks');
    stays();
  });

  test.each(['etc/init.d/glusterd', 'etc/init.d/glusterfs-server', 'bin/glusterd'])(
    'without systemd glusterd is started by %s',
    async (path) => {
      store();
      program(path, `echo "${path} $*" >>${at('log')}`);
      await started(daemon);
      expect(paste(commandsFor([differs('data')]))).toEqual({ code: 0, err: '' });
      expect(said().some((l) => l.startsWith(path))).toBe(true);
    },
  );

  test('a glusterd that is down is started, as a unit that is not active', async () => {
    store();
    systemd('dead');
    expect(paste(commandsFor([{ node: NODE, what: 'down', isDown: true }]))).toEqual({ code: 0, err: '' });
    expect(said().filter((l) => / (re)?start /.test(l))).toEqual(['systemctl start glusterd']);
    expect(said().filter((l) => l.startsWith('gluster '))).not.toEqual([]);
    expect(read(`var/lib/glusterctl/transactions/${ID}/state`)).toBe('rolled-back\n');
  });

  test.each<readonly [string, () => void, boolean]>([
    ['an empty brick', () => undefined, true],
    [
      'a brick with nothing but gluster’s own',
      () => {
        write(`${BRICK}/.glusterfs/00/health`, '');
      },
      true,
    ],
    [
      'no brick that holds a file',
      () => {
        write(`${BRICK}/file`, 'mine');
      },
      false,
    ],
    [
      'no brick that cannot be read',
      () => {
        program('bin/find', 'exit 1');
      },
      false,
    ],
    [
      'no brick of a volume',
      () => {
        write('var/lib/glusterd/vols/n/info', `volume-id=${VOLUME_ID}\n`);
      },
      false,
    ],
    [
      'no brick without a volume-id',
      () => {
        program('bin/getfattr', 'exit 0');
      },
      false,
    ],
  ])("gluster's marks are taken off %s", (_name, change, isCleared) => {
    store();
    const marked = `trusted.glusterfs.volume-id=0x${VOLUME_ID.replaceAll('-', '')}`;
    program('bin/getfattr', `printf '# file: x\\n%s\\n\\n' ${marked}`);
    program('bin/setfattr', `echo "setfattr $*" >>${at('log')}`);
    mkdirSync(at(BRICK), { recursive: true });
    change();
    const commands = commandsFor([differs('new')]);
    const [from, to] = ['# when glusterd runs on', '# when all nodes are'].map((words) =>
      commands.findIndex((line) => line.startsWith(words)),
    );
    // The commands before these have ended well.
    write(`var/lib/glusterctl/transactions/${ID}/by-hand.2`, '');
    expect(paste(commands.slice(from, to))).toEqual({ code: 0, err: '' });
    const mark = (name: string): string => `setfattr -x trusted.${name} ${at(BRICK)}`;
    const marks = isCleared ? [mark('glusterfs.volume-id'), mark('gfid')] : [];
    expect(said().filter((l) => l.startsWith('setfattr'))).toEqual(marks);
  });

  test('exactly the process that was seen is ended', async () => {
    store();
    const [one, two] = [await started('x'), await started('x')];
    const ticks = (child: ChildProcess): number =>
      Number(readFileSync(`/proc/${String(child.pid)}/stat`, 'utf8').split(' ')[21]);
    const left = (child: ChildProcess, startTicks: number): Residue => ({
      node: NODE,
      what: 'left',
      process: { pid: child.pid ?? 0, startTicks },
    });
    expect(paste(commandsFor([left(one, ticks(one)), left(two, ticks(two) + 1)])).code).toBe(0);
    await hasEnded(one);
    expect(two.exitCode ?? two.signalCode).toBe(null);
  });

  test('a peer is detached where the node lists it, and nowhere else', () => {
    store();
    const residue: readonly Residue[] = [{ node: NODE, what: 'has other peers', isPeers: true }];
    expect(paste(commandsFor(residue)).code).toBe(0);
    expect(said().filter((l) => l.includes('detach'))).toEqual([]);
    write('var/lib/glusterd/peers/1', 'uuid=1\nstate=3\nhostname1=node03\n');
    expect(paste(commandsFor(residue)).code).toBe(0);
    expect(said().filter((l) => l.includes('detach'))).toEqual(['gluster --mode=script peer detach node03']);
  });
});
