/**
 * The command line: its help, and the one place where errors are reported. Names and flags of the commands
 * are in command-groups.ts.
 */
import { Command, CommanderError } from 'commander';
import { formatDiagnostic, InvalidFile } from '../core/diagnostic.ts';
import { FailureError } from '../core/failure.ts';
import { count } from '../core/text.ts';
import { failureText } from '../report/text/failure-text.ts';
import { fitted } from './fitted.ts';
import { GROUPS } from './command-groups.ts';
import { contacted } from '../model/desired.ts';
import { Routes } from '../ssh/routes.ts';
import { exitCodeOfFailures } from './exit-codes.ts';
import { type Pasteable, pasteable } from './pasteable.ts';
import { manPage } from './man-page.ts';
import { colourAsked, exitWith, interruptSignal, surviveLostOutput, terminal } from './process.ts';
import { type Session, warner } from './session.ts';
import { withUsage } from './usage.ts';

const EXAMPLES = `
Examples:
  glusterctl plan cluster.yaml                        what apply would do
  glusterctl plan cluster.yaml --out change.plan      the same, saved
  glusterctl apply cluster.yaml                       plan, ask, do it as one transaction
  glusterctl apply change.plan --yes                  exactly the saved plan, or nothing
  glusterctl plan cluster.yaml --detailed-exitcode    exit 2 when changes are pending (CI)
  glusterctl doctor cluster.yaml                      every disagreement between the nodes

Exit codes:
  0 done, or nothing to do        5 locked by someone else
  1 unexpected error              6 rollback incomplete; says what is left
  2 changes or findings pending   7 a node could not be reached or read
  3 failed; cluster as it was     8 a person has to decide or repair first
  4 invalid input                 130 interrupted; rolled back first
`;

export async function main(
  argv: readonly string[],
  version: string,
  open: Session['open'] = overSsh,
): Promise<void> {
  surviveLostOutput();
  const console = terminal(colourAsked(argv));
  const session: Session = { terminal: console, signal: interruptSignal(), warn: warner(console), open };
  await answer(argv, version, session);
}

/** Runs the command, says what went wrong, and sets the exit code. */
export async function answer(argv: readonly string[], version: string, given: Session): Promise<void> {
  const session = pasteable(fitted(given));
  const [, , command, ...words] = argv;
  // For the scripts of `completion`; not a command, because its words are another's.
  if (command === '__complete') {
    await (await import('./complete-names.ts')).completeNames(words, given.terminal);
    return;
  }
  try {
    await program(session, version).parseAsync(argv);
  } catch (error) {
    exitWith(explain(error, session, version));
  }
}

/** The commands; what they print and contact goes through the session. */
export function program(session: Session & Partial<Pasteable>, version: string): Command {
  const root = new Command('glusterctl')
    .description(
      'Brings GlusterFS clusters to the state that a YAML file describes, in a transaction that rolls back.',
    )
    .version(`glusterctl ${version}`, '-V, --version')
    .helpOption('-h, --help')
    .addHelpText('after', EXAMPLES)
    .exitOverride()
    .configureOutput({
      writeErr: (text) => {
        session.terminal.err(text);
      },
    })
    .hook('preAction', (_root, command) => {
      session.onCommand?.(command);
    });
  for (const addCommands of GROUPS) addCommands(root, session);
  withUsage(root);
  return root;
}

/** The manual page; the build writes it beside the program. */
export const manual = (version: string): string => manPage(program(NOBODY, version), version, EXAMPLES);

const SILENT = { out: () => undefined, err: () => undefined, errIsTty: false, outIsTty: false };
/** For a program that is described and never called. */
const NOBODY: Session = {
  terminal: { ...SILENT, colour: false, columns: 80 },
  signal: new AbortController().signal,
  warn: () => undefined,
  open: overSsh,
};

/** Prints what went wrong and answers the exit code. */
function explain(error: unknown, { terminal: { err, colour } }: Session, version: string): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4;
  if (error instanceof InvalidFile) {
    const sum = `${count(error.diagnostics.length, 'mistake')}; no node was changed`;
    err([...error.diagnostics.map(formatDiagnostic), sum, ''].join('\n'));
    return 4;
  }
  if (error instanceof FailureError) {
    err(`${failureText(error.failures, colour).trimEnd()}\n`);
    return exitCodeOfFailures(error.failures);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  err(
    [
      `internal error; this is a bug in glusterctl ${version}.`,
      text,
      'Please report it with the command and these lines.\n',
    ].join('\n'),
  );
  return 1;
}

/**
 * The SSH library is loaded when a node is contacted: it is most of the start-up time. Meanwhile `ssh -G`
 * answers, in processes of its own.
 */
async function overSsh(
  ...[desired, signal, onNode, contact]: Parameters<Session['open']>
): ReturnType<Session['open']> {
  const routes = new Routes(contact);
  const asked = routes.ofNodes(contacted(desired));
  const [{ openCluster }] = await Promise.all([import('./cluster.ts'), asked]);
  return await openCluster(desired, signal, onNode, { ...contact, routes });
}
