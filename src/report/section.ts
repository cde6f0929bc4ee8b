import { worst, type Check, type Verdict } from '../model/check.js';

/** What a report is made of, in its order. */
export const SECTIONS = {
  claims: 'Proof of no way around',
  verification: 'Live verification, guards and probes',
  gate: 'Metric gate',
  audit: 'Evidence audit',
  inForce: 'Controls in force',
  drift: 'Drift',
  exceptions: 'Exceptions',
  approvals: 'Approvals',
  evidence: 'Evidence',
} as const;
export type SectionId = keyof typeof SECTIONS;

export interface Section {
  readonly id: SectionId;
  readonly title: string;
  readonly verdict: Verdict;
  /** One sentence: what decides the verdict. */
  readonly summary: string;
  readonly checks: readonly Check[];
  /** Where it comes from: names of evidence files, or `cluster`. */
  readonly sources: readonly string[];
}

export const sectionOf = (
  id: SectionId,
  summary: string,
  checks: readonly Check[],
  sources: readonly string[],
): Section => ({
  id,
  title: SECTIONS[id],
  verdict: worst(checks.map(({ verdict }) => verdict)),
  summary,
  checks,
  sources,
});

/** `2 of 2 pass`, `3 of 40 fail, 2 open`. */
export function tally(checks: readonly Check[]): string {
  const count = (verdict: Verdict): number => checks.filter((check) => check.verdict === verdict).length;
  const [failed, open] = [count('fail'), count('inconclusive')];
  if (failed + open === 0) return `${checks.length} of ${checks.length} pass`;
  if (failed === 0) return `${open} of ${checks.length} open`;
  return `${failed} of ${checks.length} fail${open === 0 ? '' : `, ${open} open`}`;
}
