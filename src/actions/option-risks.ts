/**
 * What changes of volume options risk, as a table: an option by its full name, the kind of change, the risk
 * and its reason. An option that is not here is safe. Owns that knowledge; a value is read by its meaning.
 */
import { isOn, sameOptionValue } from '../model/option-value.ts';
import type { Layout } from '../model/desired.ts';
import type { StoreVolume } from '../model/observed.ts';
import type { PartRisk } from './action.ts';

/** A row of the table; by option, in the order of the alphabet. */
export interface OptionRisk {
  readonly option: string;
  /** What an option that is not set means. */
  readonly byDefault: string | ((layout: Layout) => string);
  readonly when: Transition;
  readonly risk: 'disruptive' | 'destructive';
  readonly why: string;
}

const TRANSITIONS = {
  changed: () => true,
  'turned off': (before: string, after: string) => isOn(before) === true && isOn(after) !== true,
  'turned on': (before: string, after: string) => isOn(before) !== true && isOn(after) === true,
  /** Somebody whom the list named is not named any more. */
  narrowed: (before: string, after: string) =>
    !patterns(after).includes('*') && patterns(before).some((p) => !patterns(after).includes(p)),
  /** Somebody is named whom the list did not name. */
  widened: (before: string, after: string) =>
    !patterns(before).includes('*') && patterns(after).some((p) => !patterns(before).includes(p)),
  lowered: (before: string, after: string) => Number(after) < Number(before),
  /** Of a kind of quorum: the first asks for nothing, the last for most. */
  weakened: (before: string, after: string) => QUORUMS.indexOf(after) < QUORUMS.indexOf(before),
} as const satisfies Record<string, (before: string, after: string) => boolean>;

type Transition = keyof typeof TRANSITIONS;

const patterns = (list: string): readonly string[] =>
  list
    .split(',')
    .map((pattern) => pattern.trim())
    .filter((pattern) => pattern !== '');

const QUORUMS: readonly string[] = ['none', 'fixed', 'auto'];
/** `fix_quorum_options` in afr.c: with more than two copies, most of them have to be there. */
const ownQuorum = (layout: Layout): string =>
  layout.kind === 'replicate' && layout.replica > 2 ? 'auto' : 'none';

const CUT_OFF = 'clients that it no longer lets in lose the volume';
const NO_TLS = 'clients and bricks of which only one speaks TLS do not reach each other';
const KEPT = 'files that are kept unchanged so far may be changed or deleted sooner, or not at all';

export const OPTION_RISKS: readonly OptionRisk[] = [
  row('auth.allow', '*', 'narrowed', 'disruptive', CUT_OFF),
  row('auth.reject', '', 'widened', 'disruptive', CUT_OFF),
  row('auth.ssl-allow', '*', 'narrowed', 'disruptive', CUT_OFF),
  row('client.ssl', 'off', 'changed', 'disruptive', NO_TLS),
  row(
    'cluster.disperse-self-heal-daemon',
    'on',
    'turned off',
    'disruptive',
    'bricks that missed writes stay behind until somebody heals them',
  ),
  row(
    'cluster.ensure-durability',
    'on',
    'turned off',
    'disruptive',
    'writes that were confirmed may be lost where nodes crash',
  ),
  row(
    'cluster.favorite-child-policy',
    'none',
    'changed',
    'disruptive',
    'of files in split brain all copies but one may be overwritten without a question',
  ),
  row(
    'cluster.lookup-optimize',
    'on',
    'turned on',
    'disruptive',
    'files that a rebalance has not put where their name leads seem to be missing',
  ),
  row(
    'cluster.quorum-count',
    '0',
    'lowered',
    'disruptive',
    'writes go on with fewer copies, which may end in split brain',
  ),
  row(
    'cluster.quorum-type',
    ownQuorum,
    'weakened',
    'disruptive',
    'writes go on with fewer copies, which may end in split brain',
  ),
  row(
    'cluster.self-heal-daemon',
    'on',
    'turned off',
    'disruptive',
    'copies that missed writes stay behind until somebody heals them',
  ),
  row(
    'cluster.server-quorum-type',
    'none',
    'changed',
    'disruptive',
    'decides whether glusterd stops the bricks of nodes that have lost the others',
  ),
  row(
    'disperse.quorum-count',
    '0',
    'lowered',
    'disruptive',
    'writes go on with fewer fragments, so that the loss of a brick may lose them',
  ),
  row('features.acl', 'on', 'turned off', 'disruptive', 'access lists of files no longer hold'),
  row('features.auto-commit-period', '120', 'changed', 'disruptive', KEPT),
  row(
    'features.cloudsync',
    'off',
    'turned off',
    'destructive',
    'files that lie in the cloud are read as if they were empty',
  ),
  row('features.default-retention-period', '120', 'changed', 'disruptive', KEPT),
  row('features.read-only', 'off', 'changed', 'disruptive', 'decides whether clients can write'),
  row('features.retention-mode', 'relax', 'changed', 'disruptive', KEPT),
  row(
    'features.shard',
    'off',
    'turned off',
    'destructive',
    'files larger than a shard are read as their first piece only, and writing to them corrupts them',
  ),
  row(
    'features.shard-block-size',
    '64MB',
    'changed',
    'disruptive',
    'new files are cut into other pieces than those that are there, which keep theirs',
  ),
  row('features.uss', 'disable', 'turned off', 'disruptive', 'clients lose sight of the snapshots'),
  row('features.worm', 'off', 'changed', 'disruptive', KEPT),
  row('features.worm-file-level', 'off', 'changed', 'disruptive', KEPT),
  row('features.worm-files-deletable', 'on', 'changed', 'disruptive', KEPT),
  row('ganesha.enable', 'off', 'turned off', 'disruptive', 'clients of NFS lose the volume'),
  row(
    'locks.mandatory-locking',
    'off',
    'changed',
    'disruptive',
    'locks of programs are enforced otherwise than they expect',
  ),
  row(
    'network.compression',
    'off',
    'changed',
    'disruptive',
    'clients and bricks of which only one compresses do not understand each other',
  ),
  row('nfs.disable', 'on', 'turned on', 'disruptive', 'clients of NFS lose the volume'),
  row('nfs.rpc-auth-allow', '*', 'narrowed', 'disruptive', CUT_OFF),
  row('nfs.rpc-auth-reject', '', 'widened', 'disruptive', CUT_OFF),
  row('nfs.volume-access', 'read-write', 'changed', 'disruptive', 'decides whether clients of NFS can write'),
  row(
    'server.all-squash',
    'off',
    'changed',
    'disruptive',
    'users of the clients get other rights on the files',
  ),
  row(
    'server.allow-insecure',
    'on',
    'turned off',
    'disruptive',
    'clients on ports above 1023 lose the volume',
  ),
  row('server.anongid', '65534', 'changed', 'disruptive', 'squashed users get other rights on the files'),
  row('server.anonuid', '65534', 'changed', 'disruptive', 'squashed users get other rights on the files'),
  row(
    'server.root-squash',
    'off',
    'changed',
    'disruptive',
    'root of the clients gets other rights on the files',
  ),
  row('server.ssl', 'off', 'changed', 'disruptive', NO_TLS),
  row('ssl.ca-list', '', 'changed', 'disruptive', NO_TLS),
  row('ssl.certificate-depth', '1', 'changed', 'disruptive', NO_TLS),
  row('ssl.cipher-list', '', 'changed', 'disruptive', NO_TLS),
  row('ssl.crl-path', '', 'changed', 'disruptive', NO_TLS),
  row('ssl.own-cert', '', 'changed', 'disruptive', NO_TLS),
  row('ssl.private-key', '', 'changed', 'disruptive', NO_TLS),
  row(
    'storage.owner-gid',
    '-1',
    'changed',
    'disruptive',
    'the root directory of the volume gets another group, and programs may lose it',
  ),
  row(
    'storage.owner-uid',
    '-1',
    'changed',
    'disruptive',
    'the root directory of the volume gets another owner, and programs may lose it',
  ),
  row(
    'transport.address-family',
    'inet',
    'changed',
    'disruptive',
    'bricks that start again are not reached by the addresses that clients know',
  ),
];

function row(
  option: string,
  byDefault: OptionRisk['byDefault'],
  when: Transition,
  risk: OptionRisk['risk'],
  why: string,
): OptionRisk {
  return { option, byDefault, when, risk, why };
}

const BY_OPTION: ReadonlyMap<string, OptionRisk> = new Map(OPTION_RISKS.map((row) => [row.option, row]));

/** What the change of one option of a volume risks; undefined: nothing. */
export function riskOfOption(
  { options, layout }: Pick<StoreVolume, 'options' | 'layout'>,
  name: string,
  after: string | undefined,
): OptionRisk | undefined {
  const row = BY_OPTION.get(name);
  if (row === undefined) return undefined;
  const byDefault = typeof row.byDefault === 'string' ? row.byDefault : row.byDefault(layout);
  const [was, is] = [(options.get(name) ?? byDefault).trim(), (after ?? byDefault).trim()];
  return !sameOptionValue(name, was, is) && TRANSITIONS[row.when](was, is) ? row : undefined;
}

/** Of all options that differ between a volume and what it is to become. */
export const risksOfOptions = (
  volume: Pick<StoreVolume, 'name' | 'options' | 'layout'>,
  after: ReadonlyMap<string, string>,
): readonly PartRisk[] =>
  OPTION_RISKS.flatMap(({ option }) => {
    const row = riskOfOption(volume, option, after.get(option));
    return row === undefined
      ? []
      : [{ risk: row.risk, subject: `volume/${volume.name}`, why: `${option} ${row.when}: ${row.why}` }];
  });
