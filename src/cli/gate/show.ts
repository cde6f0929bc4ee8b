import type { GateResult } from '../../gate/index.js';
import type { Output } from '../output.js';
import { findingLines } from '../verify/show.js';
import { formatDuration } from '../../model/duration.js';

const VERDICTS = ['fail', 'inconclusive', 'pass'] as const;

/** One workspace's answer for people: what stands in the way first, all that was looked at after it. */
export function showGate(result: GateResult, output: Output): void {
  const { gate, window, at } = result.question;
  const period = `${formatDuration(window * 1000)} until ${new Date(at * 1000).toISOString()}`;
  output.line(`${result.stack}, ${gate} gate, ${period}: ${result.verdict}`);
  for (const verdict of VERDICTS) {
    const checks = result.checks.filter((each) => each.verdict === verdict);
    for (const [note, same] of Map.groupBy(checks, (each) => each.note)) {
      output.line(`  ${verdict.padEnd(12)}  ${same.map(({ name }) => name).join(', ')}: ${note}`);
      for (const { findings } of same) {
        for (const line of findings.flatMap(findingLines)) output.line(`                  ${line}`);
      }
    }
  }
  output.line();
  if (result.cleanSince !== undefined) output.line(`  clean since ${result.cleanSince}`);
  if (result.earliest !== undefined) output.line(`  cannot pass before ${result.earliest}`);
  for (const limitation of result.limitations) output.line(`  not said: ${limitation}`);
}

/** A line of one workspace among many: its verdict, and what decides it. */
export function showLine(result: GateResult, output: Output): void {
  const decisive = result.checks.filter(({ verdict }) => verdict === result.verdict && verdict !== 'pass');
  const why = decisive.map(({ name, note }) => `${name}: ${note}`).join('; ');
  output.line(`${result.verdict.padEnd(12)}  ${result.stack}${why && `  ${why}`}`);
}
