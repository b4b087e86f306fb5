/**
 * Options of a volume: several set in one command, others reset. Its undo is the same action with the
 * previous values; gluster cannot reset a `user.*` option, so only the before-image takes a new one away.
 */
import { listed } from '../core/text.ts';
import { changed, withOptions } from '../model/definition.ts';
import { volumeName } from '../model/names.ts';
import type { StoreVolume } from '../model/observed.ts';
import { PROTECTION } from '../model/protection.ts';
import type { Watched } from '../view/as-read.ts';
import { type View } from '../view/view.ts';
import { memberNodes } from '../view/pool.ts';
import { type Call, defineAction, type Intent, type PartRisk } from './action.ts';
import { standingOf, volumeCommand, volumeNodesHere } from './common.ts';
import { risksOfOptions } from './option-risks.ts';

export type OptionsArgs = {
  readonly volume: string;
  readonly set: { readonly [name: string]: string };
  readonly reset: readonly string[];
};

export const volumeOptions = defineAction<'volume-options', OptionsArgs>({
  name: 'volume-options',
  risk: 'safe',
  risks(args, view) {
    const volume = view.volumes.get(volumeName(args.volume))?.best;
    if (volume === undefined) return [];
    const after = new Map([...volume.options, ...Object.entries(args.set)]);
    for (const name of args.reset) after.delete(name);
    return [...risksOfOptions(volume, after), ...staysForGood(args, volume.options)];
  },
  subject: (args) => `volume/${args.volume}`,
  volumes: (args) => [volumeName(args.volume)],
  becomes: (args, before) =>
    changed(before, volumeName(args.volume), (volume) => withOptions(volume, args.set, args.reset)),
  without: ({ volume, set, reset }, options) => ({
    volume,
    set: Object.fromEntries(Object.entries(set).filter(([name]) => !options.has(name))),
    reset: reset.filter((name) => !options.has(name)),
  }),
  /** A node that is left out takes the options over when it returns: their version is higher. */
  nodes: volumeNodesHere,
  summary(args) {
    const set = Object.entries(args.set).map(([name, value]) => `${name}=${value}`);
    const parts = [
      ...(set.length > 0 ? [`set ${set.join(', ')}`] : []),
      ...(args.reset.length > 0 ? [`reset ${args.reset.join(', ')}`] : []),
    ];
    return `${parts.join('; ')} on volume ${args.volume}`;
  },
  undo(args, view) {
    if (!canBeReset(args, view)) return null;
    const names = [...Object.keys(args.set), ...args.reset];
    return `restore the previous value${names.length === 1 ? '' : 's'}: ${names.join(', ')}`;
  },
  requires: () => [],
  calls(args, view): readonly Call[] {
    const words = Object.entries(args.set).flat();
    return [
      ...(words.length > 0
        ? volumeCommand(view, ['set', args.volume, ...words], these(Object.keys(args.set)))
        : []),
      ...args.reset.flatMap((name) => volumeCommand(view, ['reset', args.volume, name], these([name]))),
    ];
  },
  standing(args, view) {
    const volume = view.volumes.get(volumeName(args.volume));
    return standingOf(memberNodes(view), (node) => {
      const options = volume?.copies.get(node)?.options;
      return (
        options !== undefined &&
        Object.entries(args.set).every(([name, value]) => options.get(name) === value) &&
        args.reset.every((name) => !options.has(name))
      );
    });
  },
  inverse: (args, before) => undoOptions(args, before),
});

const these = (keys: readonly string[]): Watched => ({ keys, isAllBut: false });

/** `volume reset` knows no option named `user.*`, not even by force. */
export const isForGood = (option: string): boolean => option.startsWith('user.');

/** Safe, and said nevertheless: what is new and cannot be taken away by a later change either. */
function staysForGood({ volume, set }: OptionsArgs, earlier: StoreVolume['options']): readonly PartRisk[] {
  const names = Object.keys(set).filter((n) => isForGood(n) && n !== PROTECTION && !earlier.has(n));
  if (names.length === 0) return [];
  const why = `gluster has no command that takes ${listed(names)} away again`;
  return [{ risk: 'safe', subject: `volume/${volume}`, why }];
}

/** Whether gluster's commands can take away again what is new. */
const canBeReset = (args: OptionsArgs, before: View): boolean => {
  const earlier = before.volumes.get(volumeName(args.volume))?.best.options;
  return (
    earlier === undefined || Object.keys(args.set).every((name) => !isForGood(name) || earlier.has(name))
  );
};

/** Presence counts, not only the value: an option that was not set is reset, whatever its default is. */
function undoOptions(args: OptionsArgs, before: View): readonly Intent[] | null {
  if (!canBeReset(args, before)) return null;
  const earlier = before.volumes.get(volumeName(args.volume))?.best.options;
  if (earlier === undefined) return [];
  const touched = [...Object.keys(args.set), ...args.reset];
  const set = Object.fromEntries(
    touched.flatMap((name) => {
      const v = earlier.get(name);
      return v === undefined ? [] : [[name, v]];
    }),
  );
  const reset = touched.filter((name) => !earlier.has(name));
  return [volumeOptions.intent({ volume: args.volume, set, reset })];
}
