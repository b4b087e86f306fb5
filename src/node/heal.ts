/**
 * Asks the self-heal daemons to begin what waits for a heal. Owns the words and how the answer is read;
 * changes no definition.
 */
import type { Script } from '../core/shell.ts';
import type { OpOutcome } from '../model/op.ts';
import { glusterScript, readGlusterAnswer } from './gluster.ts';

/** Self-heal daemons answer immediately; where one does not, it is asked again later. */
const HEAL_TIMEOUT_S = 20;
export const HEAL_TIMEOUT_MS = 40_000;

export const healWords = (volume: string): readonly string[] => ['volume', 'heal', volume];

export const healScript = (volume: string): Script => glusterScript(healWords(volume), HEAL_TIMEOUT_S);

/** This command alone prints no XML, whatever it is asked for, and its exit code says how it ended. */
export const readHealAnswer = (code: number | null, stdout: string, stderr: string): OpOutcome =>
  code === 0 ? { kind: 'done', output: stdout } : readGlusterAnswer(code, stdout, stderr);
