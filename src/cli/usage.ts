/**
 * How a command is explained, and what a mistyped word is answered with: few lines, the nearest word, and the
 * command that shows more. Knows no command by name, but for its example.
 */
import { type Command, Help, Option } from 'commander';
import { didYouMean } from '../core/suggest.ts';
import { EXAMPLES } from './examples.ts';

/** `glusterctl lock show`. */
const wordsOf = (command: Command): string =>
  command.parent === null ? command.name() : `${wordsOf(command.parent)} ${command.name()}`;

/** All commands below and including this one. */
const allOf = (command: Command): readonly Command[] => [command, ...command.commands.flatMap(allOf)];

export function withUsage(program: Command): void {
  for (const command of allOf(program)) {
    const words = wordsOf(command);
    command
      .showHelpAfterError(`See: ${words} --help`)
      .configureOutput({
        outputError: (text, write) => {
          write(withNearest(text));
        },
      })
      .configureHelp({ formatHelp: (c, helper) => withExample(formatted(c, helper), EXAMPLES[words]) });
    if (command.commands.length === 0) command.addOption(colour());
  }
}

const colour = (): Option =>
  new Option('--color <when>', 'colours, also in a pipe')
    .choices(['auto', 'always', 'never'])
    .default('auto');

const formatted = (command: Command, helper: Help): string =>
  Help.prototype.formatHelp.call(helper, command, helper);

/** Rows of a small terminal. */
const SCREEN = 24;

/** At the end of the first screen, or as early on it as can be; what is for a few comes last. */
function withExample(text: string, example: string | undefined): string {
  if (example === undefined) return text;
  const parts = text.trimEnd().split('\n\n');
  const forFew = parts.filter((part) => part.startsWith('SSH '));
  const forAll = parts.filter((part) => !forFew.includes(part));
  const shown = `Example:\n  ${example}`;
  const fits = [...forAll, shown].join('\n\n').split('\n').length < SCREEN;
  const options = forAll.findIndex((part) => part.startsWith('Options:'));
  const at = fits || options === -1 ? forAll.length : options;
  return `${[...forAll.slice(0, at), shown, ...forAll.slice(at), ...forFew].join('\n\n')}\n`;
}

const CHOICES = /(?:argument|value) '(.*)' is invalid.* Allowed choices are (.*)\.\s*$/s;

/** The parser suggests commands and flags, and leaves out choices. */
function withNearest(text: string): string {
  const [, given = '', choices = ''] = CHOICES.exec(text) ?? [];
  const near = didYouMean(given, choices.split(', '));
  return near === '' ? text : `${text.trimEnd().replace(/\.$/, '')}${near}\n`;
}
