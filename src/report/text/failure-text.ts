/**
 * Failures in the one form that all commands print: what, why, the way out. One message for all nodes that
 * have the same. Refuses stack traces.
 */
import type { Failure } from '../../core/failure.ts';
import { printable, printableLines } from '../printable.ts';
import { palette, type Palette } from './sgr.ts';

export function failureText(failures: readonly Failure[], colour: boolean): string {
  const p = palette(colour);
  return shared(failures)
    .map((group) => `${oneMessage(group, p).join('\n')}\n`)
    .join('');
}

/** Those that differ in their node alone; the first of each stands where it stood. */
type Group = readonly [Failure, ...Failure[]];

function shared(failures: readonly Failure[]): readonly Group[] {
  const groups = new Map<string, [Failure, ...Failure[]]>();
  failures.forEach((failure, n) => {
    // Two failures without a node may be of two things.
    const key = JSON.stringify([failure.node === undefined ? n : '', ...withoutNode(failure)]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [failure]);
    else group.push(failure);
  });
  return [...groups.values()];
}

const ADDRESS = /\b\d{1,3}(?:\.\d{1,3}){3}\b/g;

/** The text with NODE for its node, by name and by address. */
function general(text: string, { node }: Failure): string {
  const unnamed = text.replaceAll(ADDRESS, 'NODE');
  return node === undefined ? unnamed : unnamed.replaceAll(wholeWord(node), 'NODE');
}

const wholeWord = (word: string): RegExp =>
  new RegExp(`(?<![\\w.-])${word.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g');

const withoutNode = (f: Failure): readonly unknown[] => [
  f.code,
  ...[f.title, f.cause ?? '', f.fix ?? '', ...(f.details ?? [])].map((text) => general(text, f)),
];

/** How many nodes are named before the rest is counted. */
const NAMES_MAX = 8;

function oneMessage(group: Group, p: Palette): string[] {
  const [f] = group;
  const title = printable(sameOr(group, (each) => each.title) ?? '');
  const cause = sameOr(group, (each) => each.cause);
  return [
    `${p.red('error:')} ${p.bold(whereOf(group) + title)} ${p.dim(`[${f.code}]`)}`,
    ...(cause === undefined ? [] : labelled('cause', cause)),
    ...(f.fix === undefined ? [] : labelled('fix', f.fix)),
    ...(f.details ?? []).map((line) => p.dim(`    ${printable(line)}`)),
  ];
}

/**
 * What all say; what is said of each node apart is said of NODE. The fix stays that of the first, to be
 * pasted.
 */
function sameOr(group: Group, of: (failure: Failure) => string | undefined): string | undefined {
  const [first] = group;
  const text = of(first);
  return text === undefined || group.every((each) => of(each) === text) ? text : general(text, first);
}

function whereOf(group: Group): string {
  const [{ title }] = group;
  const names = [...new Set(group.map(({ node }) => node ?? ''))];
  const [first = '', ...others] = names.map(printable);
  // Many titles name their node already; saying it twice helps nobody.
  if (others.length === 0) return first === '' || title.includes(names[0] ?? '') ? '' : `${first}: `;
  const more = names.length - NAMES_MAX;
  const listed = [first, ...others].slice(0, NAMES_MAX).join(', ');
  return `${listed}${more > 0 ? ` and ${String(more)} more` : ''} (${String(names.length)} nodes): `;
}

/** "  fix: first line", its further lines below the first. */
const labelled = (label: string, text: string): string[] =>
  printableLines(text).map((line, i) =>
    i === 0 ? `  ${label}: ${line}` : `  ${' '.repeat(label.length + 2)}${line}`,
  );
