/**
 * Commands that texts name as "glusterctl COMMAND FILE", as they can be pasted: with the file of this call,
 * quoted, and with its flags. The only place that fills them in. Consent is not carried to another command.
 */
import type { Command, Option } from 'commander';
import { quote } from '../core/shell.ts';
import { prose } from '../report/markdown/markdown.ts';
import { printable } from '../report/printable.ts';
import type { Session } from './session.ts';

/** Of them only those of the connection, and --without, go to another command. */
const CONSENT = [
  'yes',
  'allowDestroy',
  'newDisk',
  'prefer',
  'finish',
  'discardChanges',
  'abandon',
  'force',
  'repair',
];
const ABOUT_OUTPUT = ['format', 'json', 'verbose', 'out', 'detailedExitcode', 'color'];

/** What of the session knows which command runs. */
export interface Pasteable extends Session {
  readonly onCommand: (command: Command) => void;
}

interface Call {
  readonly command: Command;
  readonly file: string;
}

export function pasteable(session: Session & Partial<Pasteable>): Pasteable {
  let call: Call | undefined;
  const { terminal } = session;
  const filled = (text: string, inFormat: (words: string) => string): string =>
    call === undefined ? text : withFile(text, call, inFormat);
  return {
    ...session,
    terminal: {
      ...terminal,
      out: (text) => {
        // Exported text is data, whatever it reads like.
        terminal.out(call?.command.name() === 'export' ? text : filled(text, writtenIn(call)));
      },
      err: (text) => {
        terminal.err(filled(text, printable));
      },
    },
    onCommand: (command) => {
      session.onCommand?.(command);
      const [file] = command.args;
      const isOfFile = command.registeredArguments[0]?.name() === 'file';
      call = isOfFile && file !== undefined && file !== '-' ? { command, file } : undefined;
    },
    onClusterFile: (file) => {
      call = call === undefined || file === '-' ? undefined : { ...call, file };
    },
  };
}

const COMMAND_OF_FILE = /\bglusterctl ([a-z]+(?: [a-z]+)?) FILE\b/g;

const withFile = (text: string, call: Call, inFormat: (words: string) => string): string =>
  text.replace(COMMAND_OF_FILE, (_, name: string) => {
    const words = [quote(call.file), ...flagsFor(name, call.command)];
    return `glusterctl ${name} ${inFormat(words.join(' '))}`;
  });

function writtenIn(call: Call | undefined): (words: string) => string {
  const { format, json } = call?.command.opts<{ format?: string; json?: boolean }>() ?? {};
  if (json === true || format === 'json') return (words) => JSON.stringify(words).slice(1, -1);
  return format === 'markdown' ? prose : printable;
}

/** The flags of this call that the named command has too. */
function flagsFor(name: string, from: Command): readonly string[] {
  const target = name
    .split(' ')
    .reduce<Command | undefined>(
      (parent, word) => parent?.commands.find((c) => c.name() === word),
      rootOf(from),
    );
  return from.options
    .filter((o) => target?.options.some((t) => t.long === o.long) === true)
    .filter((o) => !ABOUT_OUTPUT.includes(o.attributeName()))
    .filter((o) => target === from || !CONSENT.includes(o.attributeName()))
    .flatMap((option) => given(option, from));
}

const rootOf = (command: Command): Command => (command.parent === null ? command : rootOf(command.parent));

function given(option: Option, command: Command): readonly string[] {
  const name = option.attributeName();
  const flag = option.long ?? '';
  if (command.getOptionValueSource(name) !== 'cli') return [];
  const value: unknown = command.getOptionValue(name);
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((v) => (typeof v === 'boolean' ? [flag] : [flag, quote(String(v))]));
}
