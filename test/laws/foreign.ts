/**
 * What an administrator did by hand around a transaction: which things a command touches, and whether what it
 * did still stands on a node. Knows nothing of how the product judges whose a change is.
 */
import type { SimCluster, SimNode } from '../../src/simulator/cluster.ts';
import type { Command } from '../../src/simulator/world.ts';

/** `VOLUME`, all of it; `VOLUME status`; `VOLUME bricks`; or `VOLUME option KEY`. */
type Thing = string;

const isPart = (part: Thing, whole: Thing): boolean => part === whole || part.startsWith(`${whole} `);
const overlap = (a: Thing, b: Thing): boolean => isPart(a, b) || isPart(b, a);

/** The parts of a command that touch none of these things. */
export function partsWithout(
  argv: readonly string[],
  things: readonly Thing[],
): readonly (readonly string[])[] {
  const [scope = '', verb = '', volume = '', ...words] = argv;
  const parts =
    verb === 'set'
      ? words.flatMap((key, i) => (i % 2 === 0 ? [[scope, verb, volume, key, words[i + 1] ?? '']] : []))
      : [argv];
  return parts.filter((part) => !thingsOf(part).some((t) => things.some((o) => overlap(t, o))));
}

export function thingsOf([, verb = '', volume = '', ...words]: readonly string[]): readonly Thing[] {
  switch (verb) {
    case 'create':
    case 'delete':
      return [volume];
    case 'start':
    case 'stop':
      return [`${volume} status`];
    case 'set':
      return words.filter((_, i) => i % 2 === 0).map((key) => `${volume} option ${key}`);
    case 'reset':
      return words.map((key) => `${volume} option ${key}`);
    default:
      return [`${volume} bricks`];
  }
}

const brickLine = (word: string): string => word.replaceAll('/', '-');

/** Undefined: it is as the command left it. */
export function missingOf(argv: readonly string[], node: SimNode): string | undefined {
  const [, verb = '', volume = '', ...words] = argv;
  const info = node.info(volume);
  const bricks = info.filter((l) => /^brick-\d+=/.test(l)).map((l) => l.slice(l.indexOf('=') + 1));
  const named = words.filter((w) => w.includes(':/')).map(brickLine);
  const isGone = (brick: string | undefined): boolean => !bricks.includes(brick ?? '');
  const good = {
    set: () => words.every((key, i) => i % 2 === 1 || info.includes(`${key}=${words[i + 1] ?? ''}`)),
    reset: () => !info.some((l) => words.some((key) => l.startsWith(`${key}=`))),
    create: () => info.length > 0,
    start: () => info.includes('status=1'),
    stop: () => info.length > 0 && !info.includes('status=1'),
    delete: () => info.length === 0,
    'add-brick': () => !named.some(isGone),
    'remove-brick': () => named.every(isGone),
    'replace-brick': () => isGone(named[0]) && !isGone(named[1]),
  }[verb];
  if (good === undefined) throw new Error(`no way to judge: ${argv.join(' ')}`);
  return good() ? undefined : `${argv.join(' ')}, done by hand, does not stand on ${node.name}`;
}

export interface Judging {
  readonly ours: readonly (readonly string[])[];
  readonly from: number;
  readonly stepsUntil: number;
}

/** What we do, or undo, as well: a new volume is started, and stopped to be deleted. Whose is unknown. */
const isSame = ([, verb = '', volume]: readonly string[], [, our, of]: readonly string[]): boolean =>
  volume === of &&
  ((verb === our && ['start', 'stop', 'delete'].includes(verb)) ||
    (our === 'create' && ['start', 'stop'].includes(verb)));

/**
 * Changes by hand that went well, that no later command by hand and no step of ours touched again, and that
 * are gone. `ours`: what the transaction is for. `from`: the first command that counts;
 * `stepsUntil`: our commands from there on roll back.
 */
export function overwritten(
  cluster: Pick<SimCluster, 'commands' | 'names' | 'node'>,
  { ours, from, stepsUntil }: Judging,
  isJudged: (node: SimNode) => boolean,
): readonly string[] {
  const { commands, names } = cluster;
  const isOver = (c: Command, i: number): boolean => c.by === 'administrator' || i < stepsUntil;
  return commands.flatMap(({ by, ended, endedAt = Infinity, isWhole, argv }, i) => {
    // Of two commands at the same time, either may be the last.
    const isBeside = ({ began }: Command): boolean => began < endedAt;
    if (i < from || by !== 'administrator' || ours.some((one) => isSame(argv, one))) return [];
    if (ended !== 'done' || !isWhole) return [];
    const things = thingsOf(argv);
    const isTouched = commands.some(
      (c, j) =>
        j > i &&
        (isOver(c, j) || isBeside(c)) &&
        thingsOf(c.argv).some((t) => things.some((o) => overlap(t, o))),
    );
    if (isTouched) return [];
    return names
      .map((name) => cluster.node(name))
      .filter(isJudged)
      .flatMap((n) => missingOf(argv, n) ?? []);
  });
}

/** Everything that anybody touched by hand, whether it went well or not. */
export const touchedByHand = ({ commands }: SimCluster, from: number): readonly Thing[] =>
  commands.slice(from).flatMap((c) => (c.by === 'administrator' ? thingsOf(c.argv) : []));

interface Picture {
  readonly node: string;
  readonly volumes: ReadonlyMap<string, readonly string[]>;
  readonly running: readonly { readonly volume: string; readonly path: string; readonly pid: number }[];
}

export const pictureOf = (cluster: SimCluster): readonly Picture[] =>
  cluster.names.map((name) => {
    const node = cluster.node(name);
    return {
      node: name,
      volumes: new Map([...node.store.volumes.keys()].map((v) => [v, node.info(v)])),
      running: node.processes.flatMap(({ brick, pid }) => (brick === undefined ? [] : [{ ...brick, pid }])),
    };
  });

/** Stores and running bricks without the counter and without these things. */
export function wordsWithout(pictures: readonly Picture[], things: readonly Thing[]): string {
  const has = (thing: Thing): boolean => things.some((t) => isPart(thing, t));
  const isKept = (volume: string, line: string): boolean => {
    const key = line.slice(0, line.indexOf('='));
    if (key === 'version') return false;
    if (key === 'status') return !has(`${volume} status`);
    if (/^(count|brick-\d+|replica_count|sub_count|arbiter_count)$/.test(key))
      return !has(`${volume} bricks`);
    return !has(`${volume} option ${key}`);
  };
  // No image is put back over what is theirs, and no command makes it one that was never started.
  const asMade = (volume: string, line: string): string =>
    line === 'status=2' && things.some((t) => isPart(t, volume)) ? 'status=0' : line;
  return pictures
    .map(({ node, volumes, running }) => {
      const infos = [...volumes]
        .filter(([v]) => !has(v))
        .map(([v, lines]) => [v, ...lines.filter((l) => isKept(v, l)).map((l) => asMade(v, l))].join('\n'))
        .sort();
      const paths = running
        .filter(({ volume }) => !has(`${volume} status`) && !has(`${volume} bricks`))
        .map(({ path }) => path)
        .sort();
      return [node, ...infos, `bricks: ${paths.join(' ')}`].join('\n');
    })
    .join('\n===\n');
}

/** The first lines in which they differ. */
export function difference(was: string, is: string): string {
  const [a, b] = [was.split('\n'), is.split('\n')];
  const lines = a.flatMap((l, i) => (l === b[i] ? [] : [`-${l} +${b[i] ?? ''}`]));
  return lines.slice(0, 8).join('; ');
}
