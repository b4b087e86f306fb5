/** The last word of a run, for people and machines: how many passed and failed, as one line. */
import type { Reporter, TestModule } from 'vitest/node';

/**
 * A file that did not load and a hook that threw take their tests with them, so each counts as one failure;
 * so does an error that no test caught. An interrupted or empty run never reads as all well.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(
    modules: readonly TestModule[],
    unhandled: readonly unknown[],
    reason: 'passed' | 'failed' | 'interrupted',
  ): void {
    const count = { passed: 0, failed: unhandled.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) count[test.result().state]++;
      for (const suite of [module, ...module.children.allSuites()])
        if (suite.errors().length > 0) count.failed++;
    }
    if (reason !== 'passed' && count.failed === 0) count.failed = 1;
    const skipped = count.skipped + count.pending;
    const line = `${String(count.passed)} passed, ${String(count.failed)} failed`;
    process.stdout.write(`${line}${skipped > 0 ? `, ${String(skipped)} skipped` : ''}\n`);
  }
}
