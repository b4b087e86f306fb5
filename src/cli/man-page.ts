/**
 * The manual page, made from the commands as they are defined: the same words as `--help`. Written by the
 * build into the package; knows no command by name.
 */
import type { Command, Option } from 'commander';
import { EXAMPLES } from './examples.ts';

/** For troff: what it would take for its own. */
const plain = (text: string): string =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll(/^(?=[.'])/gm, '\\&');

const isForSsh = ({ helpGroupHeading }: Option): boolean => helpGroupHeading?.startsWith('SSH') === true;

/** `closing` is what the help of the program ends with. */
export function manPage(program: Command, version: string, closing: string): string {
  const leaves = leavesOf(program, program.name());
  const ssh = new Map(
    leaves.flatMap(({ command }) => command.options.filter(isForSsh).map((o) => [o.flags, o] as const)),
  );
  return [
    `.TH ${program.name().toUpperCase()} 1 "" "${program.name()} ${version}"`,
    '.SH NAME',
    `${program.name()} \\- reconciles GlusterFS clusters with a file, in transactions that roll back`,
    '.SH SYNOPSIS',
    ...leaves.flatMap(({ words, command }) => [`.B ${plain(words)}`, plain(command.usage()), '.br']),
    '.SH DESCRIPTION',
    plain(program.description()),
    '.SH COMMANDS',
    ...leaves.flatMap(commandLines),
    '.SH SSH OPTIONS',
    'Of every command that contacts nodes. Each wins over the file.',
    ...[...ssh.values()].flatMap(optionLines),
    '.SH EXAMPLES AND EXIT STATUS',
    '.nf',
    plain(closing.trim()),
    '.fi',
    '',
  ].join('\n');
}

interface Leaf {
  readonly words: string;
  readonly command: Command;
}

const leavesOf = (command: Command, words: string): readonly Leaf[] =>
  command.commands.length === 0
    ? [{ words, command }]
    : command.commands.flatMap((child) => leavesOf(child, `${words} ${child.name()}`));

function commandLines({ words, command }: Leaf): readonly string[] {
  const own = command.createHelp().visibleOptions(command);
  const example = EXAMPLES[words];
  return [
    `.SS ${plain(words)} ${plain(command.usage())}`,
    plain(command.description()),
    ...command.registeredArguments.flatMap((a) => ['.TP', `.I ${plain(a.name())}`, plain(a.description)]),
    ...own.filter((o) => !isForSsh(o)).flatMap(optionLines),
    ...(example === undefined ? [] : ['.PP', 'Example:', '.br', `.B ${plain(example)}`]),
  ];
}

function optionLines(option: Option): readonly string[] {
  const choices = option.argChoices === undefined ? '' : ` (${option.argChoices.join(', ')})`;
  return ['.TP', `.B ${plain(option.flags)}`, plain(`${option.description}${choices}`)];
}
