import type { Check, Finding, Verdict } from '../model/check.js';

/** Kept of one check; the note says how many there are. */
const MOST = 20;

/** A check whose findings decide: none passes. Of many, the first are kept, and the note says how many there are. */
export function judged(
  name: string,
  findings: readonly Finding[],
  bad: Verdict,
  notes: { good: string; bad: string },
): Check {
  if (findings.length === 0) return { name, verdict: 'pass', note: notes.good, findings };
  const more = findings.length > MOST ? `; the first ${MOST} of ${findings.length} are listed` : '';
  return { name, verdict: bad, note: `${notes.bad}${more}`, findings: findings.slice(0, MOST) };
}
