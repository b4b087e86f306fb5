/**
 * `completion`: a script for the shell that completes our command line. Reads the commands as they are
 * defined; contacts no node.
 */
import type { Argument, Command, Option } from 'commander';
import {
  type CompletedCommand,
  type CompletedOption,
  completionScript,
  type Place,
  type Shell,
} from '../completion-script.ts';
import { PAGES } from '../explained.ts';
import type { Session } from '../session.ts';

export function completionCommand(shell: Shell, program: Command, session: Session): void {
  session.terminal.out(completionScript(shell, described(program)));
}

function described(command: Command): CompletedCommand {
  const help = command.createHelp();
  const commands = help.visibleCommands(command).map(described);
  return {
    name: command.name(),
    about: help.subcommandDescription(command),
    commands,
    options: help.visibleOptions(command).map(optionOf),
    places: commands.length > 0 ? [] : command.registeredArguments.map(placeOf),
  };
}

const optionOf = (o: Option): CompletedOption => ({
  long: o.long,
  short: o.short,
  about: o.description,
  value: o.required ? (o.argChoices ?? valueOf(o.flags)) : undefined,
  isRepeated: Array.isArray(o.defaultValue),
});

/** `<subject>`, `<choice>`, `<node>`: a name of the cluster file. */
const valueOf = (flags: string): Place =>
  /<(path|plan)>/.test(flags) ? 'file' : /<(subject|choice|node)>/.test(flags) ? 'name' : 'any';

function placeOf(argument: Argument): Place {
  if (argument.name() === 'file') return 'file';
  if (argument.name() === 'node') return 'name';
  if (argument.name() === 'code') return PAGES.map((page) => page.code);
  return argument.argChoices ?? 'any';
}
