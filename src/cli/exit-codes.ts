import type { Verdict } from '../model/check.js';

/** Pulumi's exit codes (stable since 3.227), and one of ours: 10, "could not be settled". */
export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  policy: 5,
  stackNotFound: 6,
  unexpectedChanges: 7,
  cancelled: 8,
  timeout: 9,
  inconclusive: 10,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** How a command ends that answers with a verdict. */
export const EXIT_OF: Readonly<Record<Verdict, ExitCode>> = {
  pass: EXIT.ok,
  fail: EXIT.policy,
  inconclusive: EXIT.inconclusive,
};

/** An error that knows its exit code; its message says what is wrong, what is allowed and what to do next. */
export class CliError extends Error {
  override readonly name = 'CliError';
  constructor(
    readonly exitCode: ExitCode,
    message: string,
  ) {
    super(message);
  }
}
