/**
 * The TCP ports that glusterd and its bricks listen on. Owns who else has them, and how many are left; the
 * rules are those of glusterd-pmap.c since 10.1, which tries each port of its range once.
 */
import { listed } from '../core/text.ts';
import type { GlusterProcess, NodeFacts, PortHolder } from '../model/observed.ts';

const NAMED_MAX = 3;

/** Of a process that is not gluster's, or of one of gluster's; undefined: nobody listens there. */
function holderOf({ processes, otherPorts }: NodeFacts, port: number): PortHolder | undefined {
  const own = processes.find((p) => p.ports.includes(port));
  return own === undefined ? otherPorts.get(port) : { pid: own.pid, name: programOf(own) };
}

const programOf = ({ argv }: GlusterProcess): string => (argv[0] ?? '').split('/').at(-1) ?? '';

/** "pid 17 (nginx)". */
const whoIs = ({ pid, name }: PortHolder): string =>
  pid === undefined ? 'another process' : `pid ${String(pid)} (${name})`;

/** Where it listens on one address only, others may have the port on theirs. */
const BIND_ADDRESS = /^\s*option\s+transport\.socket\.bind-address\s/m;

/** Who keeps a glusterd that is down from listening, if anybody: "port 24007 is held by pid 17 (nginx)". */
export function heldFromGlusterd(facts: NodeFacts): readonly string[] {
  const { daemonConfig, processes, service } = facts;
  if (processes.some((p) => p.role === 'glusterd' && p.state !== 'Z')) return [];
  if (BIND_ADDRESS.test(daemonConfig.raw)) return [];
  const holder = holderOf(facts, daemonConfig.listenPort);
  // It came up between two readings.
  if (holder === undefined || (service.active === 'activating' && holder.name === 'glusterd')) return [];
  return [`port ${String(daemonConfig.listenPort)} is held by ${whoIs(holder)}`];
}

/** Why a brick that is down cannot have its port again. */
export function whyPortNotTaken(facts: NodeFacts, port: number): string | undefined {
  const holder = holderOf(facts, port);
  return holder === undefined ? undefined : `its port ${String(port)} is held by ${whoIs(holder)}`;
}

function usedIn({
  daemonConfig: { basePort, maxPort },
  processes,
  otherPorts,
}: NodeFacts): readonly number[] {
  const all = new Set([...processes.flatMap((p) => p.ports), ...otherPorts.keys()]);
  return [...all].filter((p) => p >= basePort && p <= maxPort).sort((a, b) => a - b);
}

/**
 * How many ports are left for new bricks, at most: glusterd also passes over a port of an outgoing or a
 * closing connection, of which nothing is read.
 */
export const freeBrickPorts = (facts: NodeFacts): number =>
  facts.daemonConfig.maxPort - facts.daemonConfig.basePort + 1 - usedIn(facts).length;

/** Every brick that starts needs a port, but for one that joins the process of others. */
export const lacksBrickPort = (facts: NodeFacts): boolean =>
  freeBrickPorts(facts) <= 0 && !facts.processes.some((p) => p.argv.includes('--brick-mux'));

export const rangeOf = ({ daemonConfig: { basePort, maxPort } }: NodeFacts): string =>
  `between ${String(basePort)} and ${String(maxPort)}`;

/** "49152 by pid 17 (nginx), 49153 by pid 12 (glusterfsd) and 4 more". */
export function whoHasBrickPorts(facts: NodeFacts): string {
  const used = usedIn(facts);
  const named = used
    .slice(0, NAMED_MAX)
    .map((port) => `${String(port)} by ${whoIs(holderOf(facts, port) ?? { pid: undefined, name: '' })}`);
  const more = used.length - named.length;
  return listed(more > 0 ? [...named, `${String(more)} more`] : named);
}
