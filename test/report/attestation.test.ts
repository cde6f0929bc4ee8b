import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { envelopeOf, openEnvelope, pae } from '../../src/report/attestation.js';
import { KEY } from './example.js';

describe('pae', () => {
  it('is as the specification’s example', () => {
    expect(pae('http://example.com/HelloWorld', Buffer.from('hello world')).toString()).toBe(
      'DSSEv1 29 http://example.com/HelloWorld 11 hello world',
    );
  });

  it('counts bytes, not characters', () => {
    expect(pae('é', Buffer.from('ü')).toString()).toBe('DSSEv1 2 é 2 ü');
  });
});

describe('envelopeOf', () => {
  it('signs the encoding of type and payload', () => {
    const envelope = JSON.parse(envelopeOf({ a: 1 }, KEY.privateKey)) as {
      payloadType: string;
      payload: string;
      signatures: [{ sig: string }];
    };
    expect(envelope.payloadType).toBe('application/vnd.in-toto+json');
    const payload = Buffer.from(envelope.payload, 'base64');
    const signature = Buffer.from(envelope.signatures[0].sig, 'base64');
    const key = createPublicKey(KEY.publicKey);
    expect(verify(null, pae(envelope.payloadType, payload), key, signature)).toBe(true);
    expect(verify(null, payload, key, signature)).toBe(false);
    expect(openEnvelope(envelopeOf({ a: 1 }, KEY.privateKey), KEY.publicKey)).toEqual({ a: 1 });
  });

  it('takes Ed25519 keys only', () => {
    const rsa = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    expect(() => envelopeOf({}, rsa.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(
      'the signing key is ec. Allowed: ed25519, as PEM (openssl genpkey -algorithm ed25519).',
    );
  });
});

describe('openEnvelope', () => {
  const envelope = JSON.parse(envelopeOf({ a: 1 }, KEY.privateKey)) as Record<string, unknown>;
  const opened = (change: object) => () =>
    openEnvelope(`${JSON.stringify({ ...envelope, ...change })}\n`, KEY.publicKey);
  const [signature] = envelope['signatures'] as [object];

  it.each([
    [{ signatures: [] }, 'the attestation has no signature.'],
    [{ signatures: [signature, signature] }, 'the attestation has more than one signature.'],
    [{ payloadType: 'text/plain' }, 'the attestation is no DSSE envelope of an in-toto statement.'],
    [{ payload: `${String(envelope['payload'])}=` }, 'the attestation is no DSSE envelope of an in-toto statement.'],
    [{ payload: 'e30=' }, 'the signature is not this key’s for this statement.'],
    [{ more: 1 }, 'the attestation is not written as it was signed.'],
  ])('refuses %j', (change, message) => {
    expect(opened(change)).toThrow(message);
  });
});
