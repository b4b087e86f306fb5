/**
 * `init`: a first cluster file, of hosts that are named, or of a living cluster as one of its hosts knows it.
 * Overwrites no file, and changes nothing on a node.
 */
import { lstat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import { failure, FailureError } from '../../core/failure.ts';
import { err, ok } from '../../core/result.ts';
import { quote } from '../../core/shell.ts';
import { listed } from '../../core/text.ts';
import { type Head, type HeadNode, headText, templateText } from '../../cluster-file/head.ts';
import { isHost, isLoopback } from '../../cluster-file/host.ts';
import type { Desired } from '../../model/desired.ts';
import { printable } from '../../report/printable.ts';
import { judge, type Source, settingsOf, type SshFlags } from '../input.ts';
import { liveFile } from '../live-file.ts';
import { workingDirectory } from '../process.ts';
import { type ReadAt, reachPool } from '../reach-pool.ts';
import { schemaPlace } from '../schema-place.ts';
import { observeCluster, openAny, type Session } from '../session.ts';

export interface InitFlags extends SshFlags {
  readonly from?: string;
  readonly cluster: string;
  readonly out?: string;
}

export async function initCommand(
  hosts: readonly string[],
  flags: InitFlags,
  session: Session,
): Promise<void> {
  const { from, out } = flags;
  if ((from === undefined) === (hosts.length === 0)) throw new FailureError(eitherOr(from));
  if (out !== undefined) await refuseToOverwrite(out);
  if (from === undefined) {
    const head = headOf(
      hosts.map((name) => ({ name })),
      flags,
    );
    checked(sourceOf(headText(head)), flags);
    await deliver(templateText(head), flags, session);
    return;
  }
  const pool = await reachPool(from, reader(flags, session));
  const remark = `Read from the cluster. "glusterctl plan" of this file says what is not as it should be.`;
  const source = sourceOf(headText({ ...headOf(pool.nodes, flags), remark }));
  const desired = checked(source, flags);
  await using cluster = await observeCluster(desired, session);
  const names = pool.nodes.map(({ name }) => quote(name)).join(' ');
  const repair = `"glusterctl init ${names} --out nodes.yaml", then "glusterctl recover nodes.yaml"`;
  const live = liveFile(source, desired, cluster, flags, repair);
  await deliver(live.text, flags, session);
  if (pool.halfWay.length > 0)
    session.terminal.err(`no members yet, so left out: ${printable(listed(pool.halfWay))}\n`);
  live.remark(session.terminal);
}

const eitherOr = (from: string | undefined): ReturnType<typeof failure> =>
  failure('invalid-input', from === undefined ? 'init needs hosts' : 'init takes hosts or --from, not both', {
    fix: '"glusterctl init HOST…" writes a template, "glusterctl init --from HOST" the living cluster',
  });

async function refuseToOverwrite(out: string): Promise<void> {
  const there = (path: string): Promise<boolean> =>
    lstat(path).then(
      () => true,
      () => false,
    );
  if (await there(out)) throw new FailureError(isThere(out));
  if (!(await there(dirname(out)))) throw new FailureError(cannotWrite(out, `there is no ${dirname(out)}`));
}

const isThere = (out: string): ReturnType<typeof failure> =>
  failure('invalid-input', `${out} is there already, and init overwrites nothing`, {
    fix: 'give another name, or move the file away',
  });

const cannotWrite = (out: string, cause: string): ReturnType<typeof failure> =>
  failure('invalid-input', `the cluster file cannot be written to ${out}`, {
    cause,
    fix: 'give a path that can be written',
  });

const headOf = (nodes: readonly HeadNode[], flags: InitFlags): Head => ({
  schema: schemaPlace(),
  cluster: flags.cluster,
  ssh: Object.entries(settingsOf(flags)).flatMap(([key, value]) =>
    value === undefined ? [] : [[key, typeof value === 'string' ? fromHome(value) : value] as const],
  ),
  nodes,
});

/** The file may go to another user, or another machine. */
const fromHome = (path: string): string =>
  path.startsWith(`${homedir()}/`) ? `~${path.slice(homedir().length)}` : path;

const sourceOf = (text: string): Source => ({ file: 'init', text, directory: workingDirectory() });

/** Its mistakes are those of the words on the command line. */
function checked(source: Source, flags: SshFlags): Desired {
  const loaded = judge(source, flags);
  if (loaded.ok) return loaded.value;
  throw new FailureError(
    ...loaded.error.map(({ message }) =>
      failure('invalid-input', message, {
        fix: 'give the names by which gluster knows the nodes; --user, --port and --cluster give the rest',
      }),
    ),
  );
}

/** Reads one host, by a file that names it alone. */
const reader =
  (flags: InitFlags, session: Session): ReadAt =>
  async (address) => {
    const name = isHost(address) && !isLoopback(address) ? address : 'from';
    const desired = checked(sourceOf(headText(headOf([{ name, address }], flags))), flags);
    await using cluster = await openAny(desired, session);
    const [reading] = cluster.observed.nodes.values();
    if (reading?.kind === 'read') return ok(reading.facts);
    return err(
      reading?.kind === 'failed' ? reading.failure : failure('node-unreadable', `${address} was not read`),
    );
  };

async function deliver(text: string, { out }: InitFlags, { terminal }: Session): Promise<void> {
  if (out === undefined) {
    terminal.out(text);
    return;
  }
  try {
    await writeFile(out, text, { flag: 'wx' });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST')
      throw new FailureError(isThere(out));
    throw new FailureError(cannotWrite(out, error instanceof Error ? error.message : String(error)));
  }
  terminal.err(`written to ${out}; next: glusterctl plan ${quote(out)}\n`);
}
