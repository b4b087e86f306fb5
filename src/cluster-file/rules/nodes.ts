/** Rules about nodes and how they are reached. */
import { mistake, type Mistake } from '../mistake.ts';
import { isHost, isLoopback, isSshHost } from '../host.ts';
import { hasUnprintable } from '../../core/text.ts';
import { quoted } from '../text.ts';
import type { WrittenNode } from '../written.ts';
import type { Rule } from './rule.ts';

const SSH_PORT = 22;

const nodeNamesAreHosts: Rule = ({ nodes }) =>
  nodes.flatMap(({ name }) => {
    if (isSshHost(name.value) && !isHost(name.value))
      return [
        mistake(
          name.at,
          name.path,
          'has an underscore, which gluster takes in no name: no peer could be probed by it, and no client ' +
            'could mount a volume with a brick there; use the address, or another name of the host',
        ),
      ];
    if (!isHost(name.value))
      return [
        mistake(
          name.at,
          name.path,
          'is not a host name or IP address, and gluster would refuse it as a peer',
        ),
      ];
    if (isLoopback(name.value))
      return [
        mistake(
          name.at,
          name.path,
          'means a different machine on every node; use the name its peers know it by',
        ),
      ];
    return [];
  });

const addressesAreHosts: Rule = ({ nodes }) =>
  nodes
    // An address that defaults to the name has been checked as a name.
    .filter(({ name, address }) => address !== name && !isSshHost(address.value))
    .map(({ address }) =>
      mistake(address.at, address.path, `${quoted(address.value)} is not a host name or IP address`),
    );

const addressesAreDistinct: Rule = ({ nodes, lineOf }) => {
  const findings: Mistake[] = [];
  const first = new Map<string, WrittenNode>();
  for (const node of nodes) {
    const key = `${node.address.value.toLowerCase()} ${String(node.port ?? SSH_PORT)}`;
    const other = first.get(key);
    if (other === undefined) first.set(key, node);
    else {
      const where = `${other.name.value} (line ${String(lineOf(other.name.at))})`;
      findings.push(
        mistake(node.address.at, node.address.path, `is the same address and port as that of ${where}`),
      );
    }
  }
  return findings;
};

const sshPathsAreUsable: Rule = ({ ssh }) =>
  ssh
    .flatMap(({ identityFile, knownHostsFile, configFile, becomePasswordFile }) =>
      [identityFile, knownHostsFile, configFile, becomePasswordFile].flatMap((path) => path ?? []),
    )
    .flatMap(({ value, at, path }) => {
      if (hasUnprintable(value)) return [mistake(at, path, 'must not hold control characters')];
      if (/^~[^/]/.test(value))
        return [mistake(at, path, 'only ~/ is supported; write the home directory of another user in full')];
      return [];
    });

const someNodeStays: Rule = ({ nodes }) => {
  const [first] = nodes;
  if (first === undefined || nodes.some((n) => !n.absent)) return [];
  return [mistake(first.name.at, ['nodes'], 'every node is to be absent; one at least has to stay')];
};

const replacesOneThatIsLost: Rule = ({ nodes, nodeNames, lineOf }) => {
  const first = new Map<string, WrittenNode>();
  return nodes.flatMap((node) => {
    const { name, replaces, absent } = node;
    if (replaces === undefined) return [];
    const { value, at, path } = replaces;
    const say = (reason: string): readonly Mistake[] => [mistake(at, path, reason)];
    const other = first.get(value);
    if (other === undefined) first.set(value, node);
    else
      return say(
        `${quoted(value)} is replaced already, by ${other.name.value} ` +
          `(line ${String(lineOf(other.name.at))})`,
      );
    if (!isHost(value)) return say(`${quoted(value)} is not a host name or IP address`);
    if (absent) return say('a node that is to be absent replaces none');
    if (value !== name.value && nodeNames.has(value))
      return say(`${value} is among "nodes"; take it out: it is the one that is lost`);
    return [];
  });
};

export const nodeRules: readonly Rule[] = [
  nodeNamesAreHosts,
  addressesAreHosts,
  addressesAreDistinct,
  sshPathsAreUsable,
  someNodeStays,
  replacesOneThatIsLost,
];
