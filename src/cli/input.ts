/**
 * The cluster file as given on the command line: read, checked, with the SSH flags over it. Owns file access;
 * contacts no node.
 */
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { type Diagnostic, InvalidFile } from '../core/diagnostic.ts';
import { failure, FailureError } from '../core/failure.ts';
import { loadDesired } from '../cluster-file/load.ts';
import type { Desired, SshSettings } from '../model/desired.ts';
import { standardInput, workingDirectory } from './process.ts';

/** As commander gives them. */
export interface SshFlags {
  readonly user?: string;
  readonly port?: number;
  readonly identityFile?: string;
  readonly knownHosts?: string;
  readonly acceptNew?: boolean;
  readonly become?: boolean;
  readonly connectTimeout?: number;
}

export interface Source {
  /** As the user gave it. */
  readonly file: string;
  readonly text: string;
  readonly directory: string;
}

export async function readSource(file: string): Promise<Source> {
  if (file === '-') {
    const chunks: Buffer[] = [];
    for await (const chunk of standardInput()) chunks.push(chunk as Buffer);
    return { file, text: Buffer.concat(chunks).toString('utf8'), directory: workingDirectory() };
  }
  try {
    return { file, text: await readFile(file, 'utf8'), directory: dirname(resolve(file)) };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const cause =
      code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a directory' : code;
    throw new FailureError(
      failure('invalid-input', `${file} cannot be read`, {
        cause,
        fix: 'give the path of a cluster file, or - for standard input',
      }),
    );
  }
}

export function load(
  source: Source,
  flags: SshFlags,
): { readonly desired: Desired; readonly warnings: readonly Diagnostic[] } {
  const loaded = loadDesired(source.text, source.file, {
    home: homedir(),
    directory: source.directory,
    flags: settingsOf(flags),
  });
  if (!loaded.ok) throw new InvalidFile(loaded.error);
  return { desired: loaded.value, warnings: loaded.warnings };
}

function settingsOf(flags: SshFlags): Partial<SshSettings> {
  return {
    ...(flags.user !== undefined && { user: flags.user }),
    ...(flags.port !== undefined && { port: flags.port }),
    ...(flags.identityFile !== undefined && { identityFile: resolve(flags.identityFile) }),
    ...(flags.knownHosts !== undefined && { knownHostsFile: resolve(flags.knownHosts) }),
    ...(flags.acceptNew === true && { strictHostKeyChecking: 'accept-new' as const }),
    ...(flags.become === true && { become: true }),
    ...(flags.connectTimeout !== undefined && { connectTimeoutSeconds: flags.connectTimeout }),
  };
}
