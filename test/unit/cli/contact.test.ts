/** The flags about how nodes are contacted reach whoever contacts them, whatever the command. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Contact } from '../../../src/cli/cluster.ts';
import { program } from '../../../src/cli/program.ts';
import { contactOf as contactFor, type Session, warner } from '../../../src/cli/session.ts';
import { nodeName } from '../../../src/model/names.ts';
import { desiredOf } from '../cluster-file/example.ts';

let dir: string;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'glusterctl-contact-'));
  writeFileSync(join(dir, 'cluster.yaml'), 'cluster: c\nnodes: { node01: {} }\n');
  writeFileSync(join(dir, 'password'), 'word\n', { mode: 0o600 });
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const silent = { out: () => undefined, err: () => undefined, outIsTty: false, errIsTty: false };

/** What the nodes are contacted with; the command ends there. */
async function contactOf(words: readonly string[]): Promise<Contact | undefined> {
  let seen: Contact | undefined;
  const terminal = { ...silent, colour: false, columns: 80 };
  const session: Session = {
    terminal,
    signal: new AbortController().signal,
    warn: warner(terminal),
    open: (_desired, _signal, _onNode, contact) => {
      seen = contact;
      throw new Error('seen');
    },
  };
  await expect(program(session, '0').parseAsync(['node', 'glusterctl', ...words])).rejects.toThrow('seen');
  return seen;
}

interface Called {
  readonly words: readonly string[];
  readonly command: Command;
}

const leaves = (command: Command, words: readonly string[] = []): readonly Called[] =>
  command.commands.length === 0
    ? [{ words, command }]
    : command.commands.flatMap((child) => leaves(child, [...words, child.name()]));

const session: Session = {
  terminal: { ...silent, colour: false, columns: 80 },
  signal: new AbortController().signal,
  warn: () => undefined,
  open: () => Promise.reject(new Error('nobody is contacted')),
};
/** It takes the flags, so that it can be called like the others, and contacts no node. */
const CONTACTS_NOBODY = ['validate'];

const contacting = leaves(program(session, '0')).filter(
  ({ words, command }) =>
    command.options.some((o) => o.long === '--forks') && !CONTACTS_NOBODY.includes(words.join(' ')),
);

describe('the flags of contact', () => {
  it.each(contacting.map(({ words, command }) => [words.join(' '), words, command] as const))(
    'of %s',
    async (name, words, command) => {
      const values = command.registeredArguments.map((argument) =>
        argument.name() === 'file' ? join(dir, 'cluster.yaml') : 'node01',
      );
      const places = name === 'init' ? ['--from', 'node01'] : values;
      const flags = ['--forks', '7', '--become', '--become-password-file', join(dir, 'password')];
      const contact = await contactOf([...words, ...places, ...flags]);
      expect(contact?.atOnce).toBe(7);
      expect(await contact?.becomePassword(nodeName('node01'))).toEqual({ ok: true, value: 'word' });
    },
  );
});

it('a command that opens its cluster again has the password that it was given first', async () => {
  const password = join(dir, 'once');
  writeFileSync(password, 'first\n', { mode: 0o600 });
  const contact = { becomePasswordFile: password };
  const desired = desiredOf('cluster: c\nssh: { become: true }\nnodes: { node01: {} }\n');
  const given = async (): Promise<unknown> =>
    await (await contactFor(desired, { ...session, contact })).becomePassword(nodeName('node01'));
  expect(await given()).toEqual({ ok: true, value: 'first' });
  rmSync(password);
  expect(await given()).toEqual({ ok: true, value: 'first' });
});
