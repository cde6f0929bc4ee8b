import { describe, expect, it } from 'vitest';
import type { ClaimName, ClaimVerdict, Verdict } from '../../../src/prove/claims/claim.js';
import { notClaimed, proofOf } from '../../../src/prove/claims/prove.js';
import { withPreflight } from '../../../src/prove/claims/with-preflight.js';
import { decidesProof } from '../../../src/prove/input/kinds.js';
import type { PreflightFinding } from '../../../src/prove/preflight.js';

const claim = (name: ClaimName, verdict: Verdict = 'proved'): ClaimVerdict => ({
  ...notClaimed(name, 'r'),
  reasons: [],
  verdict,
});
const proof = (p: Verdict = 'proved') =>
  proofOf('x', [], [claim('P', p), ...(['C', 'I', 'D', 'W'] as const).map((name) => claim(name))]);
const finding = (verdict: PreflightFinding['verdict']): PreflightFinding => ({
  verdict,
  threat: 'B21',
  object: 'Node a',
  field: 'metadata.labels',
  reason: 'nothing enforces here.',
  fix: 'f',
});
const judged = (p: Verdict, ...findings: readonly PreflightFinding[]) =>
  withPreflight(proof(p), { dataPlanes: [], findings });

describe('what a cluster says of itself', () => {
  it('leaves a proof as it is where there is nothing to say', () => {
    expect(judged('proved')).toEqual(proof());
    expect(judged('proved').zeroBypass).toBe(true);
  });

  it('refutes claim P, with object, field and fix', () => {
    const found = judged('proved', finding('refuted'));
    expect(found).toMatchObject({ verdict: 'refuted', zeroBypass: false });
    expect(found.claims[0]).toMatchObject({
      claim: 'P',
      verdict: 'refuted',
      counterExamples: [
        {
          cause: 'not-enforced',
          summary: 'nothing enforces here. (B21)',
          because: [{ object: 'Node a', field: 'metadata.labels' }],
          fix: 'f',
        },
      ],
    });
    expect(found.claims.slice(1).every(({ verdict }) => verdict === 'proved')).toBe(true);
  });

  it.each<[Verdict, Verdict]>([
    ['proved', 'inconclusive'],
    ['inconclusive', 'inconclusive'],
    ['refuted', 'refuted'],
  ])('which does not settle it leaves claim P, %s before, %s', (before, after) => {
    const [packets] = judged(before, finding('inconclusive')).claims;
    expect(packets!.verdict).toBe(after);
    expect(packets!.reasons).toEqual(['Node a metadata.labels: nothing enforces here. (B21)']);
  });
});

it('is read with a proof’s objects, the settings by name apart', () => {
  expect(decidesProof('apps/v1', 'DaemonSet')).toBe(true);
  expect(decidesProof('v1', 'Node')).toBe(true);
  expect(decidesProof('cilium.io/v2', 'CiliumNodeConfig')).toBe(true);
  expect(decidesProof('v1', 'ConfigMap')).toBe(false);
});
