import { expect, it } from 'vitest';
import type { ClaimName, ClaimVerdict } from '../../../src/prove/claims/claim.js';
import { notBelow, proofOf } from '../../../src/prove/claims/prove.js';
import { proofResult } from '../../../src/prove/claims/result.js';

const proved = (claim: ClaimName): ClaimVerdict => ({
  ...{ claim, verdict: 'proved', argument: [], counterExamples: [], reasons: [], assumptions: [] },
});
const claims = [...(['P', 'I', 'D', 'W'] as const).map(proved), notBelow('C')];
const objects = ['a', 'b'].map((name) => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } }));
const facts = {
  ...{ from: '2026-11-28T10:00:00.000Z', until: '2026-11-28T10:00:01.000Z', stack: 'ws-acme', workspaceId: 'acme' },
  policyHash: 'ab'.repeat(32),
  ...{ source: 'cluster' as const, objects, secrets: [{ namespace: 'agents', name: 'x', type: 'Opaque' }] },
  ...{ vault: { source: 'dana', grants: [] }, cluster: { server: 'https://api:6443', by: 'erin' } },
};
const evidenceOf = (claim: ClaimName, of = claims): readonly string[] =>
  proofResult(proofOf('x', [], of, 'enforced'), facts).claims.find((each) => each.claim === claim)!.evidence;

it('says of each claim what was read for it, and nothing of one that is not made', () => {
  const everyone = expect.stringMatching(/^2 objects as they were live, sha256 [0-9a-f]{64}$/);
  expect(evidenceOf('W')).toEqual([everyone]);
  expect(evidenceOf('P')).toEqual([everyone, expect.stringContaining('network layer')]);
  expect(evidenceOf('C')).toEqual([]);
  expect(evidenceOf('C', [...claims.slice(0, 4), proved('C')])).toEqual([
    everyone,
    'the names and types of 1 Secrets, as they were live',
    expect.stringMatching(/^Vault’s policies: dana, sha256 [0-9a-f]{64}$/),
  ]);
});

it('has one digest for the same objects in any order, and another once one of them changes', () => {
  const digest = (of: typeof objects): string =>
    proofResult(proofOf('x', [], claims, 'routing'), { ...facts, objects: of }).source.sha256;
  expect(digest([...objects].reverse())).toBe(digest(objects));
  expect(digest(objects.slice(1))).not.toBe(digest(objects));
});

it('keeps no part of a proof, and none without a level', () => {
  expect(() => proofResult(proofOf('x', [], claims.slice(1), 'routing'), facts)).toThrow(
    new RangeError('the proof of x says nothing of P'),
  );
  expect(() => proofResult(proofOf('x', [], claims), facts)).toThrow(
    new RangeError('the proof of x says nothing of a level'),
  );
});
