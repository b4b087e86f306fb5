/** Rules about each brick by itself: its node and its path. */
import { mistake } from '../mistake.ts';
import { BRICKS_TOTAL_MAX, FILE_NAME_BYTES_MAX, PATH_BYTES_MAX } from '../limits.ts';
import { didYouMean } from '../../core/suggest.ts';
import { hasUnprintable } from '../../core/text.ts';
import { byteLength, quoted } from '../text.ts';
import type { WrittenBrick } from '../written.ts';
import { eachPresentVolume, type Rule } from './rule.ts';

const GLUSTERD_WORKDIR = '/var/lib/glusterd';
/**
 * A guess compares a name with every node: it is made once for a name, and not for every name of a bad file.
 */
const SUGGESTIONS_MAX = 50;

const nodesAreKnown: Rule = ({ volumes, nodes, nodeNames }) => {
  const successors = new Map(nodes.map((n) => [n.replaces?.value, n.name.value]));
  const guesses = new Map<string, string>();
  const guess = (node: string): string => {
    const known = guesses.get(node);
    if (known !== undefined) return known;
    const fresh = guesses.size < SUGGESTIONS_MAX ? didYouMean(node, nodeNames) : '';
    guesses.set(node, fresh);
    return fresh;
  };
  return volumes
    .flatMap((volume) => volume.bricks)
    .filter(({ node }) => !nodeNames.has(node))
    .map(({ at, path, node, brickPath }) => {
      const by = successors.get(node);
      if (by === undefined) return mistake(at, path, `node ${quoted(node)} is not in "nodes"${guess(node)}`);
      return mistake(at, path, `${node} is replaced by ${by}; write ${by}:${brickPath}, or another brick`);
    });
};

/** A node that is to go first loses its bricks: the file has to say where they go. */
const nodesStay = eachPresentVolume(({ bricks }, { nodes, lineOf }) => {
  const absent = new Map(nodes.flatMap((n) => (n.absent ? [[n.name.value, n.name] as const] : [])));
  return bricks.flatMap(({ at, path, node }) => {
    const name = absent.get(node);
    if (name === undefined) return [];
    const reason =
      `${node} is to be absent (line ${String(lineOf(name.at))}), and can have no brick; ` +
      'write the brick of another node, or take "state: absent" back';
    return [mistake(at, path, reason)];
  });
});

const pathsAreSound: Rule = ({ volumes }) =>
  volumes
    .flatMap((volume) => volume.bricks)
    .flatMap((brick) => {
      const reason = faultOfPath(brick.brickPath);
      return reason === undefined ? [] : [mistake(brick.at, brick.path, reason)];
    });

export function faultOfPath(path: string): string | undefined {
  if (!path.startsWith('/')) return 'the path must be absolute';
  if (path === '/') return 'the root directory cannot be a brick';
  if (hasUnprintable(path)) return 'the path must not hold control characters';
  if (/\s/u.test(path)) return 'the path must not hold spaces: gluster separates bricks by them';
  if (path.includes(':')) return 'the path must not hold ":": gluster splits host and path at the last one';
  const parts = path.slice(1).split('/');
  if (parts.some((part) => part === '.' || part === '..')) return 'the path must not hold "." or ".." parts';
  if (parts.at(-1) === '') return 'the path must not end in "/"';
  if (parts.includes('')) return 'the path must not hold "//"';
  if (`${path}/`.startsWith(`${GLUSTERD_WORKDIR}/`))
    return `the path is inside ${GLUSTERD_WORKDIR}, where glusterd keeps its own files`;
  if (byteLength(path) > PATH_BYTES_MAX) return `the path is longer than ${String(PATH_BYTES_MAX)} bytes`;
  if (parts.some((part) => byteLength(part) > FILE_NAME_BYTES_MAX))
    return `a part of the path is longer than ${String(FILE_NAME_BYTES_MAX)} bytes`;
  return undefined;
}

/**
 * glusterd writes `vols/V/V.<node>.<path with '-' for '/'>.vol` through `….tmp`: all of it is one name.
 */
const fileNamesFit = eachPresentVolume(({ name, bricks }) =>
  bricks.flatMap((brick) => {
    const bytes = byteLength(`${name.value}.${volfileKey(brick)}.vol.tmp`);
    if (bytes <= FILE_NAME_BYTES_MAX || faultOfPath(brick.brickPath) !== undefined) return [];
    const reason =
      `glusterd would need a file name of ${String(bytes)} bytes for this brick, ` +
      `and ${String(FILE_NAME_BYTES_MAX)} are possible; shorten the path`;
    return [mistake(brick.at, brick.path, reason)];
  }),
);

/** By this the names of the volfiles of one volume differ. */
export const volfileKey = ({ node, brickPath }: WrittenBrick): string =>
  `${node}.${brickPath.slice(1).replaceAll('/', '-')}`;

const bricksAreCountable: Rule = ({ volumes }) => {
  let total = 0;
  for (const volume of volumes) {
    total += volume.bricks.length;
    if (total > BRICKS_TOTAL_MAX)
      return [
        mistake(
          volume.name.at,
          volume.name.path,
          `the file has more than ${String(BRICKS_TOTAL_MAX)} bricks up to here`,
        ),
      ];
  }
  return [];
};

export const brickRules: readonly Rule[] = [
  nodesAreKnown,
  nodesStay,
  pathsAreSound,
  fileNamesFit,
  bricksAreCountable,
];
