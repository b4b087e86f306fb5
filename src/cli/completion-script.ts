/**
 * Scripts that complete a command line in bash, zsh and fish, made from the commands themselves. Owns the
 * three dialects; refuses to know a command by name.
 */
import { quote } from '../core/shell.ts';

/** What may stand in a place: a file, one of these words, a name of the cluster file, or anything. */
export type Place = 'file' | 'any' | 'name' | readonly string[];

export interface CompletedOption {
  /** `--user`; undefined where it has a letter alone. */
  readonly long: string | undefined;
  /** `-u`. */
  readonly short: string | undefined;
  readonly about: string;
  /** Of its value; undefined: it takes none. */
  readonly value: Place | undefined;
  readonly isRepeated: boolean;
}

/** A command, or a family of them: one or the other of `commands` and `places` is empty. */
export interface CompletedCommand {
  readonly name: string;
  readonly about: string;
  readonly commands: readonly CompletedCommand[];
  readonly options: readonly CompletedOption[];
  /** Of its arguments, in order. */
  readonly places: readonly Place[];
}

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export const completionScript = (shell: Shell, program: CompletedCommand): string =>
  `${{ bash, zsh, fish }[shell](program).join('\n')}\n`;

/** The program, a family or a command, with the words that call it after the program's own name. */
interface Called {
  readonly words: readonly string[];
  readonly command: CompletedCommand;
}

const allOf = (command: CompletedCommand, words: readonly string[] = []): readonly Called[] => [
  { words, command },
  ...command.commands.flatMap((c) => allOf(c, [...words, c.name])),
];

const flagsOf = (o: CompletedOption): readonly string[] => [
  ...(o.short === undefined ? [] : [o.short]),
  ...(o.long === undefined ? [] : [o.long]),
];
const isWords = (place: Place | undefined): place is readonly string[] => typeof place === 'object';

function bash(program: CompletedCommand): readonly string[] {
  const { name } = program;
  const called = allOf(program);
  const families = called.filter(({ words, command }) => words.length > 0 && command.commands.length > 0);
  const NAMES = `words=$(${name} __complete "\${COMP_WORDS[@]:1:at-1}" 2>/dev/null)`;
  const offer = (words: readonly string[]): string => `words=${quote(words.join(' '))}`;
  const values = called.flatMap(({ words, command }) =>
    command.options
      .filter((o) => o.value !== undefined)
      .map(
        (o) =>
          `    ${flagsOf(o)
            .map((f) => quote([...words, f].join(' ')))
            .join('|')}) ${isWords(o.value) ? offer(o.value) : o.value === 'name' ? NAMES : ':'} ;;`,
      ),
  );
  const places = called.map(({ words, command }) => {
    const first = [
      ...command.commands.map((c) => c.name),
      ...command.places.slice(0, 1).filter(isWords).flat(),
    ];
    const flags = `flags=${quote(command.options.map((o) => flagsOf(o).at(-1)).join(' '))}`;
    return `    ${quote(words.join(' ') || ' ')}) ${flags} ${offer(first)} ;;`;
  });
  const named = called.flatMap(({ words, command }) =>
    command.places.flatMap((place, i) =>
      place === 'name' ? [quote([...words, i + words.length + 1].join(' '))] : [],
    ),
  );
  const family = families.map(({ words }) => quote(words.join(' '))).join('|');
  return [
    `# ${name} in bash: source <(${name} completion bash)`,
    `_${name}() {`,
    '  local at=$COMP_CWORD command= flags= words= cur prev',
    '  cur=${COMP_WORDS[at]} prev=${COMP_WORDS[at-1]}',
    // bash makes a word of the sign in --format=json.
    '  if [[ $cur == = ]]; then cur=; elif [[ $prev == = ]]; then prev=${COMP_WORDS[at-2]}; fi',
    // And in --prefer volume/data=node01.
    '  if [[ $prev == */* && ${COMP_WORDS[at-1]} == = ]]; then prev=${COMP_WORDS[at-3]}; fi',
    '  if [[ $prev == */* && ${COMP_WORDS[at]} == = ]]; then prev=${COMP_WORDS[at-2]}; fi',
    '  (( at > 1 )) && command=${COMP_WORDS[1]}',
    `  case $command in ${family}) (( at > 2 )) && command="$command \${COMP_WORDS[2]}" ;; esac`,
    '  COMPREPLY=()',
    '  case "$command $prev" in',
    ...values,
    '    *) case ${command:- } in',
    ...places,
    '    esac',
    '    [[ $cur == -* ]] && words=$flags',
    ...(named.length === 0 ? [] : [`    case "$command $at" in ${named.join('|')}) ${NAMES} ;; esac`]),
    '    ;;',
    '  esac',
    // Where nothing is offered, the shell offers files.
    '  COMPREPLY=($(compgen -W "$words" -- "$cur"))',
    '}',
    `complete -o default -F _${name} ${name}`,
  ];
}

function zsh(program: CompletedCommand): readonly string[] {
  const { name } = program;
  const text = (about: string): string => about.replaceAll(/[[\]:\\]/g, '\\$&');
  const NAMES = `{compadd -- \${(f)"$(${name} __complete "\${(@)words[1,CURRENT-1]}" 2>/dev/null)"}}`;
  const place = (p: Place, message: string): string =>
    `:${message}:${p === 'file' ? '_files' : p === 'any' ? ' ' : p === 'name' ? NAMES : `(${p.join(' ')})`}`;
  const option = (o: CompletedOption): readonly string[] => {
    const rest = `[${text(o.about)}]${o.value === undefined ? '' : place(o.value, 'value')}`;
    return flagsOf(o).map((flag) => {
      const others = o.isRepeated ? '*' : `(${flagsOf(o).join(' ')})`;
      return quote(`${others}${flag}${flag.startsWith('--') && o.value !== undefined ? '=' : ''}${rest}`);
    });
  };
  const body = (command: CompletedCommand, indent: string): readonly string[] => {
    if (command.commands.length === 0) {
      const places = command.places.map((p, i) => quote(`${String(i + 1)}${place(p, 'argument')}`));
      return [`${indent}_arguments -s ${[...command.options.flatMap(option), ...places].join(' ')}`];
    }
    return [
      `${indent}if (( CURRENT == 2 )); then`,
      `${indent}  commands=(${command.commands.map((c) => quote(`${c.name}:${text(c.about)}`)).join(' ')})`,
      `${indent}  _describe command commands`,
      `${indent}  _arguments -s ${command.options.flatMap(option).join(' ')}`,
      `${indent}  return`,
      `${indent}fi`,
      `${indent}shift words; (( CURRENT-- ))`,
      `${indent}case $words[1] in`,
      ...command.commands.flatMap((c) => [`${indent}${c.name})`, ...body(c, `${indent}  `), `${indent}  ;;`]),
      `${indent}esac`,
    ];
  };
  return [
    `#compdef ${name}`,
    `# ${name} in zsh: source <(${name} completion zsh)`,
    `_${name}() {`,
    '  local -a commands',
    ...body(program, '  '),
    '}',
    // In a directory of fpath the file is the function itself.
    `if [[ $funcstack[1] == _${name} ]]; then _${name} "$@"; else compdef _${name} ${name}; fi`,
  ];
}

function fish(program: CompletedCommand): readonly string[] {
  const { name } = program;
  const NAMES = `'(${name} __complete (commandline -opc)[2..-1] 2>/dev/null)'`;
  const text = (about: string): string => `'${about.replaceAll(/['\\]/g, '\\$&')}'`;
  const line = (condition: string, rest: string): string => `complete -c ${name} -n '${condition}' ${rest}`;
  const value = (p: Place | undefined): string =>
    p === undefined
      ? ''
      : p === 'file'
        ? ' -r -F'
        : isWords(p)
          ? ` -x -a ${text(p.join(' '))}`
          : p === 'name'
            ? ` -x -a ${NAMES}`
            : ' -x';
  const option = (o: CompletedOption): string => {
    const short = o.short === undefined ? '' : `-s ${o.short.slice(1)} `;
    const long = o.long === undefined ? '' : `-l ${o.long.slice(2)}`;
    return `${short}${long}${value(o.value)} -d ${text(o.about)}`;
  };
  const conditionOf = ({ words, command }: Called): string => {
    const seen = words.map((w) => `__fish_seen_subcommand_from ${w}`);
    const next = command.commands.map((c) => c.name).join(' ');
    if (next === '') return seen.join('; and ');
    return seen.length === 0
      ? '__fish_use_subcommand'
      : `${seen.join('; and ')}; and not __fish_seen_subcommand_from ${next}`;
  };
  return [
    `# ${name} in fish: ${name} completion fish | source`,
    `complete -c ${name} -f`,
    ...allOf(program).flatMap((called) => {
      const { command } = called;
      const condition = conditionOf(called);
      return [
        ...command.commands.map((c) => line(condition, `-a ${c.name} -d ${text(c.about)}`)),
        ...command.options.map((o) => line(condition, option(o))),
        ...command.places.flatMap((p) =>
          p === 'file'
            ? [line(condition, '-F')]
            : isWords(p)
              ? [line(condition, `-a ${text(p.join(' '))}`)]
              : p === 'name'
                ? [line(condition, `-a ${NAMES}`)]
                : [],
        ),
      ];
    }),
  ];
}
