import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../model/canonical.js';
import type { Report } from './report.js';

export const PAYLOAD_TYPE = 'application/vnd.in-toto+json';
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const PREDICATE_TYPE = 'https://in-toto.io/attestation/svr/v0.1';
/** Changes when what a pass means changes. */
export const VERIFIER = 'https://portarium.io/enforcement/report/v1';

/** A DSSE envelope (secure-systems-lab/dsse, v1.0.2). */
export interface Envelope {
  readonly payloadType: string;
  readonly payload: string;
  readonly signatures: readonly { readonly keyid: string; readonly sig: string }[];
}

/**
 * An in-toto statement about every other file of a report’s folder: a simple verification result, which knows only
 * properties that hold. Without a pass none is named, so that neither a failure nor an inconclusive report can be read as
 * one.
 *
 * @param digests hex SHA-256 by name
 */
export function statementOf(report: Report, digests: Readonly<Record<string, string>>): object {
  return {
    _type: STATEMENT_TYPE,
    subject: Object.keys(digests)
      .sort()
      .map((name) => ({ name, digest: { sha256: digests[name] } })),
    predicateType: PREDICATE_TYPE,
    predicate: {
      verifier: { id: VERIFIER, version: { [report.tool.name]: report.tool.version } },
      timeCreated: report.madeAt,
      properties: propertiesOf(report),
    },
  };
}

const propertiesOf = ({ verdict, sections }: Report): readonly string[] =>
  verdict === 'pass'
    ? ['PORTARIUM_ENFORCEMENT_PASS', ...sections.map(({ id }) => `PORTARIUM_ENFORCEMENT_${id.toUpperCase()}`)]
    : [];

/** Pre-authentication encoding: what a DSSE signature is over. */
export const pae = (type: string, body: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${body.byteLength} `, 'utf8'), body]);

/** Hex SHA-256 of a public key’s DER (SPKI). */
export const keyId = (key: KeyObject): string =>
  createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex');

/** @param pem of an Ed25519 private key (PKCS #8). Throws where it is another. */
export function envelopeOf(statement: object, pem: string): string {
  const key = createPrivateKey(pem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      `the signing key is ${key.asymmetricKeyType ?? 'of no known type'}. Allowed: ed25519, as PEM (openssl genpkey -algorithm ed25519).`,
    );
  }
  const payload = Buffer.from(canonicalJson(statement));
  const envelope: Envelope = {
    payloadType: PAYLOAD_TYPE,
    payload: payload.toString('base64'),
    signatures: [
      { keyid: keyId(createPublicKey(key)), sig: sign(null, pae(PAYLOAD_TYPE, payload), key).toString('base64') },
    ],
  };
  return `${canonicalJson(envelope)}\n`;
}

/**
 * The statement of an envelope that the key signed. Throws Error, with a sentence, where it is not; an envelope that is
 * written in any other way than `envelopeOf` does is refused too, so that no byte of it is free.
 */
export function openEnvelope(text: string, publicKeyPem: string): unknown {
  const key = createPublicKey(publicKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') {
    throw new Error(`the public key is no Ed25519 key but ${key.asymmetricKeyType ?? 'unknown'}.`);
  }
  let envelope: Partial<Envelope> | null;
  try {
    envelope = JSON.parse(text) as Partial<Envelope> | null;
  } catch {
    throw new Error('the attestation is no JSON.');
  }
  const [signature, ...more] = Array.isArray(envelope?.signatures)
    ? (envelope.signatures as Envelope['signatures'])
    : [];
  if (signature === undefined) throw new Error('the attestation has no signature.');
  if (more.length > 0) throw new Error('the attestation has more than one signature.');
  const payload = bytesOf(envelope?.payload);
  const sig = bytesOf(signature.sig);
  if (envelope?.payloadType !== PAYLOAD_TYPE || payload === undefined || sig === undefined) {
    throw new Error('the attestation is no DSSE envelope of an in-toto statement.');
  }
  if (signature.keyid !== keyId(key))
    throw new Error(`the attestation is signed by another key, ${String(signature.keyid)}.`);
  if (!verify(null, pae(PAYLOAD_TYPE, payload), key, sig))
    throw new Error('the signature is not this key’s for this statement.');
  if (`${canonicalJson(envelope)}\n` !== text) throw new Error('the attestation is not written as it was signed.');
  return JSON.parse(payload.toString('utf8')) as unknown;
}

/** One text for the same bytes: what decodes and is written otherwise is no base64 here. */
function bytesOf(text: unknown): Buffer | undefined {
  const bytes = typeof text === 'string' ? Buffer.from(text, 'base64') : undefined;
  return bytes?.toString('base64') === text ? bytes : undefined;
}
