/**
 * One operation of a transaction on a modelled node, with the meaning of its script in node/. Owns the checks
 * before a launch and an end.
 */
import { absurd } from '../core/invariant.ts';
import type { ProcessId } from '../model/observed.ts';
import type { BrickExpectation, BrickLaunch, NodeOp, OpOutcome, StoreExpectation } from '../model/op.ts';
import { readGlusterAnswer } from '../node/gluster.ts';
import { runBrick, VOLUME_ID } from './brick.ts';
import { checkEmptied, takeOffMarks } from './brick-marks.ts';
import { gluster } from './gluster.ts';
import { storeOp } from './journal.ts';
import { end } from './process.ts';
import { freezeGlusterd, startGlusterd, stopGlusterd } from './service.ts';
import { watchedLines } from '../view/as-read.ts';
import { type Node, pauseOn, STORE, type World } from './world.ts';

const done: OpOutcome = { kind: 'done', output: '' };
const failed = (message: string): OpOutcome => ({ kind: 'failed', message });
const SHORT_MS = 20;
const SERVICE_MS = 150;
const FREEZE_MAX_MS = 60_000;

export async function execute(world: World, node: Node, op: NodeOp): Promise<OpOutcome> {
  switch (op.kind) {
    case 'gluster':
    case 'launch-brick':
      return refusal(node, op) ?? (await ask(world, node, op));
    case 'same-glusterd':
      await pauseOn(world, node, SHORT_MS);
      return isGlusterd(node, op.glusterd) ? done : unsettled();
    case 'check-bricks':
      await pauseOn(world, node, SHORT_MS);
      return checkBricks(node, op.bricks);
    case 'spare-bricks':
      await pauseOn(world, node, SERVICE_MS);
      node.spared = true;
      return done;
    case 'freeze-glusterd':
    case 'thaw-glusterd':
      await pauseOn(world, node, SHORT_MS);
      return setFrozen(world, node, op.kind === 'freeze-glusterd');
    case 'stop-glusterd':
      await pauseOn(world, node, SERVICE_MS);
      node.spared = true;
      node.stopped = 'stopped';
      node.entrusted = op.entrusted;
      stopGlusterd(world, node, 'process');
      return done;
    case 'start-glusterd':
      await pauseOn(world, node, SERVICE_MS);
      return start(world, node);
    case 'end-process':
      await pauseOn(world, node, SHORT_MS);
      return endProcess(world, node, op);
    case 'remove-pidfile':
      await pauseOn(world, node, SHORT_MS);
      return removePidFile(node, op);
    case 'clean-brick':
    case 'vacate-brick':
    case 'unmark-brick':
      await pauseOn(world, node, SHORT_MS);
      return takeOffMarks(node, op);
    case 'check-emptied':
      await pauseOn(world, node, SHORT_MS);
      return checkEmptied(node, op);
    case 'check-store':
      await pauseOn(world, node, SHORT_MS);
      return checkStore(node, op.paths);
    case 'mark-drained':
    case 'restore-store':
    case 'edit-store':
    case 'journal-prepare':
    case 'journal-mark':
    case 'journal-prune':
      await pauseOn(world, node, SHORT_MS);
      return storeOp(world, node, op);
    default:
      return absurd(op);
  }
}

const isGlusterd = (node: Node, expected: ProcessId | undefined): boolean => {
  const process = node.processes.get(node.daemon?.pid ?? -1);
  return process?.pid === expected?.pid && process?.startTicks === expected?.startTicks;
};

const unsettled = (): OpOutcome => ({
  kind: 'unsettled',
  message: 'glusterd is not the process that was seen to be settled',
});

type Asking = Extract<NodeOp, { kind: 'gluster' | 'launch-brick' }>;

async function ask(world: World, node: Node, op: Asking): Promise<OpOutcome> {
  if (op.kind === 'gluster') {
    const { code, stdout, stderr } = await gluster(world, node, op.argv, 'transaction');
    return readGlusterAnswer(code, stdout, stderr);
  }
  await pauseOn(world, node, SERVICE_MS);
  return launch(world, node, op.launch);
}

/** Why the glusterd of the node is not asked. */
function refusal(node: Node, { glusterd, expects }: Asking): OpOutcome | undefined {
  if (glusterd === undefined || !isGlusterd(node, glusterd)) return unsettled();
  if (isAsRead(node, expects)) return undefined;
  return { kind: 'changed', message: 'the volume is not as it was read' };
}

function isAsRead(node: Node, expects: StoreExpectation | undefined): boolean {
  if (expects === undefined) return true;
  const text = node.disk.read(`${STORE}/vols/${expects.volume}/info`) ?? '';
  return watchedLines(expects, text.split('\n')).join('\n') === expects.lines.join('\n');
}

function checkBricks(node: Node, bricks: readonly BrickExpectation[]): OpOutcome {
  for (const { path, mountPoint, volumeId } of bricks) {
    if (!node.disk.isDirectory(path)) return failed(`${path} is not a directory`);
    if (node.disk.mountOf(path).point !== mountPoint)
      return failed(`${path} is no longer on the file system it was on`);
    if (node.disk.entries.get(path)?.xattrs.get(VOLUME_ID) !== volumeId)
      return failed(`${path} does not carry the volume-id of its volume`);
  }
  return done;
}

/** A frozen glusterd goes on by itself after a while, in case nobody thaws it. */
function setFrozen(world: World, node: Node, frozen: boolean): OpOutcome {
  freezeGlusterd(node, frozen);
  if (frozen)
    world.clock.after(FREEZE_MAX_MS, () => {
      freezeGlusterd(node, false);
    });
  return done;
}

function endProcess(
  world: World,
  node: Node,
  { pid, startTicks, word }: Extract<NodeOp, { kind: 'end-process' }>,
): OpOutcome {
  const process = node.processes.get(pid);
  if (process?.startTicks === startTicks && process.argv.includes(word)) end(world, node, pid, 'TERM');
  return done;
}

function start(world: World, node: Node): OpOutcome {
  freezeGlusterd(node, false);
  const problem = startGlusterd(world, node);
  return problem === undefined ? done : failed(`glusterd does not start (exit 1)\n${problem}`);
}

/**
 * What access(2) refuses to root: immutable files and directories, at or below the nearest existing path.
 */
function checkStore(node: Node, paths: readonly string[]): OpOutcome {
  const refused = paths.flatMap((path) => {
    let at = `/var/lib/glusterd/${path}`;
    while (!node.disk.entries.has(at)) at = at.slice(0, at.lastIndexOf('/'));
    return [...node.disk.immutable].filter((i) => i === at || i.startsWith(`${at}/`));
  });
  return refused.length === 0 ? done : failed(refused.map((path) => `${path} cannot be written`).join('\n'));
}

function launch(
  world: World,
  node: Node,
  { brickPath, mountPoint, volumeId, pidFile, socket, program, argv }: BrickLaunch,
): OpOutcome {
  const { disk } = node;
  if (!disk.isDirectory(brickPath)) return failed(`${brickPath} is not a directory`);
  if (disk.mountOf(brickPath).point !== mountPoint)
    return failed(`${brickPath} is no longer on the file system it was on`);
  if (disk.entries.get(brickPath)?.xattrs.get(VOLUME_ID) !== volumeId)
    return failed(`${brickPath} does not carry the volume-id of its volume`);
  const serving = [...node.processes.values()].find((p) => p.role === 'brick' && p.argv.includes(brickPath));
  if (serving?.argv.includes(argv[argv.indexOf('--volfile-id') + 1] ?? '') === true) return done;
  if (serving !== undefined)
    return failed(`a process serves ${brickPath} already: pid ${String(serving.pid)}`);
  disk.remove(socket);
  disk.remove(pidFile);
  const launched = runBrick(world, node, [program, ...argv], '/user.slice');
  return launched.kind === 'up' ? done : failed(`glusterfsd ended with code ${String(launched.code)}`);
}

function removePidFile(
  node: Node,
  { path, pid, brickPath }: Extract<NodeOp, { kind: 'remove-pidfile' }>,
): OpOutcome {
  if (Number.parseInt(node.disk.read(path) ?? '', 10) !== pid) return done;
  if (node.processes.get(pid)?.argv.includes(brickPath) === true)
    return failed('the pid file is right by now');
  const error = node.disk.remove(path);
  return error === undefined ? done : failed(`rm: cannot remove '${path}': ${error}`);
}
