/** Rules about the names of volumes. */
import { mistake } from '../mistake.ts';
import type { Rule } from './rule.ts';

/** `cli_validate_volname` in gluster's `cli-cmd-parser.c`. */
const RESERVED: ReadonlySet<string> = new Set([
  'volume',
  'type',
  'help',
  'subvolumes',
  'option',
  'end-volume',
  'all',
  'volume_not_in_ring',
  'description',
  'force',
  'snap-max-hard-limit',
  'snap-max-soft-limit',
  'auto-delete',
  'activate-on-create',
]);

/**
 * Not reserved there, but `volume set help` and `volume set help-xml` print a manual and set nothing.
 */
const SET_COMMANDS: ReadonlySet<string> = new Set(['help-xml']);

const SHARED_STORAGE = 'gluster_shared_storage';

const namesAreFree: Rule = ({ volumes }) =>
  volumes.flatMap(({ name }) => {
    if (RESERVED.has(name.value) || SET_COMMANDS.has(name.value))
      return [mistake(name.at, name.path, 'gluster reserves this name')];
    if (name.value === SHARED_STORAGE)
      return [
        mistake(
          name.at,
          name.path,
          'gluster creates and deletes this volume itself: ' +
            '"gluster volume set all cluster.enable-shared-storage"',
        ),
      ];
    return [];
  });

export const volumeNameRules: readonly Rule[] = [namesAreFree];
