import { worst, type Check } from '../../../model/check.js';
import type { Level } from '../../../model/levels.js';
import { CliError, EXIT } from '../../exit-codes.js';
import { table, type Output } from '../../output.js';

/** ICMP takes a raw socket, which no pod of agents may have. */
const canNotBeSent = ({ verdict, note = '' }: Check): boolean =>
  verdict === 'inconclusive' && note.endsWith('the place cannot send it');

/** What is not as the level has it: whatever failed, and whatever could have been found out and was not. */
export const wrong = (checks: readonly Check[]): readonly Check[] =>
  checks.filter((check) => check.verdict !== 'pass' && !canNotBeSent(check));

/** Prints what came of the probes, all of them with `list`, and ends the demo unless it is what the level has. */
export function showProbes(level: Level, checks: readonly Check[], output: Output, list: boolean): void {
  const these = (verdict: Check['verdict'], what: string): number =>
    checks.filter((check) => check.verdict === verdict && (check.note ?? '').startsWith(`must be ${what}`)).length;
  const shown = list ? checks : wrong(checks);
  if (shown.length > 0) {
    const rows = shown.map(({ name, verdict, note = '' }) => [verdict, name.replace(/^probe |, agents$/g, ''), note]);
    output.line(table([['', 'PROBE', 'WHAT CAME OF IT'], ...rows], '    '));
  }
  output.line(
    `  ${level.padEnd(9)} ${these('pass', 'allowed')} reached as they must be; ${these('pass', 'denied')} denied, each while its ` +
      `positive control succeeded; ${checks.filter(canNotBeSent).length} that no pod can send`,
  );
  const problems = wrong(checks);
  if (checks.length === 0 || problems.length > 0) {
    const lines = problems.map(({ name, note }) => `  ${name}: ${note}`);
    const what = `at ${level} real packets go otherwise (${worst(problems.map(({ verdict }) => verdict))})`;
    throw new CliError(EXIT.policy, [what, ...lines].join('\n'));
  }
}
