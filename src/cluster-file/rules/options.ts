/** Rules about volume options: values that glusterd's store can hold, and options that belong elsewhere. */
import { mistake } from '../mistake.ts';
import { OPTION_VALUE_BYTES_MAX } from '../limits.ts';
import { hasUnprintable } from '../../core/text.ts';
import { byteLength } from '../text.ts';
import { PROTECTION } from '../../model/protection.ts';
import type { Rule } from './rule.ts';

const valuesAreStorable: Rule = ({ volumes }) =>
  volumes
    .flatMap((volume) => volume.options)
    .flatMap((option) => {
      const reason = faultOfValue(option.value);
      return reason === undefined ? [] : [mistake(option.at, option.path, reason)];
    });

function faultOfValue(value: string): string | undefined {
  // The store has one `key=value` a line, and glusterd does not start on an empty value.
  if (value.trim() === '')
    return 'must not be empty; remove the option to leave it alone, or use "optionsMode: exact" to reset it';
  if (hasUnprintable(value)) return 'must not hold line breaks or other control characters';
  if (byteLength(value) > OPTION_VALUE_BYTES_MAX)
    return `must not be longer than ${String(OPTION_VALUE_BYTES_MAX)} bytes`;
  return undefined;
}

const WHOLE_CLUSTER =
  'belongs to the whole cluster and cannot be set on one volume ("gluster volume set all …")';

/**
 * Options that `volume set V` refuses, each with where it is set instead (`valid_all_vol_opts`,
 * `glusterd_check_*_cmd`, `cli_is_key_spl`).
 */
const ELSEWHERE: ReadonlyMap<string, string> = new Map([
  ['cluster.server-quorum-ratio', WHOLE_CLUSTER],
  ['cluster.enable-shared-storage', WHOLE_CLUSTER],
  ['cluster.op-version', WHOLE_CLUSTER],
  ['cluster.max-op-version', 'can only be read'],
  ['cluster.brick-multiplex', WHOLE_CLUSTER],
  ['cluster.max-bricks-per-process', WHOLE_CLUSTER],
  ['cluster.localtime-logging', WHOLE_CLUSTER],
  ['cluster.daemon-log-level', WHOLE_CLUSTER],
  ['cluster.brick-graceful-cleanup', WHOLE_CLUSTER],
  ['glusterd.vol_count_per_thread', WHOLE_CLUSTER],
  ['config.transport', 'is what "transport" says; set that'],
  [PROTECTION, 'is where "protect" is remembered; set that'],
  ['group', 'is not an option but a list of options in a file on the nodes; write out the options you want'],
  ...both('quota', 'is switched by "gluster volume quota"'),
  ...both('inode-quota', 'is switched by "gluster volume inode-quota"'),
  ...both('bitrot', 'is switched by "gluster volume bitrot"'),
  ...both('scrub', 'is set by "gluster volume bitrot … scrub"'),
  ...both('scrub-freq', 'is set by "gluster volume bitrot … scrub-frequency"'),
  ...both('scrub-throttle', 'is set by "gluster volume bitrot … scrub-throttle"'),
]);

/** glusterd takes these names with and without their domain. */
function both(name: string, reason: string): [string, string][] {
  return [
    [name, reason],
    [`features.${name}`, reason],
  ];
}

const optionsBelongHere: Rule = ({ volumes }) =>
  volumes
    .flatMap((volume) => volume.options)
    .flatMap(({ name, keyAt, path }) => {
      const reason = ELSEWHERE.get(name);
      return reason === undefined ? [] : [mistake(keyAt, path, reason)];
    });

export const optionRules: readonly Rule[] = [valuesAreStorable, optionsBelongHere];
