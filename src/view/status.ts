/** From a view to what `status` shows. Pure. */
import type { NodeName } from '../model/names.ts';
import type { DaemonState, NodeFacts } from '../model/observed.ts';
import { isOnline, isUnfilled, type LocalBrick, locate, pendingHeals } from './brick.ts';
import { isDrained } from './drained.ts';
import type { Desired } from '../model/desired.ts';
import type { Moved } from '../model/node-link.ts';
import type { Finding } from '../model/plan.ts';
import { layoutWords } from '../model/layout.ts';
import type { BrickStatus, ClusterStatus, NodeStatus, VolumeStatusLine } from '../model/status.ts';
import { taskStatus } from './task-status.ts';
import { brickProcesses, stateOf, type View, type VolumeView, volumeOfSubject } from './view.ts';

/** `moved`: of volumes whose files are on their way, what nodes say of it. */
export function statusOf(
  desired: Desired,
  view: View,
  findings: readonly Finding[],
  moved: ReadonlyMap<string, readonly Moved[]> = new Map(),
): ClusterStatus {
  const named = new Set<string>(desired.volumes.map((v) => v.name));
  const missing = desired.volumes.filter((v) => v.state !== 'absent' && !view.volumes.has(v.name));
  return {
    cluster: desired.cluster,
    nodes: desired.nodes
      .filter((n) => n.isAbsent !== true || isSeen(n.name, view))
      .map(({ name, address }) => nodeStatus(name, address, view, findings)),
    volumes: [
      ...[...view.volumes.values()].map((v) =>
        volumeStatus(v, view, { findings, moved, managed: named.has(v.name) }),
      ),
      ...missing.map((v): VolumeStatusLine => ({
        name: v.name,
        state: 'missing',
        layout: layoutWords(v.layout),
        bricks: [],
        findings: 0,
        managed: true,
      })),
    ],
    findings,
    unread: [...view.failed.values()],
  };
}

/** One that shall be absent, and is, is no part of the cluster. */
const isSeen = (name: NodeName, view: View): boolean =>
  view.facts(name) !== undefined || view.failed.has(name) || view.leftOut.has(name);

function nodeStatus(
  name: NodeStatus['name'],
  address: string,
  view: View,
  findings: readonly Finding[],
): NodeStatus {
  const facts = view.nodes.find((n) => n.node === name);
  const own = findings.filter((f) => f.nodes.some((n) => n === name) && f.severity !== 'info');
  if (facts === undefined)
    return {
      name,
      address,
      state: [...view.leftOut.keys()].some((n) => n === name) ? 'left-out' : 'unreachable',
      version: undefined,
      glusterd: '?',
      peers: '?',
      findings: own.length,
    };
  const peers = stateOf(facts)?.peers;
  return {
    name,
    address,
    state: stateOfNode(facts, own),
    version: facts.version,
    glusterd: facts.memory.kind,
    peers: peers === undefined ? '?' : peerWords(peers),
    findings: own.length,
  };
}

function stateOfNode(facts: NodeFacts, own: readonly Finding[]): NodeStatus['state'] {
  if (own.some((f) => f.severity === 'error')) return 'error';
  if (isDrained(facts)) return 'drained';
  return own.length > 0 ? 'warning' : 'ok';
}

/** One that rejects this node, or is rejected by it, has a connection and takes part in nothing. */
function peerWords(peers: DaemonState['peers']): string {
  const rejected = peers.filter((p) => p.connected && p.state === 'Peer Rejected').length;
  const connected = peers.filter((p) => p.connected).length - rejected;
  const words = `${String(connected)}/${String(peers.length)} connected`;
  return rejected === 0 ? words : `${words}, ${String(rejected)} rejected`;
}

/** A process that runs though glusterd does not know it is neither online nor offline. */
function onlineOf(local: LocalBrick, hasProcess: boolean): boolean | null {
  if (local.believed === undefined) return null;
  return isOnline(local) || (hasProcess ? null : false);
}

interface Beside {
  readonly findings: readonly Finding[];
  readonly moved: ReadonlyMap<string, readonly Moved[]>;
  readonly managed: boolean;
}

function volumeStatus(
  { name, best }: VolumeView,
  view: View,
  { findings, moved, managed }: Beside,
): VolumeStatusLine {
  const task = taskStatus(best, view, moved.get(name));
  return {
    name,
    state: best.status,
    layout: layoutWords(best.layout),
    bricks: best.bricks.map((brick): BrickStatus => {
      const node = view.ownerOf(brick);
      const located = node === undefined ? undefined : locate({ volume: name, node, path: brick.path }, view);
      const process = located === undefined ? undefined : brickProcesses(located.facts, name, brick.path)[0];
      return {
        node: node ?? brick.hostname,
        path: brick.path,
        online: located === undefined ? null : onlineOf(located, process !== undefined),
        port: process?.brick?.port ?? located?.believed?.local.port ?? null,
        pid: process?.pid ?? null,
        pendingHeals:
          located === undefined || isUnfilled(located, view) ? null : (pendingHeals(located) ?? null),
      };
    }),
    ...(task !== undefined && { task }),
    findings: findings.filter((f) => f.severity !== 'info' && volumeOfSubject(view, f.subject) === name)
      .length,
    managed,
  };
}
