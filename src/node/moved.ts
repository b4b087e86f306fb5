/** Asks glusterd how far a rebalance or a removal is. Owns how its answer is read; changes nothing. */
import type { Script } from '../core/shell.ts';
import type { Moved } from '../model/node-link.ts';
import { glusterScript } from './gluster.ts';

/** Other nodes are asked too; it is not waited for longer, because it is asked again. */
const MOVED_TIMEOUT_S = 20;
export const MOVED_TIMEOUT_MS = 40_000;

/** `leaving`: bricks that are removed; none: it is a rebalance. */
export const movedWords = (volume: string, leaving: readonly string[]): readonly string[] =>
  leaving.length === 0
    ? ['volume', 'rebalance', volume, 'status']
    : ['volume', 'remove-brick', volume, ...leaving, 'status'];

export const movedScript = (volume: string, leaving: readonly string[]): Script =>
  glusterScript(movedWords(volume, leaving), MOVED_TIMEOUT_S);

/** One entry for each node that has a part in it. */
export function readMovedAnswer(xml: string): readonly Moved[] {
  return [...xml.matchAll(/<node>([\s\S]*?)<\/node>/g)].map(([, node = '']) => {
    const text = (name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(node)?.[1] ?? '';
    const int = (name: string): number => Number.parseInt(text(name), 10) || 0;
    return {
      uuid: text('id'),
      files: int('files'),
      bytes: int('size'),
      failures: int('failures'),
      skipped: int('skipped'),
      status: text('statusStr'),
    };
  });
}
