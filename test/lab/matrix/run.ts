/**
 * Plays many cases in some labs beside each other: a lab that a case left unsound is taken down and a new one
 * comes in its place.
 */
import { assertNoTraces } from '../lab.ts';
import { type Case, CHANGES } from './cases.ts';
import { LAYOUTS, MatrixLab } from './matrix-lab.ts';
import { type Afters, hungLock, play, type Played } from './play.ts';

export interface RunOptions {
  readonly labs: number;
  readonly minutes: number;
  /** How often the lock of a hanging controller is measured, in each lab, at its end. */
  readonly hung: number;
  readonly onPlayed: (played: Played) => void;
  readonly onHung: (seconds: number) => void;
}

export async function runCases(cases: readonly Case[], options: RunOptions): Promise<void> {
  const deadline = performance.now() + options.minutes * 60_000;
  const afters: Afters = new Map();
  const { labs } = options;
  const shares = Array.from({ length: labs }, (_, i) =>
    cases.slice(Math.floor((i * cases.length) / labs), Math.floor(((i + 1) * cases.length) / labs)),
  );
  await Promise.all(shares.map((own) => work(next(own, shares), afters, deadline, options)));
}

/**
 * Like cases follow each other in one lab, as they begin alike. A worker that is done takes from the end of
 * the longest share.
 */
const next = (own: Case[], shares: readonly Case[][]) => (): Case | undefined =>
  own.shift() ?? shares.reduce((longest, s) => (s.length > longest.length ? s : longest), own).pop();

async function work(
  take: () => Case | undefined,
  afters: Afters,
  deadline: number,
  options: RunOptions,
): Promise<void> {
  let cluster: MatrixLab | undefined;
  const drop = async (): Promise<void> => {
    const lab = cluster?.lab;
    cluster = undefined;
    if (lab === undefined) return;
    await lab.down();
    await assertNoTraces(lab.name);
  };
  try {
    for (let c = take(); c !== undefined && performance.now() < deadline; c = take()) {
      const began = performance.now();
      try {
        cluster ??= await MatrixLab.up();
        const played = await play(cluster, c, afters);
        options.onPlayed(played);
        if (played.short.length > 0) await drop();
      } catch (error) {
        for (const layout of LAYOUTS) afters.delete(`${c.change.name} ${layout}`);
        options.onPlayed(broken(c, error, began));
        await drop();
      }
    }
    for (let i = 0; i < options.hung; i++) {
      cluster ??= await MatrixLab.up();
      options.onHung(
        await hungLock(
          cluster,
          CHANGES.find((x) => x.name === 'volume-start')!,
        ),
      );
    }
  } finally {
    await drop();
  }
}

/** This says nothing of the product or of the case; it counts as short all the same. */
const broken = (c: Case, error: unknown, began: number): Played => ({
  name: c.name,
  change: c.change.name,
  fault: c.fault,
  phase: c.phase,
  landed: 'never',
  exit: null,
  recovered: false,
  stands: 'before',
  writes: 0,
  longestGapMs: 0,
  seconds: (performance.now() - began) / 1000,
  short: [
    `the case could not be played: ${error instanceof Error ? error.message.slice(0, 900) : String(error)}`,
  ],
});
