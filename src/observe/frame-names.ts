/**
 * The frames of a probe's output, named once: the script writes them and the reader asks for them by these
 * names. Frames of a single process ("argv 17") are named by their pid, in `probe.ts` and
 * `read-processes.ts`.
 */
import { embed, type Raw, sh } from '../core/shell.ts';

/** Written on every node, whatever state it is in; an answer without one of them is refused. */
export const ALWAYS_FRAMES = [
  'meta',
  'version',
  'store-status',
  'processes',
  'mounts',
  'tcp',
  'marked',
  'pidfiles',
  'sockets-dir',
  'service',
  'addresses',
] as const;

/** Required as well, where the baseline is asked for. */
export const BASELINE_FRAMES = [
  'config',
  'files',
  'paths',
  'unread-paths',
  'xattrs',
  'xattrs-status',
  'entries',
  'filesystems',
  'resolve',
  'lock',
  'owner',
] as const;

/** The store, once for each try; behind each, in a frame with "-status", how it went. */
export const STORE_FRAMES = ['store', 'store-again', 'store-last'] as const;
type StoreFrame = (typeof STORE_FRAMES)[number];

/** Of brick paths. Where a disk hangs, once more for each brick, with "-N" behind the name. */
export type PathFrame = 'paths' | 'unread-paths' | 'xattrs' | 'xattrs-status' | 'entries' | 'filesystems';

/** An answer without them is accepted: most are written only where there is something to report. */
type OptionalFrame =
  | 'hung'
  | 'lacking'
  | 'journals'
  | 'drained'
  | 'no-scratch'
  | 'elsewhere'
  | 'unit'
  | 'unmounted'
  | StoreFrame
  | `${StoreFrame}-status`
  | 'said'
  | 'state'
  | 'catalogue'
  | 'holders'
  | 'end';

export type FrameName = (typeof ALWAYS_FRAMES)[number] | (typeof BASELINE_FRAMES)[number] | OptionalFrame;

/** Shell: begins a frame; its body is printed next. */
export const frame = (name: FrameName): Raw => embed(sh`frame ${name}`);

/** Shell: a frame with files as its body, whose names follow. */
export const body = (name: FrameName): Raw => embed(sh`body ${name}`);
