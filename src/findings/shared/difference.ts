/**
 * In what copies of one volume differ, key by key, as evidence. Owns what must not be shown: the credentials
 * of trusted clients.
 */
import { grouped, listed } from '../../core/text.ts';
import type { DaemonVolume, StoreBrick, StoreVolume } from '../../model/observed.ts';
import type { Copy } from '../../view/copies.ts';
import type { View } from '../../view/view.ts';
import { witness } from '../finding.ts';

const SECRET: ReadonlySet<string> = new Set(['username', 'password']);
const LINES_MAX = 30;

/** Keys of `info` on which the copies do not agree. */
export function differingKeys(copies: readonly Copy[]): readonly string[] {
  const tables = copies.map(([, copy]) => tableOf(copy));
  const keys = new Set(tables.flatMap((t) => [...t.keys()]));
  return [...keys].filter((key) => new Set(tables.map((t) => t.get(key))).size > 1).sort();
}

/** Every differing key with each side's value. */
export function differingLines(volume: string, copies: readonly Copy[]): readonly string[] {
  const sides = grouped(copies, ([, copy]) => copy.signature).map((same) => ({
    nodes: listed(same.map(([facts]) => facts.node)),
    table: same[0] === undefined ? new Map<string, string>() : tableOf(same[0][1]),
  }));
  const lines = differingKeys(copies).flatMap((key) =>
    SECRET.has(key)
      ? [`vols/${volume}/info: ${key} differs (not shown)`]
      : sides.map(({ nodes, table }) => `${nodes}: vols/${volume}/info: ${shown(key, table.get(key))}`),
  );
  return lines.length > LINES_MAX
    ? [...lines.slice(0, LINES_MAX), `… and ${String(lines.length - LINES_MAX)} lines more`]
    : lines;
}

const shown = (key: string, value: string | undefined): string =>
  value === undefined ? `no ${key}` : `${key}=${value}`;

/** A key can stand twice; then all its values count. */
function tableOf(copy: StoreVolume): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const line of copy.signature.split('\n')) {
    const split = line.indexOf('=');
    const key = line.slice(0, split);
    const value = line.slice(split + 1);
    const before = table.get(key);
    table.set(key, before === undefined ? value : `${before}, ${value}`);
  }
  return table;
}

/** What a brick file says on every node alike; the rest of it belongs to the node. */
const commonKeys = (brick: StoreBrick): readonly string[] => [
  `uuid=${brick.ownerUuid ?? ''}`,
  `hostname=${brick.hostname}`,
  `path=${brick.path}`,
  `decommissioned=${brick.decommissioned ? '1' : '0'}`,
  `brick-id=${brick.brickId}`,
];

/** Brick files are outside of glusterd's checksum: it never sees that they differ. */
export function brickFileLines(volume: string, copies: readonly Copy[]): readonly string[] {
  const files = new Set(copies.flatMap(([, copy]) => copy.bricks.map((b) => b.file)));
  return [...files].flatMap((file) => {
    const having = copies.flatMap(([facts, copy]) => {
      const brick = copy.bricks.find((b) => b.file === file);
      return brick === undefined ? [] : [{ node: facts.node, keys: commonKeys(brick) }];
    });
    const sides = grouped(having, (h) => h.keys.join('\n'));
    const [usual] = sides;
    if (usual?.[0] === undefined || sides.length < 2) return [];
    return sides.flatMap((same) => {
      const compared =
        same === usual ? sides.slice(1).flatMap((s) => s[0]?.keys ?? []) : (usual[0]?.keys ?? []);
      const odd = (same[0]?.keys ?? []).filter((k) => !compared.includes(k));
      return [`${listed(same.map((h) => h.node))}: vols/${volume}/bricks/${file}: ${odd.join(' ')}`];
    });
  });
}

/** What a glusterd believes of a volume otherwise than its own disk says. */
export function memoryDifferences(
  view: View,
  node: string,
  disk: StoreVolume,
  memory: DaemonVolume,
): readonly string[] {
  const info = `vols/${disk.name}/info`;
  const differ = (key: string, onDisk: string, inMemory: string): readonly string[] =>
    onDisk === inMemory ? [] : [`${witness(node, info, `${key}=${onDisk}`)}; in memory: ${inMemory}`];
  return [
    ...differ('volume-id', disk.id, memory.id),
    ...differ('status', disk.status, memory.status),
    ...(sameBricks(disk.bricks, memory.bricks)
      ? []
      : differ('bricks', bricksOf(disk.bricks), bricksOf(memory.bricks))),
    ...[...disk.options].flatMap(([key, value]) =>
      differ(key, value.trim(), memory.options.get(key) ?? 'not set'),
    ),
    ...[...memory.options]
      .filter(([key]) => !disk.options.has(key) && isStored(view, disk, key))
      .map(([key, value]) => `${witness(node, info, `no ${key}`)}; in memory: ${value}`),
  ];
}

interface Place {
  readonly hostname: string;
  readonly path: string;
}

const sameBricks = (a: readonly Place[], b: readonly Place[]): boolean =>
  a.length === b.length &&
  a.every((brick, i) => brick.path === b[i]?.path && brick.hostname === b[i].hostname);

const bricksOf = (bricks: readonly Place[]): string => bricks.map((b) => `${b.hostname}:${b.path}`).join(' ');

/**
 * glusterd drops options that it does not know when it stores: what no node has on disk was never meant to be
 * there.
 */
const isStored = (view: View, disk: StoreVolume, key: string): boolean =>
  [...(view.volumes.get(disk.name)?.copies.values() ?? [])].some((copy) => copy.options.has(key));
