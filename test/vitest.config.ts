import { defineConfig } from 'vitest/config';

const root = new URL('..', import.meta.url).pathname;

/**
 * Two projects, one after the other: `unit` runs anywhere in seconds; `lab` boots real GlusterFS hosts and
 * needs root on Linux. Where it cannot run, its tests are skipped, each by its name and with the reason.
 */
export default defineConfig({
  test: {
    reporters: ['default', new URL('house/summary-reporter.ts', import.meta.url).pathname],
    projects: [
      {
        test: {
          name: 'unit',
          root,
          include: ['test/{unit,house,laws,contract,demo,golden}/**/*.test.ts'],
          // A bound, not a measure: the machine may be busy.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'lab',
          root,
          include: ['test/lab/**/*.test.ts'],
          // The limits of what a case waits for come first, and say what it was.
          testTimeout: 1_800_000,
          hookTimeout: 900_000,
          // Labs mostly wait.
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
