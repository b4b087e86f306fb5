/**
 * `__complete`: names of the cluster file on the line, for the scripts of `completion`. Contacts no node, and
 * says nothing where it knows nothing: a person is typing.
 */
import type { Desired } from '../model/desired.ts';
import { judge, readSource } from './input.ts';
import type { Terminal } from '../report/terminal.ts';

/** By the flag before the cursor. */
const NAMES: Readonly<Record<string, (desired: Desired) => readonly string[]>> = {
  '--allow-destroy': ({ volumes }) => volumes.map((v) => `volume/${v.name}`),
  '--new-disk': ({ volumes }) => volumes.flatMap((v) => v.bricks.map((b) => `brick/${b.node}:${b.path}`)),
  '--prefer': ({ volumes, nodes }) => volumes.flatMap((v) => nodes.map((n) => `volume/${v.name}=${n.name}`)),
  '--without': ({ nodes }) => nodes.map((n) => n.name),
};

/** The places of these commands after the file. */
const NODE_IS_NEXT = ['drain', 'undrain'];

/**
 * `words`: what stands before the cursor, without the program. bash makes three words of `--without=node01`
 * and of `volume/data=node01`, and completes the last alone.
 */
export async function completeNames(words: readonly string[], { out }: Terminal): Promise<void> {
  const isSplit = words.at(-1) === '=';
  const before = isSplit ? words.slice(0, -1) : words;
  const [flag = '', volume] = before.at(-1)?.includes('/') === true ? before.slice(-2) : before.slice(-1);
  const names = NAMES[flag] ?? (NODE_IS_NEXT.includes(words[0] ?? '') ? NAMES['--without'] : undefined);
  const desired = names === undefined ? undefined : await fileOn(words);
  if (desired === undefined) return;
  const all = names?.(desired) ?? [];
  const fitting =
    volume === undefined
      ? all
      : all.flatMap((name) => (name.startsWith(`${volume}=`) ? [name.slice(volume.length + 1)] : []));
  out(fitting.map((name) => `${name}\n`).join(''));
}

/** The first word that is a cluster file without mistakes. */
async function fileOn(words: readonly string[]): Promise<Desired | undefined> {
  for (const word of words.slice(1)) {
    // Standard input is the person's.
    if (word.startsWith('-') || word === '=') continue;
    const loaded = await readSource(word).then(
      (source) => judge(source, {}),
      () => undefined,
    );
    if (loaded?.ok === true) return loaded.value;
  }
  return undefined;
}
