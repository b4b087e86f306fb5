/**
 * The last words of a run: what happened, whether the cluster is changed or as before, why, and what is to
 * be done by hand. Refuses to soften: a state between before and after is named in the first sentence.
 */
import type { Changed, ChangeName, Outcome, Pending, RunResult } from '../../model/event.ts';
import { failureText } from './failure-text.ts';
import { printable, printableLines } from '../printable.ts';
import { palette, type Palette } from './sgr.ts';
import { count } from '../../core/text.ts';

export interface ResultTextOptions {
  readonly colour: boolean;
  /** What was asked for; decides only the words. */
  readonly command?: ChangeName;
}

type Words = { readonly tone: 'good' | 'calm' | 'bad'; readonly text: string };

const WORDS: Record<Outcome, Words> = {
  applied: { tone: 'good', text: 'Applied. All nodes were read again: the cluster is as the file says.' },
  'nothing-to-do': {
    tone: 'good',
    text: 'Nothing to do. The cluster is as the file says; nothing was changed.',
  },
  running: {
    tone: 'good',
    text: 'Running: what was begun goes on by itself, and nothing is locked. "apply" again waits for it.',
  },
  refused: { tone: 'bad', text: 'Refused. Nothing was changed.' },
  'rolled-back': { tone: 'bad', text: 'Failed, and rolled back: the cluster is as it was before.' },
  'rollback-incomplete': {
    tone: 'bad',
    text: 'Failed, and the rollback is incomplete: the cluster is neither as before nor as the file says.',
  },
  'not-closed': {
    tone: 'bad',
    text: 'The change is complete, but not closed: no node could mark its journal as committed.',
  },
  locked: { tone: 'bad', text: 'The cluster is locked by someone else. Nothing was changed.' },
  unreachable: { tone: 'bad', text: 'A node could not be reached or read. Nothing was changed.' },
  'decision-needed': {
    tone: 'bad',
    text: 'A decision is needed that glusterctl does not take alone. Nothing was changed.',
  },
  declined: { tone: 'calm', text: 'Not confirmed. Nothing was changed.' },
  interrupted: { tone: 'bad', text: 'Interrupted: the cluster is as it was before.' },
};

const OTHER_WORDS: Record<Exclude<ChangeName, 'apply'>, Partial<Record<Outcome, Words>>> = {
  recover: {
    applied: { tone: 'good', text: 'Recovered. All nodes were read again, and they agree.' },
    'nothing-to-do': { tone: 'good', text: 'Nothing to repair. Nothing was changed.' },
  },
  restore: {
    applied: { tone: 'good', text: 'Restored. All nodes were read again, and they agree.' },
    'nothing-to-do': { tone: 'good', text: 'Nothing to restore. Nothing was changed.' },
  },
  drain: {
    applied: { tone: 'good', text: 'Drained: the bricks of the node stay down until it is undrained.' },
    'nothing-to-do': { tone: 'good', text: 'Nothing to do: the node is drained. Nothing was changed.' },
  },
  undrain: {
    applied: {
      tone: 'good',
      text: 'Back in service: the bricks of the node run, and nothing waits for heals.',
    },
    'nothing-to-do': { tone: 'good', text: 'Nothing to do: the node is not drained. Nothing was changed.' },
  },
  rolling: {
    applied: { tone: 'good', text: 'Done on every node: all are back in service; nothing waits for heals.' },
  },
};

const INTERRUPTED_INCOMPLETE: Words = {
  tone: 'bad',
  text: 'Interrupted before all was rolled back: the cluster is neither as before nor as the file says.',
};

/** Not true where the same run has changed something before. */
const UNCHANGED = /[.;] nothing was changed\.$/i;
const AS_BEFORE = 'the cluster is as it was before.';
const AS_LISTED = 'the cluster is as what is listed below has left it.';

export function resultText(event: RunResult, { colour, command = 'apply' }: ResultTextOptions): string {
  const p = palette(colour);
  const { tone, text } = wordsFor(event, command);
  const { changed = [], without = [] } = event;
  const said = changed.length === 0 ? text : text.replace(UNCHANGED, '.').replace(AS_BEFORE, AS_LISTED);
  const sentence = without.length === 0 ? said : said.replace('All nodes', 'All other nodes');
  const blocks = [p.bold({ good: p.green, calm: p.bold, bad: p.red }[tone](sentence))];
  if (without.length > 0) blocks.push(p.yellow(leftOutWords(without)));
  if (event.running !== undefined)
    blocks.push(event.running.map((what) => `  ${printable(what)}`).join('\n'));
  if (event.pending !== undefined) blocks.push(pendingWords(event.pending));
  if (changed.length > 0) blocks.push(changedLines(changed, p).join('\n'));
  if (event.failures.length > 0) blocks.push(failureText(event.failures, colour).trimEnd());
  if (event.owed.length > 0) blocks.push(manualStepLines(event, p).join('\n'));
  if (event.transaction !== undefined) blocks.push(p.dim(`transaction ${printable(event.transaction)}`));
  return `${blocks.join('\n\n')}\n`;
}

const leftOutWords = (without: readonly string[]): string =>
  `Left out, and neither read nor changed: ${without.map(printable).join(', ')}. ` +
  'When it is back: "glusterctl doctor FILE".';

/** Repaired is not as the file says. */
const pendingWords = ({ changes, command }: Pending): string =>
  `plan: ${count(changes, 'change')} pending: ${printable(command)}`;

function wordsFor(event: RunResult, command: ChangeName): Words {
  const wasInterrupted = event.failures.some((f) => f.code === 'interrupted');
  if (event.outcome === 'rollback-incomplete' && wasInterrupted) return INTERRUPTED_INCOMPLETE;
  const other = command === 'apply' ? undefined : OTHER_WORDS[command][event.outcome];
  return other ?? WORDS[event.outcome];
}

const changedLines = (changed: readonly Changed[], p: Palette): readonly string[] => [
  p.bold('Done before that, in this run:'),
  ...changed.map(({ transaction, what }) => `  ${printable(what)} (transaction ${printable(transaction)})`),
];

function manualStepLines(event: RunResult, p: Palette): string[] {
  const nodes = new Set(event.owed.map((step) => step.node)).size;
  return [
    p.bold(`Left to do, on ${count(nodes, 'node')}:`),
    ...event.owed.flatMap((step) => [
      `  ${p.bold(printable(step.node))}: ${printable(step.what)}`,
      ...step.commands.flatMap((command) => printableLines(command).map((line) => `    ${p.cyan(line)}`)),
    ]),
    '',
    'The journal stays on the nodes: `glusterctl recover FILE` can finish this, ' +
      '`glusterctl doctor FILE` shows what is left.',
  ];
}
