/**
 * The nodes of a cluster file, connected over SSH and read. Owns the connections; judges no reading, and
 * connects to no node that is left out.
 */
import type { Failure } from '../core/failure.ts';
import { ok, type Result } from '../core/result.ts';
import type { Cluster } from '../model/cluster.ts';
import type { Connection, Connector } from '../model/connection.ts';
import { contacted, type Desired } from '../model/desired.ts';
import type { NodeName } from '../model/names.ts';
import type { Clock, NodeLink } from '../model/node-link.ts';
import type { NodeReading } from '../model/observed.ts';
import { remoteLink } from '../node/remote-link.ts';
import type { CallLog } from './call-log.ts';
import { logged, timed } from './logged-link.ts';
import { NODES_AT_ONCE, Slots } from '../ssh/limits.ts';
import type { Routes } from '../ssh/routes.ts';
import { sshConnector } from '../ssh/ssh.ts';
import { withoutInert } from '../observe/inert.ts';
import { observeRequest, readNode, withLeftOut } from '../observe/observe-all.ts';
import { setTimeout as sleep } from 'node:timers/promises';

const systemClock: Clock = {
  now: () => Date.now(),
  sleep: async (ms, signal) => {
    await sleep(ms, undefined, signal === undefined ? {} : { signal });
  },
};

export type OpenCluster = (
  desired: Desired,
  signal: AbortSignal,
  onNode: (node: NodeName, status: 'started' | 'done' | 'failed', detail?: string) => void,
  contact: Contact,
) => Promise<Cluster>;

/** How nodes are contacted, besides what the file says, and what is said meanwhile. */
export interface Contact {
  readonly onHostKey: (host: string, fingerprint: string) => void;
  readonly onNotice: (sentence: string) => void;
  /** Nodes connected and read at the same time. */
  readonly atOnce: number | undefined;
  /** The password for sudo on a node that asks for it; undefined: there is none. */
  readonly becomePassword: (node: NodeName) => Promise<Result<string | undefined, Failure>>;
  readonly log?: CallLog;
  /** What ssh_config says of the nodes, where that was asked before. */
  readonly routes?: Routes;
}

const connectorOf = (desired: Desired, contact: Contact): Connector =>
  sshConnector(new Map(contacted(desired).map((n) => [n.name, n])), {
    onHostKeyRecorded: contact.onHostKey,
    onNotice: contact.onNotice,
    becomePassword: contact.becomePassword,
    ...(contact.routes !== undefined && { routes: contact.routes }),
  });

/** The shell of one node, for what is not part of a transaction. */
export const connectTo = (
  desired: Desired,
  node: NodeName,
  signal: AbortSignal,
  contact: Contact,
): Promise<Result<Connection, Failure>> => connectorOf(desired, contact).connect(node, { signal });

/** It takes part in what follows. */
const isAsked = (reading: NodeReading | undefined): boolean =>
  reading?.kind === 'read' || reading?.kind === 'failed';

/** Connects over SSH and reads every node; each node is read as soon as it is connected. */
export const openCluster: OpenCluster = async (desired, signal, onNode, contact) => {
  const nodes = contacted(desired);
  const connector = connectorOf(desired, contact);
  const slots = new Slots(contact.atOnce ?? NODES_AT_ONCE);
  const connections: Connection[] = [];
  const { log } = contact;
  const link = async (node: NodeName, stop?: AbortSignal): Promise<Result<NodeLink, Failure>> => {
    const connecting = connector.connect(node, stop === undefined ? {} : { signal: stop });
    const connected = await (log === undefined ? connecting : timed(log, node, 'connect', connecting));
    if (!connected.ok) return connected;
    connections.push(connected.value);
    const made = remoteLink(connected.value, systemClock);
    return ok(log === undefined ? made : logged(made, log));
  };
  const links = new Map<NodeName, NodeLink>();
  const first = nodes[0]?.name;
  const readings = await Promise.all(
    nodes.map(async ({ name }): Promise<[NodeName, NodeReading, NodeLink | undefined]> => {
      onNode(name, 'started');
      const [linked, reading] = await slots.held(async () => {
        const made = await link(name, signal);
        if (!made.ok) return [made, { kind: 'failed', failure: made.error } as const];
        return [made, await readNode(made.value, observeRequest(desired, name, first), signal)];
      });
      if (reading.kind === 'read') onNode(name, 'done');
      else onNode(name, 'failed', reading.failure.title);
      return [name, reading, linked.ok ? linked.value : undefined];
    }),
  );
  const all = withLeftOut(
    desired,
    readings.map(([name, reading]) => [name, reading]),
  );
  const observed = withoutInert(all, desired);
  for (const [name, , linked] of readings)
    if (linked !== undefined && isAsked(observed.nodes.get(name))) links.set(name, linked);
  return {
    clock: systemClock,
    links,
    observed,
    relink: async (node) => {
      const again = await link(node);
      return again.ok ? again.value : undefined;
    },
    [Symbol.asyncDispose]: async () => {
      await Promise.allSettled(
        connections.map(async (c) => {
          await c[Symbol.asyncDispose]();
        }),
      );
    },
  };
};
