import type { Preflight, PreflightFinding } from '../preflight.js';
import type { ClaimVerdict, CounterExample } from './claim.js';
import { proofOf } from './prove.js';
import type { Proof } from './prove.js';

/** A proof from a live cluster, with what the cluster says of itself as part of claim P: policies that nothing enforces prove nothing. */
export function withPreflight(proof: Proof, { findings }: Preflight): Proof {
  const claims = proof.claims.map((claim) => (claim.claim === 'P' ? joined(claim, findings) : claim));
  return proofOf(proof.subject, proof.reach, claims, proof.level);
}

function joined(claim: ClaimVerdict, findings: readonly PreflightFinding[]): ClaimVerdict {
  const counterExamples = [
    ...claim.counterExamples,
    ...findings.filter(({ verdict }) => verdict === 'refuted').map(exampleOf),
  ];
  const open = findings.filter(({ verdict }) => verdict === 'inconclusive').map(reasonOf);
  const reasons = [...claim.reasons, ...open];
  const inconclusive = open.length > 0 && claim.verdict === 'proved';
  const refuted = findings.some(({ verdict: found }) => found === 'refuted');
  const verdict = refuted ? 'refuted' : inconclusive ? 'inconclusive' : claim.verdict;
  return { ...claim, verdict, counterExamples, reasons };
}

const exampleOf = ({ threat, object, field, reason, fix }: PreflightFinding): CounterExample => ({
  cause: 'not-enforced',
  summary: `${reason} (${threat})`,
  objects: [],
  because: [{ object, field }],
  fix,
});

const reasonOf = ({ threat, object, field, reason }: PreflightFinding): string =>
  `${object}${field === '' ? '' : ` ${field}`}: ${reason} (${threat})`;
