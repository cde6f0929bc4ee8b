import { Field } from '../../model/field.js';
import { decide } from '../decide.js';
import type { Accepted, Judged } from '../judged.js';
import { sectionOf, type Section } from '../section.js';
import { checksOf, verdictOf } from './kept-checks.js';

/** The sample of runs with its bound, and the hash chain, by the newest `enforce audit`. */
export function auditSection(
  evidence: readonly (Judged | Accepted)[],
  until: string,
): { readonly section: Section; readonly limits: readonly string[] } {
  const { newest, checks } = decide('enforce audit', evidence, until, verdictOf, checksOf);
  if (newest === undefined) return { section: sectionOf('audit', checks[0]?.note ?? '', checks, []), limits: [] };
  const result = new Field(newest.result);
  const limits = result
    .get('limits')
    .list()
    .map((limit) => limit.text());
  const section = sectionOf('audit', result.get('statement').text(), [...checksOf(newest), ...checks], [newest.file]);
  return { section, limits };
}
