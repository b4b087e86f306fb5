/** Asks glusterd how far a rebalance is. Owns how its answer is read; changes nothing. */
import type { Script } from '../core/shell.ts';
import type { Moved } from '../model/node-link.ts';
import { glusterScript } from './gluster.ts';

/** Other nodes are asked too; it is not waited for longer, because it is asked again. */
const MOVED_TIMEOUT_S = 20;
export const MOVED_TIMEOUT_MS = 40_000;

export const movedWords = (volume: string): readonly string[] => ['volume', 'rebalance', volume, 'status'];

export const movedScript = (volume: string): Script => glusterScript(movedWords(volume), MOVED_TIMEOUT_S);

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
