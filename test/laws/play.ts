/**
 * A seed, what is drawn from it, and its run: one interface for the kinds of runs. Owns which kind a seed is.
 */
import { type Aftermath, aftermathRun, type Scenario } from './aftermath.ts';
import { draw } from './draw.ts';
import { AFTERMATHS, type AftermathKind, drawAftermath } from './draw-aftermath.ts';
import { faultRun } from './fault-run.ts';
import { shrink } from './shrink.ts';

export type Kind = 'faults' | AftermathKind;
const KINDS: readonly Kind[] = ['faults', ...AFTERMATHS];
const BY_DEFAULT: readonly Kind[] = ['faults'];

export interface Drawn extends Scenario {
  readonly kind: Kind;
}

export interface Played extends Pick<Aftermath, 'ending' | 'broken' | 'trace'> {
  readonly kind: Kind;
  /** Of the transaction, then of each recovery; undefined: the controller died. */
  readonly exits: readonly (number | undefined)[];
}

export function kindsOf(words: string | undefined): readonly Kind[] {
  const wanted = words?.split(',') ?? BY_DEFAULT;
  const known = KINDS.filter((k) => wanted.includes(k));
  if (known.length !== wanted.length) throw new Error(`kinds are ${KINDS.join(', ')}`);
  return known;
}

/** `faults` alone draws the same for a seed as ever. */
export function scenarioOf(seed: number, kinds: readonly Kind[]): Drawn {
  const kind = kinds[seed % kinds.length] ?? 'faults';
  return kind === 'faults' ? { kind, ...draw(seed), since: [] } : { kind, ...drawAftermath(seed, kind) };
}

export async function play(seed: number, { kind, ...scenario }: Drawn): Promise<Played> {
  if (kind !== 'faults') {
    const { exit, recoveries, ...rest } = await aftermathRun(scenario, seed);
    return { kind, exits: [exit, ...recoveries], ...rest };
  }
  const { result, ending, broken, trace } = await faultRun(scenario.change, seed, scenario.faults);
  return { kind, exits: [result?.exitCode], ending, broken, trace };
}

/** The shortest scenario of this seed that still breaks a law: fewer faults, and less that happens since. */
export async function shortest(seed: number, scenario: Drawn): Promise<Drawn> {
  const fails = async (one: Drawn): Promise<boolean> => (await play(seed, one)).broken.length > 0;
  const faults = await shrink(scenario.faults, (some) => fails({ ...scenario, faults: some }));
  let least: Drawn = { ...scenario, faults };
  for (let i = 0; i < least.since.length;) {
    const without = { ...least, since: least.since.toSpliced(i, 1) };
    if (await fails(without)) least = without;
    else i += 1;
  }
  return least;
}
