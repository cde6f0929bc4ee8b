import { checkOf, inconclusive } from '../../model/check.js';
import type { ReportInput } from '../input.js';
import { sectionOf, tally, type Section } from '../section.js';

/** Whether what is live is what the stacks render, when the report was made. */
export function driftSection({ observed }: ReportInput): Section {
  if (observed === undefined) {
    const why = 'the live cluster was not read (--no-cluster)';
    return sectionOf('drift', why, [inconclusive('drift', why)], []);
  }
  const refused = checkOf(
    'next update',
    observed.refusals.map((problem) => ({ object: 'the next update', problem: `would be refused: ${problem}` })),
    'what would keep the next update from being made',
  );
  const checks = [...observed.drift, refused];
  return sectionOf('drift', `live against rendered: ${tally(checks)}`, checks, ['cluster']);
}
