/**
 * A cluster file with the volumes that are there, without what a file must not say. Owns what is left out and
 * why; what a file must not say is the rules'.
 */
import { InvalidFile, type Diagnostic } from '../core/diagnostic.ts';
import type { Failure } from '../core/failure.ts';
import { ok, type Result } from '../core/result.ts';
import type { Desired, LeftUnsaid, VolumeEntry } from '../model/desired.ts';
import type { Loaded } from './load.ts';
import { withVolumes } from './write.ts';

interface Sound {
  readonly text: string;
  readonly desired: Desired;
  readonly unsaid: readonly LeftUnsaid[];
}

/** Written and read again until no mistake is left; each round leaves something out. */
export function soundFile(
  text: string,
  volumes: readonly VolumeEntry[],
  read: (text: string) => Loaded,
): Result<Sound, Failure> {
  const unsaid: LeftUnsaid[] = [];
  let kept = volumes;
  for (;;) {
    const written = withVolumes(text, kept);
    if (!written.ok) return written;
    const loaded = read(written.value);
    if (loaded.ok) return ok({ text: written.value, desired: loaded.value, unsaid });
    const round = kept.map((volume) => withoutMistakes(volume, loaded.error));
    const found = round.flatMap((r) => r.unsaid);
    if (found.length === 0) throw new InvalidFile(loaded.error);
    unsaid.push(...found);
    kept = round.flatMap((r) => r.volume ?? []);
  }
}

interface Round {
  readonly volume?: VolumeEntry;
  readonly unsaid: readonly LeftUnsaid[];
}

/** The volume without the options that are mistakes; none where anything else of it is one. */
function withoutMistakes(volume: VolumeEntry, mistakes: readonly Diagnostic[]): Round {
  const about = mistakes.filter(({ path: [top, name] = [] }) => top === 'volumes' && name === volume.name);
  const others = about.filter(
    ({ path = [] }) => optionOf(path) === undefined || volume.optionsMode === 'exact',
  );
  const first = others[0];
  if (first !== undefined) return { unsaid: [{ what: `volume ${volume.name}`, why: reasonOf(first) }] };
  const wrong = new Map(about.map((d) => [optionOf(d.path ?? []), reasonOf(d)]));
  return {
    volume: { ...volume, options: new Map([...volume.options].filter(([name]) => !wrong.has(name))) },
    unsaid: [...wrong].map(([name = '', why]) => ({ what: `option ${name} of volume ${volume.name}`, why })),
  };
}

const optionOf = ([, , key, name]: NonNullable<Diagnostic['path']>): string | undefined =>
  key === 'options' && typeof name === 'string' ? name : undefined;

/** Lines are those of a text that nobody sees. */
const reasonOf = ({ message }: Diagnostic): string => message.replaceAll(/ \(line \d+\)/g, '');
