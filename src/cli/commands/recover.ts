/** `glusterctl recover`: the repairs alone, and whose copy is right where a person says so. */
import { recoverChange } from '../../change/recover.ts';
import { failure, FailureError } from '../../core/failure.ts';
import { changeOnTerminal, type ChangeFlags } from '../change-on-terminal.ts';
import { load, readSource, type SshFlags } from '../input.ts';
import type { Session } from '../session.ts';

export interface RecoverFlags extends SshFlags, ChangeFlags {
  readonly prefer: readonly string[];
}

export async function recoverCommand(file: string, flags: RecoverFlags, session: Session): Promise<void> {
  const { desired, warnings } = load(await readSource(file), flags);
  session.warn(warnings);
  const prefer = new Map(flags.prefer.map(readPreference));
  await changeOnTerminal(recoverChange({ desired, prefer }), flags, session);
}

function readPreference(text: string): readonly [string, string] {
  const match = /^volume\/([^=]+)=(.+)$/.exec(text);
  if (match?.[1] !== undefined && match[2] !== undefined) return [match[1], match[2]];
  throw new FailureError(
    failure('invalid-input', `--prefer ${text} is not understood`, {
      fix: 'write --prefer volume/NAME=NODE',
    }),
  );
}
