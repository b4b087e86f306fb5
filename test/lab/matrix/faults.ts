/** The faults of the matrix on the real node: how each is made, how it is undone, and how long it stands. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signal } from '../host.ts';
import type { LabNode } from '../lab.ts';
import type { ByHand, Change, Fault } from './cases.ts';

export type NodeFault = Exclude<
  Fault,
  | 'controller-killed'
  | 'second-controller'
  | 'terminal-closed'
  | 'node-lost'
  | 'journal-lost'
  | 'killed-in-restart'
  | ByHand
>;
type Undo = () => Promise<unknown>;

export interface FaultOnNode {
  /**
   * Its undo comes when the phase is over, when a rollback begins, or when the run has ended; at the latest
   * after the limit.
   */
  readonly until: 'phase' | 'rollback' | 'end';
  readonly limitMs: number;
  readonly make: (node: LabNode, change: Change) => Promise<Undo>;
}

const nothing: Undo = () => Promise.resolve();

/** The program that the command of this step, or an observation of the node, needs. */
const programOf = (change: Change): string =>
  change.name === 'brick-start' || change.name === 'glusterd-start'
    ? '/usr/sbin/glusterfsd'
    : '/usr/sbin/gluster';

/** Every ssh session of the node dies; what it had begun runs on. */
async function cut(node: LabNode): Promise<Undo> {
  for (const process of node.processes())
    if (/^sshd: \S+(@| \[priv\])/.test(process.argv[0] ?? '')) signal(process, 'SIGKILL');
  return nothing;
}

/** A rollback may start it at the same time, and what it cannot start is for the judgement to see. */
async function startAgain(node: LabNode): Promise<void> {
  await node.startGlusterd().catch(() => undefined);
}

const CUT: FaultOnNode = { until: 'phase', limitMs: 0, make: cut };

/** The directory that the step has to write. */
async function storeOf(node: LabNode, change: Change): Promise<string> {
  if (change.name === 'peer-attach' || change.name === 'node-detach') return '/var/lib/glusterd/peers';
  const { stdout } = await node.run(
    'ls -d /var/lib/glusterd/vols/v 2>/dev/null || echo /var/lib/glusterd/vols',
  );
  return stdout.trim();
}

export const ON_NODE: { readonly [fault in NodeFault]: FaultOnNode } = {
  'command-fails': {
    until: 'phase',
    limitMs: 4_000,
    async make(node, change) {
      const program = programOf(change);
      await node.disableProgram(program);
      return () => node.run(`umount ${program}; systemctl reset-failed glusterd; true`);
    },
  },
  'cut-before': CUT,
  'cut-after': {
    ...CUT,
    async make(node) {
      await sleep(150);
      return cut(node);
    },
  },
  'glusterd-killed': {
    until: 'phase',
    limitMs: 3_000,
    async make(node) {
      await node.killGlusterd();
      return () => startAgain(node);
    },
  },
  // Its unit starts it again after a minute; no case waits for that.
  'glusterd-crashed': {
    until: 'phase',
    limitMs: 3_000,
    async make(node) {
      await node.crashGlusterd();
      return () => startAgain(node);
    },
  },
  'glusterd-frozen': {
    until: 'phase',
    limitMs: 4_000,
    async make(node) {
      node.freezeGlusterd();
      return async () => {
        // A rollback may have ended the frozen one already.
        try {
          node.thawGlusterd();
        } catch {
          await startAgain(node);
        }
      };
    },
  },
  'disk-full': {
    until: 'rollback',
    limitMs: 15_000,
    async make(node) {
      await node.fillDisk();
      return () => node.freeDisk();
    },
  },
  'store-immutable': {
    until: 'end',
    limitMs: 15_000,
    async make(node, change) {
      const path = await storeOf(node, change);
      await node.immutable(path);
      return () => node.healDisks();
    },
  },
  'node-rebooted': {
    until: 'phase',
    limitMs: 0,
    async make(node) {
      await node.hardReboot();
      return nothing;
    },
  },
};
