import { checkOf, inconclusive, type Check } from '../../model/check.js';
import { Field } from '../../model/field.js';
import { decide } from '../decide.js';
import type { Accepted, Judged } from '../judged.js';
import { sectionOf, tally, type Section } from '../section.js';
import { checksOf, verdictOf } from './kept-checks.js';

/** Calls past the front and flows to the world over time, by the newest `enforce gate`. */
export function gateSection(evidence: readonly (Judged | Accepted)[], until: string): Section {
  const { newest, checks } = decide('enforce gate', evidence, until, verdictOf, checksOf);
  if (newest === undefined) return sectionOf('gate', checks[0]?.note ?? '', checks, []);
  const own = checksOf(newest);
  const summary = `${tally(own)}, asked ${newest.until.slice(0, 16).replace('T', ' ')} UTC`;
  return sectionOf('gate', summary, [...own, whichGate(newest), instant(newest), ...checks], [newest.file]);
}

/** The routing gate of Phase 3 lets one call in ten go past: it says nothing of enforcement. */
function whichGate({ result, file }: Accepted): Check {
  const gate = new Field(result).get('question').get('gate').text();
  return gate === 'enforcement'
    ? checkOf('gate', [], `${file} is of the enforcement gate`)
    : inconclusive('gate', `${file} is of the ${gate} gate, and wanted is the enforcement gate`);
}

/** Seconds between the instant that was asked about and the end of the asking. */
const LATE = 3600;

/** What was asked about lies shortly before the result’s own time, by which its age is judged. */
function instant({ result, until, file }: Accepted): Check {
  const at = new Field(result).get('question').get('at').number(0, Number.MAX_SAFE_INTEGER);
  const late = Math.abs(Date.parse(until) / 1000 - at);
  return late <= LATE
    ? checkOf('instant of the gate', [], `${Math.round(late)} s before the result`)
    : inconclusive(
        'instant of the gate',
        `${file} is of ${until}, and asked about ${new Date(at * 1000).toISOString()}`,
      );
}
