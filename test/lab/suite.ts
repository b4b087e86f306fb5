/**
 * What every lab test file begins with: a title that says why it is skipped, and a lab that is up for its
 * tests.
 */
import { afterAll, beforeAll, describe, it } from 'vitest';
import { assertNoTraces, type Lab, type LabOptions, labUp, missingRequirements } from './lab.ts';
import { lackingPackages } from './requirements.ts';

/** Empty: labs can run here. */
export const missing = missingRequirements();

/** Every case, not the sample that runs always. */
export const isFull = process.env['LAB_FULL'] === '1';

/** A case of the sample where `isIn`; else it is skipped without LAB_FULL=1, and its title says so. */
export function itFull(title: string, test: () => Promise<void>, isIn = false): void {
  const runs = isFull || isIn;
  it.skipIf(!runs)(runs ? title : `${title} (only with LAB_FULL=1)`, test);
}

export const labTitle = (title: string, lacking = missing): string =>
  lacking.length === 0 ? title : `${title} (skipped: this machine lacks ${lacking.join(', ')})`;

/** `alsoNeeded`: packages beside those of every lab, each with a program of it. */
export function describeLab(
  title: string,
  tests: () => void,
  alsoNeeded: readonly (readonly [string, string])[] = [],
): void {
  const lacking = [...missing, ...lackingPackages(alsoNeeded)];
  describe.skipIf(lacking.length > 0)(labTitle(title, lacking), tests);
}

/** One lab for all tests of this block, which leaves no traces; `ready` is called once it is up. */
export function withLab(options: LabOptions, ready: (lab: Lab) => void | Promise<void>): void {
  let lab: Lab | undefined;
  beforeAll(async () => {
    lab = await labUp(options);
    await ready(lab);
  });
  afterAll(async () => {
    if (lab === undefined) return;
    await lab.down();
    await assertNoTraces(lab.name);
  });
}
