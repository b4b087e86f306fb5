/** A few cases of the fault matrix, of different kinds of fault, by the code that runs them all. */
import { expect, it } from 'vitest';
import { CASES } from './matrix/cases.ts';
import type { Played } from './matrix/play.ts';
import { runCases } from './matrix/run.ts';
import { labTitle, missing } from './suite.ts';

/** After it no case is begun. */
const MINUTES = 25;

const SAMPLE = [
  'volume-set/pre-validate/coordinator/cut-after',
  'volume-set/commit/brick-owner/store-immutable',
  'volume-set/commit/other-member/glusterd-frozen',
  'volume-set/commit/controller/controller-killed',
];

it.skipIf(missing.length > 0)(
  labTitle(`${String(SAMPLE.length)} cases of the fault matrix end exactly before or exactly after`),
  async () => {
    const cases = SAMPLE.map((name) => CASES.find((c) => c.name === name)!);
    const played: Played[] = [];
    await runCases(cases, {
      labs: 1,
      minutes: MINUTES,
      hung: 0,
      onPlayed: (p) => played.push(p),
      onHung: () => undefined,
    });
    expect(played.filter((p) => p.short.length > 0)).toEqual([]);
    expect(played.map((p) => p.name)).toEqual(SAMPLE);
  },
);
