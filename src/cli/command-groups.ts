/**
 * Every command: its name, its flags, its file. In the order of the help. A command's file is loaded when it
 * is called.
 */
import { Argument, type Command } from 'commander';
import { callLogOf } from './call-log.ts';
import type { ApplyFlags } from './commands/apply.ts';
import type { InitFlags } from './commands/init.ts';
import type { LockFlags, ReleaseFlags } from './commands/lock.ts';
import type { DrainFlags, UndrainFlags } from './commands/drain.ts';
import type { StatusFlags } from './commands/status.ts';
import type { DoctorFlags } from './commands/doctor.ts';
import type { PlanFlags } from './commands/plan.ts';
import type { RecoverFlags } from './commands/recover.ts';
import type { RollingFlags } from './commands/rolling.ts';
import type { RestoreFlags } from './commands/restore.ts';
import { SHELLS, type Shell } from './completion-script.ts';
import type { SshFlags } from './input.ts';
import {
  allowDestroy,
  asked,
  duration,
  FILE,
  newDisk,
  prefer,
  repeated,
  withChange,
  withConsent,
  withFormat,
  without,
  withSsh,
  wait,
} from './options.ts';
import type { Session } from './session.ts';

/** Adds its commands to the program. */
type Group = (program: Command, session: Session) => void;

const child = (parent: Command, name: string, about: string): Command =>
  parent.command(name).description(about).exitOverride();

/** One that works on the nodes of a cluster file. */
const onCluster = (parent: Command, name: string, about: string, file = FILE): Command =>
  withSsh(child(parent, name, about).argument('<file>', file));

/** Its flags of contact are taken, so that it can be called like the others, and not shown: none matters. */
function withoutShowing(command: Command): Command {
  for (const option of command.options) option.hideHelp();
  return command;
}

function contacting(session: Session, contact: SshFlags): Session {
  const { terminal } = session;
  const log = callLogOf(contact, terminal);
  return {
    ...session,
    contact,
    ...(log !== undefined && { log }),
    // Lines that come in between would tear a display that moves the cursor.
    ...(contact.v === true && { terminal: { ...terminal, errIsTty: false } }),
  };
}

const starting: Group = (program, session) => {
  withSsh(
    child(program, 'init', 'write a first cluster file: of hosts, or of a living cluster')
      .argument('[host...]', 'names by which gluster knows the nodes; the file is a template to fill in')
      .option('--from <host>', 'read the whole cluster that this host belongs to')
      .option('--cluster <name>', 'name of the cluster', 'gluster')
      .option('--out <path>', 'write to this file, which must not be there yet'),
  ).action(async (hosts: readonly string[], flags: InitFlags) => {
    await (await import('./commands/init.ts')).initCommand(hosts, flags, contacting(session, flags));
  });
};

const changing: Group = (program, session) => {
  withFormat(onCluster(program, 'plan', 'show what apply would do; changes nothing'), 'plan')
    .option('--out <plan>', 'save the plan, for "glusterctl apply PLAN"')
    .addOption(prefer())
    .option('--detailed-exitcode', 'exit 2 when changes are pending')
    .addOption(wait())
    .option('--no-wait', 'as apply has it: say that what runs is left to go on')
    .addOption(newDisk())
    .addOption(without())
    .option('--verbose', 'all evidence, unshortened')
    .action(async (file: string, flags: PlanFlags) => {
      await (await import('./commands/plan.ts')).planCommand(file, asked(flags), contacting(session, flags));
    });
  const applying = 'plan, ask, repair what is in the way, change';
  withConsent(withChange(onCluster(program, 'apply', applying, `${FILE}, or a saved plan`)))
    .addOption(allowDestroy())
    .addOption(prefer())
    .option('--no-repair', 'refuse where something has to be repaired first')
    .addOption(wait())
    .option('--no-wait', 'end while heals and moves of files go on; apply again waits for them')
    .addOption(newDisk())
    .addOption(without())
    .action(async (file: string, flags: ApplyFlags) => {
      await (
        await import('./commands/apply.ts')
      ).applyCommand(file, asked(flags), contacting(session, flags));
    });
  const recover = 'finish unfinished transactions and repair what the nodes disagree about';
  withConsent(withChange(onCluster(program, 'recover', recover)))
    .addOption(
      repeated('--abandon <id>', 'close the journal of this unfinished transaction; all stays as it is'),
    )
    .addOption(prefer())
    .addOption(allowDestroy())
    .addOption(without())
    .action(async (file: string, flags: RecoverFlags) => {
      await (
        await import('./commands/recover.ts')
      ).recoverCommand(file, asked(flags), contacting(session, flags));
    });
};

const maintenance: Group = (program, session) => {
  const drain = 'take a node out of service: stop its bricks, and let nobody start them';
  withChange(onCluster(program, 'drain', drain))
    .argument('<node>', 'by its name in the file')
    .option('--reason <text>', 'why, for whoever sees the node like that')
    .action(async (file: string, node: string, flags: DrainFlags) => {
      await (
        await import('./commands/drain.ts')
      ).drainCommand(file, node, asked(flags), contacting(session, flags));
    });
  const undrain = 'start the bricks of a drained node, wait for their heals, put it back into service';
  withChange(onCluster(program, 'undrain', undrain))
    .argument('<node>', 'by its name in the file')
    .action(async (file: string, node: string, flags: UndrainFlags) => {
      await (
        await import('./commands/drain.ts')
      ).undrainCommand(file, node, asked(flags), contacting(session, flags));
    });
  const roll = 'run a command on one node after the other, each drained before and undrained after';
  withChange(onCluster(program, 'rolling', roll))
    .argument('<command...>', 'after --: a program and its arguments, or one word for "sh -c"')
    .option('--nodes <names>', 'these, in this order, separated by commas; default: all of the file')
    .option('--local', 'run it here, with GLUSTERCTL_NODE and GLUSTERCTL_ADDRESS, not on the node')
    .option('--wait <duration>', 'for a node to be back, and for its heals (default 15m)', duration)
    .action(async (file: string, words: readonly string[], flags: RollingFlags) => {
      await (
        await import('./commands/rolling.ts')
      ).rollingCommand(file, words, asked(flags), contacting(session, flags));
    });
};

const observing: Group = (program, session) => {
  withFormat(onCluster(program, 'status', 'nodes, volumes and bricks at a glance'), 'status')
    .option('--verbose', 'all evidence, unshortened')
    .addOption(without())
    .action(async (file: string, flags: StatusFlags) => {
      await (
        await import('./commands/status.ts')
      ).statusCommand(file, asked(flags), contacting(session, flags));
    });
  const doctor = 'every disagreement and fault, with evidence and remedy; changes nothing';
  withFormat(onCluster(program, 'doctor', doctor), 'doctor')
    .option('--verbose', 'all evidence, unshortened')
    .addOption(without())
    .action(async (file: string, flags: DoctorFlags) => {
      await (
        await import('./commands/doctor.ts')
      ).doctorCommand(file, asked(flags), contacting(session, flags));
    });
  const live = 'print the live cluster as a cluster file whose plan is empty';
  onCluster(program, 'export', live, `${FILE}; it names the nodes`).action(
    async (file: string, flags: SshFlags) => {
      await (await import('./commands/export.ts')).exportCommand(file, flags, contacting(session, flags));
    },
  );
};

const locks: Group = (program, session) => {
  const lock = child(program, 'lock', 'who holds the cluster; take its lock away');
  const show = 'who holds the cluster on each node, since when; changes nothing';
  withFormat(onCluster(lock, 'show', show), 'locks').action(async (file: string, flags: LockFlags) => {
    await (
      await import('./commands/lock.ts')
    ).lockShowCommand(file, asked(flags), contacting(session, flags));
  });
  const release = "remove a dead holder's name; refuses while a holder lives";
  withFormat(onCluster(lock, 'release', release), 'released')
    .option('--force <transaction>', 'end the living holder of exactly this transaction; recover finishes it')
    .addOption(without())
    .action(async (file: string, flags: ReleaseFlags) => {
      await (
        await import('./commands/lock.ts')
      ).lockReleaseCommand(file, asked(flags), contacting(session, flags));
    });
};

const transactions: Group = (program, session) => {
  const history = 'earlier transactions kept on the nodes; changes nothing';
  withFormat(onCluster(program, 'history', history), 'history')
    .argument('[id]', 'the steps of this one, by the beginning of its id or "latest"; without it: all')
    .action(async (file: string, id: string | undefined, flags: LockFlags) => {
      await (
        await import('./commands/history.ts')
      ).historyCommand(file, id, asked(flags), contacting(session, flags));
    });
  const restore = 'put the store back as it was before an earlier transaction, as a transaction';
  withChange(onCluster(program, 'restore', restore))
    .argument('<id>', 'as "glusterctl history" prints it, the beginning of it, or "latest"')
    .addOption(allowDestroy())
    .action(async (file: string, id: string, flags: RestoreFlags) => {
      await (
        await import('./commands/restore.ts')
      ).restoreCommand(file, id, asked(flags), contacting(session, flags));
    });
};

const offline: Group = (program, session) => {
  withoutShowing(onCluster(program, 'validate', 'check the file; contacts no node')).action(
    async (file: string, flags: SshFlags) => {
      await (await import('./commands/offline.ts')).validateCommand(file, flags, contacting(session, flags));
    },
  );
  child(program, 'schema', 'print the JSON schema of the cluster file').action(async () => {
    (await import('./commands/offline.ts')).schemaCommand(session);
  });
  child(program, 'explain', 'what a code means, of a finding or an error, and what to do')
    .argument('[code]', 'as it is printed; without it: all codes')
    .action(async (code: string | undefined) => {
      (await import('./commands/offline.ts')).explainCommand(code, session);
    });
  child(program, 'completion', 'print a script that completes the command line in your shell')
    .addArgument(new Argument('<shell>', 'which one').choices(SHELLS))
    .action(async (shell: Shell) => {
      (await import('./commands/completion.ts')).completionCommand(shell, program, session);
    });
};

export const GROUPS: readonly Group[] = [
  starting,
  changing,
  maintenance,
  observing,
  locks,
  transactions,
  offline,
];
