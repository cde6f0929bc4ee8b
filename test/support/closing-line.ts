import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** What a test may be skipped for on Linux as root (CONTRIBUTING.md): engines that the lab cannot obtain. */
const allowedToSkip = /\[needs (postgres|pulumi|spire|upstream)\]/;
const everythingRunsHere = process.platform === 'linux' && process.getuid?.() === 0;

/**
 * Ends every run with one true line, `N passed, N failed`, and lists skipped tests by name just above it.
 * A module that fails to load counts as one failure; a skip for any other reason than a missing engine counts as failed.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[], reason: TestRunEndReason): void {
    let passed = 0;
    let failed = errors.length;
    const skipped: string[] = [];
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') failed += 1;
        else skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
      if (module.state() === 'failed' && failed === before) failed += 1;
    }
    const refused = everythingRunsHere ? skipped.filter((name) => !allowedToSkip.test(name)) : [];
    failed += refused.length;
    if (reason === 'interrupted') failed += 1;
    for (const name of skipped) {
      process.stdout.write(
        `SKIPPED ${name}${refused.includes(name) ? ' (nothing here allows this skip: counted as failed)' : ''}\n`,
      );
    }
    process.stdout.write(`${passed} passed, ${failed} failed\n`);
    if (failed > 0 || passed === 0) process.exitCode = 1;
  }
}
