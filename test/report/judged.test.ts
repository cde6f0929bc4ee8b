import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { EvidenceFile } from '../../src/report/index.js';
import { judge, type Scope } from '../../src/report/judged.js';
import { file, INPUT, KEY, POLICY, unsigned, VERIFIED, without } from './example.js';

const SCOPE: Scope = {
  stack: 'ws-acme',
  workspaceId: 'ws-acme',
  level: 'enforced',
  policyHash: POLICY,
  period: INPUT.period,
  key: KEY.publicKey,
};
const reasonOf = (evidence: EvidenceFile, scope: Scope = SCOPE): readonly unknown[] => {
  const { accepted, signature, reason } = judge(evidence, scope);
  return [accepted, signature, reason];
};
const raw = (text: string): EvidenceFile => ({ file: 'x.json', bytes: Buffer.from(text) });

describe('judge', () => {
  it('accepts what is signed and about this workspace, policy, level and period', () => {
    expect(reasonOf(file('verify.json', VERIFIED))).toEqual([true, 'valid', undefined]);
  });

  it('accepts what is not signed, and says that it cannot pass', () => {
    expect(reasonOf(unsigned('verify.json', VERIFIED))).toEqual([
      true,
      'unsigned',
      'It is not signed, so it cannot count as pass.',
    ]);
    expect(reasonOf(file('verify.json', VERIFIED), without(SCOPE, 'key'))).toEqual([
      true,
      'unchecked',
      'It is signed, but no key was named to check it by, so it cannot count as pass.',
    ]);
  });

  it('doubts another key’s signature, and any change', () => {
    const other = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    expect(reasonOf(file('verify.json', VERIFIED, other))).toEqual([
      false,
      'doubtful',
      'The signature is not the evidence key’s for this result.',
    ]);
    const signed = Buffer.from(file('verify.json', VERIFIED).bytes).toString();
    expect(reasonOf(raw(signed.replace('"verdict":"pass"', '"verdict":"fail"')))).toEqual([
      false,
      'doubtful',
      'The result does not have the SHA-256 that it is kept with: it was changed, or never that.',
    ]);
  });

  it.each(['', 'no JSON', 'null', '[]', '{}', '{"result":1,"sha256":"x"}', '{"result":{},"sha256":"x"}'])(
    'takes %j for no kept result',
    (text) => {
      expect(reasonOf(raw(text))).toEqual([false, 'unsigned', 'It is no kept result of a command.']);
    },
  );

  it.each([
    [{ workspaceId: 'ws-globex' }, 'It is about workspace ws-globex.'],
    [{ stack: 'ws-globex' }, 'It is about stack ws-globex.'],
    [{ level: 'identity' }, 'It is about level identity, and enforced is live.'],
    [{ policyHash: 'cd'.repeat(32) }, 'It is about policy cdcdcdcdcdcd…, which is not live.'],
    [{ policyHash: undefined }, 'It does not say of which policy.'],
    [{ level: undefined }, 'It does not say at which level.'],
    [{ kind: 'enforce snapshot' }, 'It is of enforce snapshot, which is no evidence of this report.'],
    [{ version: 2 }, 'It is of version 2, and this program reads version 1.'],
    [
      { from: '2026-11-20T10:00:00.000Z', until: '2026-11-21T19:59:59.999Z' },
      'It is older than the period: 2026-11-21T19:59:59.999Z.',
    ],
    [{ until: '2026-11-29T20:00:00.000Z' }, 'It is later than the period, or its clock was: 2026-11-29T20:00:00.000Z.'],
    [{ from: '2026-11-28T19:50:00.000Z' }, 'It ended before it began.'],
  ])('does not accept %j', (change, reason) => {
    expect(reasonOf(file('verify.json', { ...VERIFIED, ...change }))).toEqual([false, 'valid', reason]);
  });

  it('doubts what has no time', () => {
    expect(reasonOf(file('verify.json', { ...VERIFIED, until: 'soon' }))).toEqual([
      false,
      'valid',
      'It cannot be read: until is "soon", not a time in UTC.',
    ]);
  });
});
