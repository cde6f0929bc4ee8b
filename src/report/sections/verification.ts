import { decide } from '../decide.js';
import type { Accepted, Judged } from '../judged.js';
import { sectionOf, tally, type Section } from '../section.js';
import { checksOf, verdictOf } from './kept-checks.js';

/** Whole objects, guards by what they refuse, and probes beside positive controls, by the newest `enforce verify`. */
export function verificationSection(evidence: readonly (Judged | Accepted)[], until: string): Section {
  const { newest, checks } = decide('enforce verify', evidence, until, verdictOf, checksOf);
  if (newest === undefined) return sectionOf('verification', checks[0]?.note ?? '', checks, []);
  const own = checksOf(newest);
  const guards = own.filter(({ name }) => name.startsWith('guard'));
  const probes = own.filter(({ name }) => name.startsWith('probe'));
  const rest = own.filter((check) => !guards.includes(check) && !probes.includes(check));
  const parts = [
    ...(guards.length > 0 ? [`guards: ${tally(guards)}`] : []),
    ...(probes.length > 0 ? [`probes: ${tally(probes)}`] : []),
    ...(rest.length > 0 ? [`live objects: ${tally(rest)}`] : []),
  ];
  return sectionOf('verification', `${parts.join('; ')}`, [...own, ...checks], [newest.file]);
}
