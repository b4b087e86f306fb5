/**
 * What can happen to a node's network: cut off, two nodes apart, a port closed. All of it ends with `heal*`
 * or a reboot.
 */
import { run } from './host.ts';
import { setBridged } from './network.ts';
import type { NodeCore } from './node.ts';
import { scopeName } from './record.ts';

/** Nobody has this hardware address: what is sent there is gone. */
const NOWHERE = '02:00:00:00:00:01';

const TABLE = String.raw`
table inet lab {
  set silent { type inet_service; }
  set refused { type inet_service; }
  chain in {
    type filter hook input priority 0;
    iifname "lo" accept
    tcp dport @silent drop
    tcp dport @refused reject with tcp reset
  }
}
`;

export interface NetworkFaults {
  /** Silent: the carrier stays up, nothing arrives. */
  partition(): Promise<void>;
  heal(): Promise<void>;
  /** This node and the other cannot talk; both still reach everybody else. */
  isolateFrom(other: NodeCore): Promise<void>;
  rejoin(other: NodeCore): Promise<void>;
  /** Nothing from other hosts gets to the port: into silence, or with a reset. Loopback stays open. */
  blockPort(port: number, how?: 'silent' | 'refused'): Promise<void>;
  unblockPort(port: number): Promise<void>;
  /** All of the above, whatever was done. */
  healNetwork(): Promise<void>;
}

export function networkFaults(node: NodeCore): NetworkFaults {
  const netns = scopeName(node.lab, node.record);
  const nft = (script: string): Promise<unknown> =>
    run(['ip', 'netns', 'exec', netns, 'nft', '-f', '-'], { input: script });
  const tableText = (): Promise<string> =>
    run(['ip', 'netns', 'exec', netns, 'nft', 'list', 'table', 'inet', 'lab'], { allowFailure: true }).then(
      (result) => result.stdout,
    );

  return {
    partition: () => setBridged(node.lab, node.record, false),
    heal: () => setBridged(node.lab, node.record, true),
    async isolateFrom(other) {
      await blackHole(node, other.ip);
      await blackHole(other, node.ip);
    },
    async rejoin(other) {
      await forget(node, other.ip);
      await forget(other, node.ip);
    },
    async blockPort(port, how = 'silent') {
      if ((await tableText()) === '') await nft(TABLE);
      await nft(`add element inet lab ${how} { ${String(port)} }\n`);
    },
    async unblockPort(port) {
      const element = `{ ${String(port)} }`;
      // Adding first makes deleting harmless where it was not blocked.
      const sets = ['silent', 'refused'].map(
        (set) => `add element inet lab ${set} ${element}\ndelete element inet lab ${set} ${element}\n`,
      );
      if ((await tableText()) !== '') await nft(sets.join(''));
    },
    async healNetwork() {
      await setBridged(node.lab, node.record, true);
      if ((await tableText()) !== '') await nft('delete table inet lab\n');
      await run(['ip', '-n', netns, 'neigh', 'flush', 'dev', 'eth0', 'nud', 'permanent']);
    },
  };
}

const blackHole = (node: NodeCore, ip: string): Promise<unknown> =>
  neighbour(node, ['replace', ip, 'lladdr', NOWHERE, 'dev', 'eth0', 'nud', 'permanent']);

async function forget(node: NodeCore, ip: string): Promise<void> {
  const { stdout } = await neighbour(node, ['show', ip]);
  if (stdout.includes('PERMANENT')) await neighbour(node, ['del', ip, 'dev', 'eth0']);
}

const neighbour = (node: NodeCore, words: readonly string[]): ReturnType<typeof run> =>
  run(['ip', '-n', scopeName(node.lab, node.record), 'neigh', ...words]);
