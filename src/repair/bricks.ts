/**
 * Repairs of bricks and their processes. Owns which process may be ended; a brick is restarted only where
 * nothing gentler mends it.
 */
import type { Intent } from '../actions/action.ts';
import { brickClean } from '../actions/brick-clean.ts';
import { volumePortsStore } from '../actions/volume-ports-store.ts';
import { brickSocket, brickStart, brickStartForce, whyNotLaunched } from '../actions/brick-start.ts';
import { brickRestart, pidfileRemove, processEnd } from '../actions/process.ts';
import { selfHealStart } from '../actions/self-heal-start.ts';
import {
  type BrickArgs,
  brickStartProblems,
  forceProblems,
  isOnline,
  type LocalBrick,
  locate,
  servingProcesses,
  siblingProblems,
  siblingsOf,
  trustedBricks,
  unrelatedPidFile,
} from '../view/brick.ts';
import { unhealed } from '../findings/self-heal-daemon-offline.ts';
import { nodeName } from '../model/names.ts';
import type { GlusterProcess, NodeFacts } from '../model/observed.ts';
import type { Finding } from '../model/plan.ts';
import { pidFilePath, stateOf, type View } from '../view/view.ts';
import { oneIsACopy, rivalOf } from './choose.ts';
import type { Remedy, RepairContext } from './remedy.ts';

const step = (stage: 'before' | 'after', intent: Intent, reason: string): Remedy => ({
  kind: 'step',
  stage,
  intent,
  reason,
});

const brickOf = (finding: Finding, view: View): LocalBrick | undefined =>
  trustedBricks(view).find((b) => b.subject === finding.subject);

/** The way to start it that glusterd will recognise; none where its check_brick is not fit. */
function startStep(local: LocalBrick, view: View, reason: string): readonly Remedy[] {
  const rival = rivalOf(view, local.volume);
  if (rival !== undefined)
    return [
      { kind: 'question', subject: local.subject, question: oneIsACopy(local.volume.name, rival), flags: [] },
    ];
  const args: BrickArgs = { volume: local.volume.name, node: local.facts.node, path: local.brick.path };
  const located = locate(args, view);
  if (located === undefined || brickStartProblems(located).length > 0) return [];
  const action = whyNotLaunched(located) === undefined ? brickStart : brickStartForce;
  if (action === brickStartForce && forceProblems(args.volume, view).length > 0) return [];
  return [step('after', action.intent(args), reason)];
}

export const offlineBrick = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const local = brickOf(finding, view);
  return local === undefined ? [] : startStep(local, view, finding.message);
};

export const stalePidFile = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const local = brickOf(finding, view);
  const file = local === undefined ? undefined : unrelatedPidFile(local);
  if (local === undefined || file?.pid === undefined) return [];
  const { facts, brick } = local;
  const args = { node: facts.node, file: file.path, pid: file.pid, path: brick.path };
  const start = local.volume.status === 'started' && servingProcesses(local).length === 0;
  return [
    step('before', pidfileRemove.intent(args), finding.message),
    ...(start ? startStep(local, view, finding.message) : []),
  ];
};

/**
 * A glusterd that holds the right port writes it; else it is written to the store while glusterd is stopped,
 * which believes it when it starts. The brick itself is not disturbed.
 */
export const portMismatch = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const local = brickOf(finding, view);
  const args = { volume: local?.volume.name ?? '' };
  if (volumePortsStore.calls(args, view).length > 0)
    return [step('after', volumePortsStore.intent(args), finding.message)];
  const port = local === undefined ? undefined : servingProcesses(local)[0]?.ports[0];
  if (local === undefined || port === undefined) return [];
  const { facts, volume, brick } = local;
  const edit = { kind: 'set-port', volume: volume.name, brickFile: brick.file, port } as const;
  return [{ kind: 'edit', node: facts.node, edit, reason: finding.message }];
};

/** By file name: the directory has two names, /run and /var/run. */
const isReachable = (process: GlusterProcess, { volume, brick }: LocalBrick): boolean =>
  fileName(process.argv[process.argv.indexOf('-S') + 1] ?? '') === fileName(brickSocket(volume.name, brick));

const fileName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/**
 * Clients lose the brick for a moment: one of its set at a time, the first in order, and each next one when
 * the heals of the one before are over.
 */
function inTurn(
  local: LocalBrick,
  all: readonly LocalBrick[],
  view: View,
  remedies: () => readonly Remedy[],
): readonly Remedy[] {
  const set = new Set(siblingsOf(local, view).map((s) => `brick/${s.facts.node}:${s.brick.path}`));
  const first = all.find(
    (b) => b.volume.name === local.volume.name && (b.subject === local.subject || set.has(b.subject)),
  );
  const located = locate({ volume: local.volume.name, node: local.facts.node, path: local.brick.path }, view);
  const problems = located === undefined ? [] : siblingProblems(located, view);
  if (problems.length > 0) return [{ kind: 'wait', subject: local.subject, what: problems.join('; ') }];
  if (first?.subject !== local.subject)
    return [{ kind: 'wait', subject: local.subject, what: `${first?.subject ?? ''} comes first` }];
  return remedies();
}

const unreachable = (view: View): readonly LocalBrick[] =>
  trustedBricks(view).filter(
    (b) => b.believed?.local.status !== 'Started' && servingProcesses(b).some((p) => !isReachable(p, b)),
  );

/**
 * "start force" adopts a brick that runs where glusterd looks for it; else its port is mended like any wrong
 * one.
 */
export const notAdopted = (finding: Finding, context: RepairContext): readonly Remedy[] => {
  const local = brickOf(finding, context.view);
  const located =
    local === undefined
      ? undefined
      : locate({ volume: local.volume.name, node: local.facts.node, path: local.brick.path }, context.view);
  if (local === undefined || located === undefined) return [];
  const args = { volume: local.volume.name, node: local.facts.node, path: local.brick.path };
  if (servingProcesses(local).some((p) => !isReachable(p, local)))
    return inTurn(local, unreachable(context.view), context.view, () => [
      step('after', brickRestart.intent(args), finding.message),
    ]);
  const believed = located.believed?.local.port ?? 0;
  const listens = servingProcesses(local)[0]?.ports.includes(believed) === true;
  return listens ? startStep(local, context.view, finding.message) : portMismatch(finding, context);
};

const endOf = (facts: NodeFacts, pid: number, path: string, reason: string): readonly Remedy[] => {
  const process = facts.processes.find((p) => p.pid === pid);
  if (process === undefined) return [];
  return [
    step(
      'before',
      processEnd.intent({ node: facts.node, pid, startTicks: process.startTicks, path }),
      reason,
    ),
  ];
};

/**
 * Only of a volume whose definition says that it must not run; a process of a volume that no node knows may
 * be serving a client.
 */
export const orphanedProcess = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  if (finding.severity !== 'error') return [];
  const match = /^brick\/([^:]+):(.*)$/s.exec(finding.subject);
  const facts = view.facts(nodeName(match?.[1] ?? ''));
  const path = match?.[2];
  if (facts === undefined || path === undefined) return [];
  return facts.processes
    .filter((p) => p.brick?.path === path && p.state !== 'Z')
    .flatMap((p) => endOf(facts, p.pid, path, finding.message));
};

/**
 * The one that glusterd believes in stays: by the pid file, else by its port; else the older. When the other
 * goes, glusterd strikes the brick off its port map, and only a glusterd that starts anew lists the one that
 * stayed. Clients lose the brick for a moment: one brick of a volume at a time, and none while another still
 * waits for heals.
 */
export const duplicateProcess = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const local = brickOf(finding, view);
  if (local === undefined) return [];
  const { facts, volume, brick } = local;
  const twice = trustedBricks(view).filter((b) => servingProcesses(b).length > 1);
  const serving = [...servingProcesses(local)].sort((x, y) => x.startTicks - y.startTicks);
  const believed = locate({ volume: volume.name, node: facts.node, path: brick.path }, view)?.believed?.local
    .port;
  const pid = facts.pidFiles.find(
    (f) => f.path === pidFilePath(volume.name, brick.hostname, brick.path),
  )?.pid;
  const kept =
    serving.find((p) => p.pid === pid) ?? serving.find((p) => p.ports.includes(believed ?? 0)) ?? serving[0];
  const port = kept?.ports[0];
  if (port === undefined) return [];
  const ends = serving
    .filter((p) => p !== kept)
    .flatMap((p) => endOf(facts, p.pid, brick.path, finding.message));
  const edit = { kind: 'set-port', volume: volume.name, brickFile: brick.file, port } as const;
  return inTurn(local, twice, view, () => [
    ...ends,
    { kind: 'edit', node: facts.node, edit, reason: finding.message },
  ]);
};

/**
 * A brick that was made, and never used, by a creation that failed: its marks go where nothing else is in it.
 */
export const leftoverMarks = (finding: Finding, { view, desired }: RepairContext): readonly Remedy[] => {
  const match = /^brick\/([^:]+):(.*)$/s.exec(finding.subject);
  const facts = view.facts(nodeName(match?.[1] ?? ''));
  const path = match?.[2];
  const at = path === undefined ? undefined : facts?.paths.get(path);
  if (facts === undefined || path === undefined || at === undefined) return [];
  const known = view.nodes.some((n) =>
    [...(stateOf(n)?.volumes.values() ?? [])].some((v) => v.id === at.volumeId),
  );
  const empty = (at.entries ?? ['?']).every(
    (e) => e === '.glusterfs' || e === '.trashcan' || e.startsWith('.glusterfs-anonymous-inode-'),
  );
  if (known || !empty) return [];
  const volume =
    desired.volumes.find((v) => v.bricks.some((b) => b.node === facts.node && b.path === path))?.name ?? '';
  return [
    step(
      'after',
      brickClean.intent({ node: facts.node, path, volume, existedBefore: true }),
      finding.message,
    ),
  ];
};

/** Where a brick needs something itself, that comes first, and what starts it by force starts this too. */
export const selfHealDaemon = (finding: Finding, { view }: RepairContext): readonly Remedy[] => {
  const offline = finding.nodes.flatMap((node) => {
    const facts = view.facts(node);
    return facts === undefined ? [] : unhealed(view, facts).map((v) => v.name);
  });
  const isServed = (b: LocalBrick): boolean => {
    const located = locate({ volume: b.volume.name, node: b.facts.node, path: b.brick.path }, view);
    return located !== undefined && isOnline(located);
  };
  return offline
    .filter((name) => forceProblems(name, view).length === 0)
    .filter((name) => trustedBricks(view).every((b) => b.volume.name !== name || isServed(b)))
    .map((volume) => step('after', selfHealStart.intent({ volume }), finding.message));
};
