/**
 * The command line: names, flags, help, and the one place where everything thrown ends. Commands are loaded
 * when they are called.
 */
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { formatDiagnostic, InvalidFile } from '../core/diagnostic.ts';
import { FailureError } from '../core/failure.ts';
import { SHELLS, type Shell } from './completion-script.ts';
import { failureText } from '../report/text/failure-text.ts';
import { exitCodeOfFailures } from './exit-codes.ts';
import type { PlanFlags } from './commands/plan.ts';
import type { ApplyFlags } from './commands/apply.ts';
import type { RecoverFlags } from './commands/recover.ts';
import type { LockFlags, ReleaseFlags } from './commands/lock.ts';
import type { LookFlags } from './commands/look.ts';
import type { RestoreFlags } from './commands/restore.ts';
import type { SshFlags } from './input.ts';
import { exitNow, exitWith, interruptSignal, surviveClosedPipes, terminal } from './process.ts';
import { type Session, warner } from './session.ts';

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
  3 failed; cluster as it was     8 a decision is needed; names the flag
  4 invalid input                 130 interrupted; rolled back first
`;

export async function main(argv: readonly string[], version: string): Promise<void> {
  surviveClosedPipes();
  const console = terminal({});
  const signal = interruptSignal(() => {
    console.err('\nstopped waiting; the journal on the nodes says what is owed: "glusterctl doctor FILE"\n');
    exitNow(130);
  });
  const session: Session = { terminal: console, signal, warn: warner(console), open: overSsh };
  try {
    await program(session, version).parseAsync(argv);
  } catch (error) {
    exitWith(explain(error, session, version));
  }
}

/** The commands; what they print and contact goes through the session. */
export function program(session: Session, version: string): Command {
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
    .showHelpAfterError('("glusterctl --help" shows everything)');
  const command = (name: string, about: string): Command =>
    root.command(name).description(about).exitOverride().showHelpAfterError();
  withSsh(command('plan', 'show what apply would do; changes nothing').argument('<file>', FILE))
    .addOption(format(['text', 'json', 'markdown']))
    .option('--json', 'short for --format json')
    .option('--out <plan>', 'save the plan, for "glusterctl apply PLAN"')
    .option('--detailed-exitcode', 'exit 2 when changes are pending')
    .option('--verbose', 'all evidence, unshortened')
    .action(async (file: string, flags: PlanFlags) => {
      await (await import('./commands/plan.ts')).planCommand(file, asked(flags), session);
    });
  withSsh(
    command('apply', 'plan, ask, then run it as one transaction').argument(
      '<file>',
      `${FILE}, or a saved plan`,
    ),
  )
    .addOption(format(['text', 'json']))
    .option('--json', 'short for --format json: one event a line')
    .option('-y, --yes', 'do not ask')
    .addOption(
      repeated('--allow-destroy <subject>', 'allow destructive steps on it (volume/NAME); may be repeated'),
    )
    .action(async (file: string, flags: ApplyFlags) => {
      await (await import('./commands/apply.ts')).applyCommand(file, asked(flags), session);
    });
  withSsh(
    command('recover', 'settle unfinished transactions and mend what the nodes disagree about').argument(
      '<file>',
      FILE,
    ),
  )
    .addOption(format(['text', 'json']))
    .option('--json', 'short for --format json: one event a line')
    .option('-y, --yes', 'do not ask')
    .addOption(
      repeated('--prefer <choice>', 'whose copy of a volume is right: volume/NAME=NODE; may be repeated'),
    )
    .action(async (file: string, flags: RecoverFlags) => {
      await (await import('./commands/recover.ts')).recoverCommand(file, asked(flags), session);
    });
  for (const name of ['status', 'doctor'] as const)
    withSsh(command(name, ABOUT[name]).argument('<file>', FILE))
      .addOption(format(name === 'doctor' ? ['text', 'json', 'markdown'] : ['text', 'json']))
      .option('--json', 'short for --format json')
      .option('--verbose', 'all evidence, unshortened')
      .action(async (file: string, flags: LookFlags) => {
        const look = await import('./commands/look.ts');
        await look[`${name}Command`](file, asked(flags), session);
      });
  withSsh(
    command('export', 'print the live cluster as a cluster file whose plan is empty').argument(
      '<file>',
      `${FILE}; it names the nodes`,
    ),
  ).action(async (file: string, flags: SshFlags) => {
    await (await import('./commands/export.ts')).exportCommand(file, flags, session);
  });
  const lock = command('lock', 'who holds the cluster; take its lock away');
  const ofLock = (name: string, about: string): Command =>
    lock.command(name).description(about).exitOverride().showHelpAfterError().argument('<file>', FILE);
  withSsh(ofLock('show', 'who holds the cluster on each node, since when; changes nothing'))
    .addOption(format(['text', 'json']))
    .option('--json', 'short for --format json')
    .action(async (file: string, flags: LockFlags) => {
      await (await import('./commands/lock.ts')).lockShowCommand(file, asked(flags), session);
    });
  withSsh(ofLock('release', "remove a dead holder's name; refuses while a holder lives"))
    .addOption(format(['text', 'json']))
    .option('--json', 'short for --format json')
    .option('--force <transaction>', 'end the living holder of exactly this transaction; recover settles it')
    .action(async (file: string, flags: ReleaseFlags) => {
      await (await import('./commands/lock.ts')).lockReleaseCommand(file, asked(flags), session);
    });
  withSsh(
    command('history', 'earlier transactions kept on the nodes; changes nothing')
      .argument('<file>', FILE)
      .argument('[id]', 'the steps of this one; without it: all of them'),
  )
    .addOption(format(['text', 'json']))
    .option('--json', 'short for --format json')
    .action(async (file: string, id: string | undefined, flags: LockFlags) => {
      await (await import('./commands/history.ts')).historyCommand(file, id, asked(flags), session);
    });
  withSsh(
    command('restore', 'put the store back as it was before an earlier transaction, as a transaction')
      .argument('<file>', FILE)
      .argument('<id>', 'as "glusterctl history" prints it'),
  )
    .addOption(format(['text', 'json']))
    .option('--json', 'short for --format json: one event a line')
    .option('-y, --yes', 'do not ask')
    .addOption(
      repeated('--allow-destroy <subject>', 'allow destructive steps on it (volume/NAME); may be repeated'),
    )
    .action(async (file: string, id: string, flags: RestoreFlags) => {
      await (await import('./commands/restore.ts')).restoreCommand(file, id, asked(flags), session);
    });
  withSsh(command('validate', 'check the file; contacts no node').argument('<file>', FILE)).action(
    async (file: string, flags: SshFlags) => {
      await (await import('./commands/offline.ts')).validateCommand(file, flags, session);
    },
  );
  command('schema', 'print the JSON schema of the cluster file').action(async () => {
    (await import('./commands/offline.ts')).schemaCommand(session);
  });
  command('explain', 'what a finding means and how to mend it')
    .argument('[code]', 'as doctor prints it; without it: all codes')
    .action(async (code: string | undefined) => {
      (await import('./commands/offline.ts')).explainCommand(code, session);
    });
  command('completion', 'print a script that completes the command line in your shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action(async (shell: Shell) => {
      (await import('./commands/completion.ts')).completionCommand(shell, root, session);
    });
  return root;
}

const FILE = 'cluster file; - for standard input';
const ABOUT = {
  status: 'nodes, volumes and bricks at a glance',
  doctor: 'every disagreement and fault, with evidence and remedy; changes nothing',
} as const;

const format = (choices: readonly string[]): Option =>
  new Option('--format <format>', 'how to print').choices(choices).default('text');

/** `--json` wins over the default of `--format`. */
const asked = <Flags extends { readonly format: string }>(
  flags: Flags & { readonly json?: boolean },
): Flags => (flags.json === true ? { ...flags, format: 'json' } : flags);

const repeated = (name: string, about: string): Option =>
  new Option(name, about)
    .argParser((value: string, earlier: readonly string[]) => [...earlier, value])
    .default([], 'none');

function withSsh(command: Command): Command {
  return command
    .optionsGroup('SSH (each wins over the file):')
    .option('-u, --user <name>', 'login')
    .option('-p, --port <port>', 'port', integer(1, 65535))
    .option('-i, --identity-file <path>', 'private key')
    .option('--known-hosts <path>', 'known_hosts file')
    .option('--accept-new', 'record host keys that are not known yet; a changed key is always refused')
    .option('--become', 'run through sudo -n')
    .option('--connect-timeout <seconds>', 'limit for connecting to a node', integer(1, 600))
    .optionsGroup('Options:');
}

const integer =
  (min: number, max: number) =>
  (text: string): number => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new InvalidArgumentError(`a whole number from ${String(min)} to ${String(max)}`);
    return value;
  };

/** Prints what went wrong and answers the exit code. */
function explain(error: unknown, { terminal: { err, colour } }: Session, version: string): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4;
  if (error instanceof InvalidFile) {
    const count = error.diagnostics.length;
    err(
      `${error.diagnostics.map(formatDiagnostic).join('\n')}\n${String(count)} mistake${count === 1 ? '' : 's'}; no node was changed\n`,
    );
    return 4;
  }
  if (error instanceof FailureError) {
    err(`${failureText(error.failures, colour).trimEnd()}\n`);
    return exitCodeOfFailures(error.failures);
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  err(
    `glusterctl ${version} met a case it does not know; this is a bug of ours.\n${text}\nPlease report it with the command and these lines.\n`,
  );
  return 1;
}

/** Loaded when a node is contacted: the SSH library is most of the start-up time. */
const overSsh: Session['open'] = async (...args) => await (await import('./cluster.ts')).openCluster(...args);
