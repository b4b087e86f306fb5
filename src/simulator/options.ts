/**
 * Volume options that the modelled glusterd knows, with their defaults and kinds of values. A small part of
 * the real table.
 */
type Kind = 'bool' | 'int' | 'time' | 'size' | 'text';

const OPTIONS: { readonly [name: string]: readonly [kind: Kind, byDefault: string] } = {
  'auth.allow': ['text', '*'],
  'auth.reject': ['text', '(null)'],
  'changelog.changelog': ['bool', 'off'],
  'client.event-threads': ['int', '2'],
  'cluster.data-self-heal': ['bool', 'off'],
  'cluster.entry-self-heal': ['bool', 'off'],
  'cluster.favorite-child-policy': ['text', 'none'],
  'cluster.granular-entry-heal': ['bool', 'no'],
  'cluster.localtime-logging': ['bool', 'disable'],
  'cluster.lookup-optimize': ['bool', 'on'],
  'cluster.metadata-self-heal': ['bool', 'off'],
  'cluster.min-free-disk': ['size', '10%'],
  'cluster.quorum-count': ['int', '(null)'],
  'cluster.quorum-type': ['text', 'none'],
  'cluster.readdir-optimize': ['bool', 'off'],
  'cluster.self-heal-daemon': ['bool', 'on'],
  'cluster.server-quorum-type': ['text', 'off'],
  'diagnostics.brick-log-level': ['text', 'INFO'],
  'diagnostics.client-log-level': ['text', 'INFO'],
  'features.cache-invalidation': ['bool', 'off'],
  'features.cache-invalidation-timeout': ['time', '60'],
  'features.read-only': ['bool', 'off'],
  'features.shard': ['bool', 'off'],
  'features.shard-block-size': ['size', '64MB'],
  'features.trash': ['bool', 'off'],
  'network.frame-timeout': ['time', '1800'],
  'network.inode-lru-limit': ['int', '16384'],
  'network.ping-timeout': ['time', '42'],
  'nfs.disable': ['bool', 'on'],
  'performance.cache-max-file-size': ['size', '0'],
  'performance.cache-refresh-timeout': ['int', '1'],
  'performance.cache-size': ['size', '32MB'],
  'performance.client-io-threads': ['bool', 'on'],
  'performance.flush-behind': ['bool', 'on'],
  'performance.io-cache': ['bool', 'off'],
  'performance.io-thread-count': ['int', '16'],
  'performance.low-prio-threads': ['int', '16'],
  'performance.parallel-readdir': ['bool', 'off'],
  'performance.quick-read': ['bool', 'off'],
  'performance.read-ahead': ['bool', 'off'],
  'performance.readdir-ahead': ['bool', 'off'],
  'performance.stat-prefetch': ['bool', 'on'],
  'performance.write-behind': ['bool', 'on'],
  'performance.write-behind-window-size': ['size', '1MB'],
  'server.allow-insecure': ['bool', 'on'],
  'server.event-threads': ['int', '2'],
  'server.outstanding-rpc-limit': ['int', '64'],
  'storage.fips-mode-rchecksum': ['bool', 'on'],
  'storage.health-check-interval': ['time', '30'],
  'storage.owner-gid': ['int', '-1'],
  'storage.owner-uid': ['int', '-1'],
  'transport.address-family': ['text', 'inet'],
};

const VALUE: { readonly [kind in Kind]: RegExp } = {
  bool: /^(on|off|yes|no|true|false|enable|disable|1|0)$/i,
  int: /^-?\d+$/,
  time: /^\d+(s|sec|m|min|h|d)?$/,
  size: /^\d+(\.\d+)?(%|B|KB|MB|GB|TB)?$/,
  text: /^.+$/s,
};

/** `volume set help-xml`, as names with defaults. */
export const OPTION_CATALOGUE: ReadonlyMap<string, string> = new Map(
  Object.entries(OPTIONS).map(([name, [, byDefault]]) => [name, byDefault]),
);

export const isOption = (name: string): boolean => name.startsWith('user.') || OPTION_CATALOGUE.has(name);

/** Undefined: the value will do. */
export function valueProblem(name: string, value: string): string | undefined {
  const kind = OPTIONS[name]?.[0] ?? 'text';
  if (VALUE[kind].test(value)) return undefined;
  const short = name.slice(name.indexOf('.') + 1);
  if (kind === 'bool') return `option ${short} ${value}: '${value}' is not a valid boolean value`;
  return `invalid ${kind === 'int' ? 'number' : kind} format "${value}" in "option ${short}"`;
}
