/**
 * A switch for each lab, a bridge in a network namespace of its own, so that no packet filter of the machine
 * (Docker's, say) has a word between nodes; a named namespace and a cable for each node. Filters nothing
 * itself: that is a fault.
 */
import { existsSync, readdirSync } from 'node:fs';
import { readOptional, run } from './host.ts';
import { scopeName } from './record.ts';
import type { LabRecord, NodeRecord } from './record.ts';

const NETNS_DIR = '/run/netns';

/**
 * Ten busy nodes need more than the default; both limits are the machine's, count over all namespaces, and
 * stay raised.
 */
const MACHINE_LIMITS: readonly (readonly [string, number])[] = [
  ['fs/inotify/max_user_instances', 4096],
  ['net/ipv4/neigh/default/gc_thresh3', 8192],
  ['net/ipv4/neigh/default/gc_thresh2', 4096],
  ['net/ipv4/neigh/default/gc_thresh1', 2048],
];

const BRIDGE = 'br0';
export const switchName = (lab: LabRecord): string => `${lab.name}-switch`;
/** The machine's own link into the lab. */
const uplinkName = (lab: LabRecord): string => `${lab.name}-lan`;
export const netnsPath = (lab: LabRecord, node: NodeRecord): string => `${NETNS_DIR}/${scopeName(lab, node)}`;

export const labNetnses = (prefix: string): string[] =>
  existsSync(NETNS_DIR) ? readdirSync(NETNS_DIR).filter((name) => name.startsWith(prefix)) : [];
export const labLinks = (prefix: string): string[] =>
  readdirSync('/sys/class/net').filter((name) => name.startsWith(prefix));

const ipBatch = (lines: readonly string[], netns?: string): Promise<unknown> =>
  run(['ip', ...(netns === undefined ? [] : ['-n', netns]), '-batch', '-'], {
    input: `${lines.join('\n')}\n`,
  });

export async function makeSwitch(lab: LabRecord): Promise<void> {
  const low = MACHINE_LIMITS.filter(([key, least]) => Number(readOptional(`/proc/sys/${key}`)) < least);
  if (low.length > 0) await run(['sysctl', '-qw', ...low.map(([key, least]) => `${key}=${String(least)}`)]);
  const uplink = uplinkName(lab);
  await ipBatch([
    `netns add ${switchName(lab)}`,
    `link add ${uplink} type veth peer name uplink netns ${switchName(lab)}`,
    `address add 10.77.${String(lab.net)}.1/24 dev ${uplink}`,
    `link set ${uplink} up`,
  ]);
  await ipBatch(
    [`link add ${BRIDGE} type bridge`, `link set ${BRIDGE} up`, `link set uplink master ${BRIDGE} up`],
    switchName(lab),
  );
}

export async function plugIn(lab: LabRecord, node: NodeRecord): Promise<void> {
  const netns = scopeName(lab, node);
  await ipBatch([`netns add ${netns}`]);
  await ipBatch(
    [
      `link add ${node.name} type veth peer name eth0 netns ${netns}`,
      `link set ${node.name} master ${BRIDGE} up`,
    ],
    switchName(lab),
  );
  await ipBatch(['link set lo up', `address add ${node.ip}/24 dev eth0`, 'link set eth0 up'], netns);
}

export async function unplug(lab: LabRecord, node: NodeRecord): Promise<void> {
  // Not there where the node was off, or where an `up` did not get so far.
  await run(['ip', '-n', switchName(lab), 'link', 'delete', node.name], { allowFailure: true });
}

export async function removeNetns(name: string): Promise<void> {
  if (labNetnses(name).includes(name)) await run(['ip', 'netns', 'delete', name]);
}

/** Cut and joined at the switch: the node's carrier stays up, so nothing reports it. */
export async function setBridged(lab: LabRecord, node: NodeRecord, on: boolean): Promise<void> {
  const how = on ? ['master', BRIDGE] : ['nomaster'];
  await run(['ip', '-n', switchName(lab), 'link', 'set', node.name, ...how]);
}
