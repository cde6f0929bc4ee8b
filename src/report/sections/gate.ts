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
  const summary = `${tally(own)}, answered ${newest.until.slice(0, 16).replace('T', ' ')} UTC`;
  return sectionOf('gate', summary, [...own, whichGate(newest), ...checks], [newest.file]);
}

/** The routing gate of Phase 3 lets one call in ten go past: it says nothing of enforcement. */
function whichGate({ result, file }: Accepted): Check {
  const gate = new Field(result).get('question').get('gate').text();
  return gate === 'enforcement'
    ? checkOf('gate', [], `${file} is of the enforcement gate`)
    : inconclusive('gate', `${file} is of the ${gate} gate, and wanted is the enforcement gate`);
}
