/**
 * A case of a finding as data: a healthy world, the damage, the finding that it must give, and what `recover`
 * would do. Owns the shape and the faults that several findings have in common.
 */
import type { LockOwner } from '../../../src/model/transaction.ts';
import type { Severity } from '../../../src/model/plan.ts';
import {
  believe,
  believeBrick,
  believePeer,
  believeVolume,
  edit,
  idOf,
  nodeUuid,
  removeTree,
  type World,
  world,
  type WorldNode,
} from '../../worlds.ts';

export interface FindingCase {
  readonly name: string;
  readonly world: () => World;
  readonly subject: string;
  readonly nodes: readonly string[];
  readonly severity?: Severity;
  /** Further findings that are faults of their own. */
  readonly also?: readonly string[];
  /** Words that must stand in the message, the evidence or the remedy. */
  readonly says?: readonly string[];
  /** Steps of the plan that `recover` makes of this world, by their summaries. */
  readonly recovery?: readonly string[];
}

export const broken = (change: (w: World) => void) => (): World => {
  const w = world();
  change(w);
  return w;
};
export const on = (name: string, change: (n: WorldNode) => void): (() => World) =>
  broken((w) => {
    change(w.node(name));
  });
export const replace =
  (from: string | RegExp, to: string) =>
  (text: string): string =>
    text.replace(from, to);

export const BRICK = '/bricks/d1/v';
export const INFO = 'vols/v/info';
export const brickFile = (n: number): string => `vols/v/bricks/node0${String(n)}:-bricks-d1-v`;
export const OLD_UUID = idOf(9, 1);

export const OWNER: LockOwner = {
  transaction: '20261123T160000Z-abc',
  user: 'ann',
  host: 'laptop',
  pid: 7,
  since: '2026-11-23T16:00:00Z',
  command: 'glusterctl apply c.yaml',
};

/** Of node `n`, which is gone: the others have noticed, unless they see it connected. */
export function leaveOut(w: World, n: number, connected = false): void {
  for (const node of w.nodes)
    if (node.uuid === nodeUuid(n)) node.leftOut = true;
    else believePeer(node, nodeUuid(n), { connected });
}
export const forget = (n: WorldNode, peer: number): void => {
  n.files.delete(`peers/${nodeUuid(peer)}`);
  believePeer(n, nodeUuid(peer), undefined);
};
export const killBrick = (n: WorldNode): void => {
  n.processes = n.processes.filter((p) => p.role !== 'brick');
  n.pidFiles = n.pidFiles.map((f) => ({ ...f, alive: false }));
  believeBrick(n, 'v', { status: 'Stopped' });
};
export const bump = (n: WorldNode, version: number): void => {
  edit(n, INFO, replace(/^version=.*$/m, `version=${String(version)}`));
};
export const setOption = (n: WorldNode, key: string, value: string): void => {
  edit(n, INFO, replace('brick-0=', `${key}=${value}\nbrick-0=`));
  believeVolume(n, 'v', (v) => ({ ...v, options: new Map([...v.options, [key, value]]) }));
};
export const removeVolume = (n: WorldNode): void => {
  removeTree(n, 'vols/v');
  believeVolume(n, 'v', () => undefined);
};
export const markAbsent = (w: World): void => {
  w.desired = { ...w.desired, volumes: w.desired.volumes.map((v) => ({ ...v, state: 'absent' })) };
};
export const wipe = (n: WorldNode): void => {
  removeTree(n, 'vols');
  removeTree(n, 'peers');
  believe(n, (s) => ({ ...s, peers: [], volumes: new Map() }));
};
export const addFile = (n: WorldNode, path: string, text: string): void => {
  n.files.set(path, text);
  n.directories.add(path.slice(0, path.lastIndexOf('/')));
};
/** The brick of node03 leaves; what its node has of that. */
export function leaving(
  w: World,
  {
    status,
    files = 0,
    skipped = 0,
  }: { readonly status: number; readonly files?: number; readonly skipped?: number },
): void {
  for (const n of w.nodes) {
    const own = n.uuid === nodeUuid(3);
    edit(n, brickFile(3), replace('decommissioned=0', 'decommissioned=1'));
    edit(
      n,
      'vols/v/node_state.info',
      () =>
        `rebalance_status=${own ? '5' : '1'}\nstatus=${own ? String(status) : '0'}\nrebalance_op=9\n` +
        `rebalance-id=${idOf(8, 1)}\nrebalanced-files=${own ? String(files) : '0'}\nfailures=0\n` +
        `skipped=${own ? String(skipped) : '0'}\n`,
    );
  }
}
/** By the file, a new machine has the name of the one that was lost. */
export function calledNew(w: World, node: string): World {
  const nodes = w.desired.nodes.map((n) => (n.name === node ? { ...n, isNewMachine: true as const } : n));
  w.desired = { ...w.desired, nodes };
  return w;
}
