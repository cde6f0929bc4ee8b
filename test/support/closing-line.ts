import { stripVTControlCharacters } from 'node:util';
import type { SerializedError } from 'vitest';
import type { Reporter, TestModule, TestRunEndReason } from 'vitest/node';

/** What a test may be skipped for on Linux as root (CONTRIBUTING.md): engines that the lab cannot obtain. */
const allowedToSkip = /\[needs (postgres|pulumi|spire|upstream)\]/;
const everythingRunsHere = process.platform === 'linux' && process.getuid?.() === 0;

/** What went wrong, in one line: of a run far away often only the end of the output is kept. */
function firstLine([error]: readonly { readonly message?: string }[]): string {
  return stripVTControlCharacters(error?.message ?? 'it says nothing').split('\n', 1)[0] ?? '';
}

/**
 * Ends every run with one true line, `N passed, N failed`, and lists skipped tests by name just above it, and the
 * failed ones, each with the first line of its error, above those.
 * A module that fails to load counts as one failure; a skip for any other reason than a missing engine counts as failed.
 */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly SerializedError[], reason: TestRunEndReason): void {
    let passed = 0;
    let failed = errors.length;
    const skipped: string[] = [];
    const say = (name: string, errors: readonly { readonly message?: string }[]): void =>
      void process.stdout.write(`FAILED ${name}: ${firstLine(errors)}\n`);
    for (const module of modules) {
      const before = failed;
      for (const test of module.children.allTests()) {
        const state = test.result().state;
        const name = `${module.relativeModuleId} > ${test.fullName}`;
        if (state === 'passed') passed += 1;
        else if (state === 'failed') {
          failed += 1;
          say(name, test.result().errors ?? []);
        } else skipped.push(name);
      }
      if (module.state() === 'failed' && failed === before) {
        failed += 1;
        say(module.relativeModuleId, [
          ...module.errors(),
          ...[...module.children.allSuites()].flatMap((s) => s.errors()),
        ]);
      }
    }
    for (const error of errors) say('outside of any test', [error]);
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
