/**
 * What flags name, held against the file and the nodes. Owns the refusal of a name of nothing: such a flag
 * would be without effect, and nobody would notice.
 */
import { failure, type Failure } from '../core/failure.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Desired } from '../model/desired.ts';
import type { VolumeName } from '../model/names.ts';
import { unfinishedIn } from '../transaction/unfinished.ts';
import { stateOf, type View } from '../view/view.ts';

export interface Named {
  /** Subjects of `--allow-destroy`. */
  readonly destroy?: readonly string[];
  /** Volume → node, of `--prefer`. */
  readonly prefer?: ReadonlyMap<string, string>;
  /** Of `--discard-changes`. */
  readonly discard?: ReadonlySet<VolumeName>;
}

/** A flag as it was given, and the subject in it. */
interface Given {
  readonly flag: string;
  readonly subject: string;
}

/** While a transaction is unfinished, only its journal may know a volume: then nodes alone are judged. */
export function unknownNames(named: Named, desired: Desired, view: View): readonly Failure[] {
  const nodes = desired.nodes.map((n) => n.name);
  const strangers = [...(named.prefer ?? [])].flatMap(([volume, node]) =>
    nodes.some((name) => name === node)
      ? []
      : [unknown(prefers(volume, node), `the file names no node ${node}${didYouMean(node, nodes)}`)],
  );
  if (unfinishedIn(view).length > 0) return strangers;
  const volumes = volumesIn(desired, view).map((name) => `volume/${name}`);
  const misnamed = givenIn(named).flatMap(({ flag, subject }) =>
    volumes.includes(subject)
      ? []
      : [unknown(flag, `neither the file nor a node has ${subject}${meant(subject, volumes)}`)],
  );
  return [...strangers, ...misnamed];
}

const givenIn = ({ destroy = [], prefer, discard }: Named): readonly Given[] => [
  ...destroy.map((subject) => ({ flag: `--allow-destroy ${subject}`, subject })),
  ...[...(prefer ?? [])].map(([v, node]) => ({ flag: prefers(v, node), subject: `volume/${v}` })),
  ...[...(discard ?? [])].map((v) => ({ flag: `--discard-changes volume/${v}`, subject: `volume/${v}` })),
];

const prefers = (volume: string, node: string): string => `--prefer volume/${volume}=${node}`;

/** A bare name is most often that of a volume. */
const meant = (subject: string, volumes: readonly string[]): string =>
  didYouMean(subject.includes('/') ? subject : `volume/${subject}`, volumes);

const unknown = (flag: string, cause: string): Failure =>
  failure('invalid-input', `${flag} names nothing that is there`, { cause, fix: FIX });

const FIX = 'name what "glusterctl plan FILE" and "glusterctl status FILE" show, or leave the flag out';

/** By the file, on any disk, or in the memory of any glusterd. */
const volumesIn = (desired: Desired, view: View): readonly string[] => [
  ...new Set([
    ...desired.volumes.map((v) => v.name),
    ...view.volumes.keys(),
    ...view.nodes.flatMap((n) => [...(stateOf(n)?.volumes.keys() ?? [])]),
  ]),
];
