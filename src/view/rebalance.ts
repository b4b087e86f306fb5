/** Processes that move the files of a volume. Owns how one is known by its argv. */
import type { NodeFacts } from '../model/observed.ts';

/** A rebalance or a removal of bricks: glusterd's word for it may be old, the process is there or not. */
export const isRebalancing = ({ processes }: NodeFacts, volume: string): boolean =>
  processes.some((p) => p.state !== 'Z' && p.argv.includes(`rebalance/${volume}`));
