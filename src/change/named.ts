/**
 * What flags name, held against the file and the nodes. Owns the refusal of a name of nothing: such a flag
 * would be without effect, and nobody would notice.
 */
import { failure, type Failure } from '../core/failure.ts';
import { didYouMean } from '../core/suggest.ts';
import type { Desired } from '../model/desired.ts';
import { nodeName, type VolumeName } from '../model/names.ts';
import { unfinishedIn } from '../transaction/unfinished.ts';
import { poolIn } from '../view/pool.ts';
import { stateOf, type View } from '../view/view.ts';

export interface Named {
  /** Subjects of `--allow-destroy`. */
  readonly destroy?: readonly string[];
  /** Volume → node, and node/NAME → uuid, of `--prefer`. */
  readonly prefer?: ReadonlyMap<string, string>;
  /** Subjects of `--new-disk`. */
  readonly newDisks?: readonly string[];
  /** Of `--discard-changes`. */
  readonly discard?: ReadonlySet<VolumeName>;
  /** Subjects of bricks of which this run can destroy something; none by default. */
  readonly bricks?: (view: View) => readonly string[];
}

/** A flag as it was given, and the subject in it. */
interface Given {
  readonly flag: string;
  readonly subject: string;
}

/** While a transaction is unfinished, only its journal may know a volume: then nodes alone are judged. */
export function unknownNames(named: Named, desired: Desired, view: View): readonly Failure[] {
  const nodes = desired.nodes.map((n) => n.name);
  const strangers = [...(named.prefer ?? [])].flatMap(([subject, choice]) => {
    const node = nodeIn(subject) ?? choice;
    if (!nodes.some((name) => name === node))
      return [unknown(prefers(subject, choice), `the file names no node ${node}${didYouMean(node, nodes)}`)];
    return nodeIn(subject) === undefined || uuidsOf(node, view).includes(choice)
      ? []
      : [unknown(prefers(subject, choice), `no node knows ${node} as ${choice}`)];
  });
  const placed = desired.volumes.flatMap((v) => v.bricks.map((b) => `brick/${b.node}:${b.path}`));
  const noBricks = (named.newDisks ?? [])
    .filter((subject) => !placed.includes(subject))
    .map((subject) =>
      unknown(`--new-disk ${subject}`, `the file has no such brick${didYouMean(subject, placed)}`),
    );
  if (unfinishedIn(view).length > 0) return [...strangers, ...noBricks];
  const volumes = volumesIn(desired, view).map((name) => `volume/${name}`);
  const bricks = named.bricks?.(view) ?? [];
  const misnamed = givenIn(named).flatMap(({ flag, subject }) => {
    if (volumes.includes(subject) || bricks.includes(subject)) return [];
    // Flags stay in pipelines: where no brick can go by this run, one of a node of the file is no mistake.
    if (bricks.length === 0 && nodes.some((node) => subject.startsWith(`brick/${node}:/`))) return [];
    const cause = subject.startsWith('brick/')
      ? `no marks of it would be removed by this run${didYouMean(subject, bricks)}`
      : `neither the file nor a node has ${subject}${meant(subject, volumes)}`;
    return [unknown(flag, cause)];
  });
  return [...strangers, ...noBricks, ...misnamed];
}

const givenIn = ({ destroy = [], prefer, discard }: Named): readonly Given[] => [
  ...destroy.map((subject) => ({ flag: `--allow-destroy ${subject}`, subject })),
  ...[...(prefer ?? [])]
    .filter(([subject]) => nodeIn(subject) === undefined)
    .map(([v, node]) => ({ flag: prefers(v, node), subject: `volume/${v}` })),
  ...[...(discard ?? [])].map((v) => ({ flag: `--discard-changes volume/${v}`, subject: `volume/${v}` })),
];

const prefers = (subject: string, choice: string): string =>
  `--prefer ${nodeIn(subject) === undefined ? 'volume/' : ''}${subject}=${choice}`;

const nodeIn = (subject: string): string | undefined => /^node\/(.*)$/.exec(subject)?.[1];

/** Its own, and those by which others list it; also once it has got the one that was named. */
const uuidsOf = (node: string, view: View): readonly string[] => {
  const name = nodeName(node);
  const own = view.facts(name)?.store.uuid;
  return [...(own === undefined ? [] : [own]), ...poolIn(view).listedAs(name).keys()];
};

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
