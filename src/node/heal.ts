/** Asks the self-heal daemons to begin what waits for a heal. Owns the words; changes no definition. */
import type { Script } from '../core/shell.ts';
import { glusterScript } from './gluster.ts';

/** Self-heal daemons answer at once; where one does not, it is asked again later. */
const HEAL_TIMEOUT_S = 20;
export const HEAL_TIMEOUT_MS = 40_000;

export const healWords = (volume: string): readonly string[] => ['volume', 'heal', volume];

export const healScript = (volume: string): Script => glusterScript(healWords(volume), HEAL_TIMEOUT_S);
