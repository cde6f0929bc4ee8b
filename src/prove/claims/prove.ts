import type { Level } from '../../model/levels.js';
import { CLAIMED_FROM, worst } from './claim.js';
import type { ClaimName, ClaimVerdict, Verdict } from './claim.js';
import type { RoleReach } from './reach-rows.js';

/** The claims of one workspace, or of manifests, at one level. Plain data, fit for JSON. */
export interface Proof {
  /** What is proved: `ws-acme at enforced`, or the folder. */
  readonly subject: string;
  /** At which it is proved; absent of objects that are judged without a stack. */
  readonly level?: Level;
  /** The worst of the claims'. */
  readonly verdict: Verdict;
  /** All five claims hold: there is no way around. */
  readonly zeroBypass: boolean;
  /** Who may reach whom, role by role: what claim P is about. */
  readonly reach: readonly RoleReach[];
  readonly claims: readonly ClaimVerdict[];
}

export function proofOf(
  subject: string,
  reach: readonly RoleReach[],
  claims: readonly ClaimVerdict[],
  level?: Level,
): Proof {
  const verdict = worst(claims.map((claim) => claim.verdict));
  const names: readonly ClaimName[] = ['P', 'C', 'I', 'D', 'W'];
  const all = names.every((name) => claims.some(({ claim }) => claim === name));
  return { subject, ...(level && { level }), verdict, zeroBypass: all && verdict === 'proved', reach, claims };
}

/** A claim that its level does not make. */
export const notClaimed = (claim: ClaimName, reason: string): ClaimVerdict => ({
  claim,
  verdict: 'not claimed',
  argument: [],
  counterExamples: [],
  reasons: [reason],
  assumptions: [],
});

export const notBelow = (claim: ClaimName): ClaimVerdict =>
  notClaimed(claim, `not claimed below the level ${CLAIMED_FROM[claim]}`);
