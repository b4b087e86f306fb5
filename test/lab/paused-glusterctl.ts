/**
 * `PAUSE_SEED=N PAUSE_MAX_MS=MS npx tsx test/lab/paused-glusterctl.ts apply FILE …`: the command line as it
 * is, on nodes that are each slow to be asked. Ends as `main` of src/cli/program.ts does; what it prints of
 * failures is shorter.
 */
import { CommanderError } from 'commander';
import manifest from '../../package.json' with { type: 'json' };
import { openCluster } from '../../src/cli/cluster.ts';
import { exitCodeOfFailures } from '../../src/cli/exit-codes.ts';
import { exitNow, exitWith, interruptSignal, surviveClosedPipes, terminal } from '../../src/cli/process.ts';
import { program } from '../../src/cli/program.ts';
import { type Session, warner } from '../../src/cli/session.ts';
import { InvalidFile } from '../../src/core/diagnostic.ts';
import { FailureError } from '../../src/core/failure.ts';
import { failureText } from '../../src/report/text/failure-text.ts';
import { pausedCluster, pausesOf } from './pauses.ts';

surviveClosedPipes();
const console = terminal({});
const session: Session = {
  terminal: console,
  signal: interruptSignal(() => exitNow(130)),
  warn: warner(console),
  open: pausedCluster(
    openCluster,
    pausesOf(process.env['PAUSE_SEED'] ?? '1', process.env['PAUSE_MAX_MS'] ?? '0'),
  ),
};

function codeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4;
  if (error instanceof InvalidFile) {
    console.err(`${error.message}\n`);
    return 4;
  }
  if (error instanceof FailureError) {
    console.err(failureText(error.failures, console.colour));
    return exitCodeOfFailures(error.failures);
  }
  console.err(`${String(error instanceof Error ? error.stack : error)}\n`);
  return 1;
}

try {
  await program(session, manifest.version).parseAsync(process.argv);
} catch (error) {
  exitWith(codeOf(error));
}
