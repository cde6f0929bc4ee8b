import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { canonicalJson } from '../../src/model/canonical.js';
import { keep, tryDoubt } from '../../src/model/kept.js';
import type { VerifyResult } from '../../src/verify/result.js';

const pem = (type: 'ed25519' | 'x25519') => {
  const { privateKey, publicKey } = generateKeyPairSync(type as 'ed25519');
  return {
    secret: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    open: publicKey.export({ type: 'spki', format: 'pem' }) as string,
  };
};
const key = pem('ed25519');
const result: VerifyResult = {
  kind: 'enforce verify',
  version: 1,
  from: '2026-11-28T17:00:00.000Z',
  until: '2026-11-28T17:00:02.000Z',
  server: 'https://127.0.0.1:6443',
  by: 'alice',
  stack: 'ws-acme',
  workspaceId: 'ws-acme',
  level: 'enforced',
  verdict: 'fail',
  checks: [{ name: 'objects of ws-acme', verdict: 'fail', note: '', findings: [] }],
};

test('what was signed is believed, and nothing that was changed afterwards', () => {
  const kept = keep(result, key.secret);
  expect(tryDoubt(canonicalJson(kept), key.open)).toBeUndefined();
  expect(tryDoubt(JSON.stringify(kept, null, 2), key.open)).toBeUndefined();
  const passing = { ...result, verdict: 'pass' as const };
  expect(tryDoubt(JSON.stringify({ ...kept, result: passing }), key.open)).toContain('SHA-256');
  const rehashed = { ...kept, ...keep(passing), signature: kept.signature };
  expect(tryDoubt(JSON.stringify(rehashed), key.open)).toContain('not this key’s');
  expect(tryDoubt(JSON.stringify(kept), pem('ed25519').open)).toContain('not this key’s');
});

test('what is not signed, or is something else, is doubted', () => {
  expect(tryDoubt(JSON.stringify(keep(result)), key.open)).toBe('it is not signed.');
  expect(tryDoubt('{', key.open)).toBe('it is no JSON.');
  for (const text of ['null', '{}', '[]']) expect(tryDoubt(text, key.open)).toContain('no kept result');
});

test('only an Ed25519 key signs', () => {
  expect(() => keep(result, pem('x25519').secret)).toThrow('x25519. Allowed: ed25519');
});
