/**
 * What every row needs: the lab, our own program, plain ssh, and the shape of a result. Measures nothing
 * itself.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lab, LabNode } from '../lab/lab.ts';
import { clusterFile, volumesOn } from './cluster.ts';
import { timed } from './contest.ts';
import type { Ratio, Sample } from './contest.ts';

export const PROGRAM = fileURLToPath(new URL('../../bin/glusterctl.js', import.meta.url));
const NOTHING_TO_DO = /\bno changes\b/i;

export interface Setup {
  readonly lab: Lab;
  /** For files of the bench. */
  readonly dir: string;
  readonly rounds: number;
}

/** A number compared with its target. */
export interface Verdict {
  readonly row: number;
  readonly what: string;
  readonly target: string;
  readonly measured: string;
  readonly met: boolean;
}

export interface Outcome {
  readonly verdicts: readonly Verdict[];
  readonly samples: readonly Sample[];
}

const times = (value: number): string => `${value.toFixed(2)}×`;
export const shown = ({ value, spread: [low, high] }: Ratio): string =>
  `${times(value)} (rounds: ${times(low)} to ${times(high)})`;

const outputOf = (dir: string): string => join(dir, 'glusterctl.out');

/** Our program as it is shipped, with what it prints in a file. */
export const glusterctl =
  (dir: string, words: readonly string[]): (() => Promise<number>) =>
  () =>
    timed({
      argv: [process.execPath, PROGRAM, ...words],
      output: outputOf(dir),
    });

/** Throws unless the last `plan` of ours said that all is as it should be. */
export function sawNothingToDo(dir: string): Promise<void> {
  const said = readFileSync(outputOf(dir), 'utf8');
  if (!NOTHING_TO_DO.test(said)) throw new Error(`there was something to do:\n${said}`);
  return Promise.resolve();
}

/** Writes the cluster file, and gives its path. */
export function fileFor({ lab, dir }: Setup, volumeCount: number): string {
  mkdirSync(dir, { recursive: true });
  const file = join(dir, 'cluster.yaml');
  writeFileSync(file, clusterFile(lab, volumesOn(lab, volumeCount)));
  return file;
}

/** The words before a command on the node. */
export const plainLogin = (lab: Lab, node: LabNode): readonly string[] => [
  ...['ssh', '-F', 'none', '-T', '-i', lab.sshKeyFile, '-o', `UserKnownHostsFile=${lab.knownHostsFile}`],
  ...['-o', 'StrictHostKeyChecking=yes', '-o', 'BatchMode=yes', `root@${node.ip}`],
];

/** The words that run, on the node, the script they are given on standard input. */
export const plainSsh = (lab: Lab, node: LabNode): readonly string[] => [
  ...plainLogin(lab, node),
  ...['sh', '-s'],
];
