import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { canonicalJson, sha256 } from './canonical.js';

/** A result that can be kept, and become evidence of a report: what is signed is the canonical JSON of `result`. */
export interface Kept<Result> {
  readonly result: Result;
  /** Hex SHA-256 of the canonical JSON of `result`. */
  readonly sha256: string;
  /** Base64, Ed25519 (RFC 8032) over the same bytes. @default - not signed */
  readonly signature?: { readonly algorithm: 'Ed25519'; readonly value: string };
}

/** What every kept result says of itself, whatever command it is of. */
export interface KeptResult {
  /** The command: `enforce verify`. */
  readonly kind: string;
  /** Of the result's own form. */
  readonly version: number;
  /** ISO 8601, UTC: when it began and when it was done. */
  readonly from: string;
  readonly until: string;
  readonly stack: string;
  readonly workspaceId: string;
}

/**
 * Makes a result into what is kept.
 *
 * @param key PEM of an Ed25519 private key (PKCS #8). Throws where it is another.
 */
export function keep<Result extends KeptResult>(result: Result, key?: string): Kept<Result> {
  const kept = { result, sha256: sha256(result) };
  if (key === undefined) return kept;
  const privateKey = createPrivateKey(key);
  if (privateKey.asymmetricKeyType !== 'ed25519') {
    throw new Error(
      `the signing key is ${privateKey.asymmetricKeyType ?? 'of no known type'}. Allowed: ed25519, as PEM (openssl genpkey -algorithm ed25519).`,
    );
  }
  const value = sign(null, Buffer.from(canonicalJson(result)), privateKey).toString('base64');
  return { ...kept, signature: { algorithm: 'Ed25519', value } };
}

/**
 * Why a kept result cannot be believed, as a sentence; undefined where it can be.
 *
 * @param text of the file
 * @param publicKey PEM of the Ed25519 public key that must have signed it
 */
export function tryDoubt(text: string, publicKey: string): string | undefined {
  let kept: Partial<Kept<KeptResult>> | null;
  try {
    kept = JSON.parse(text) as Partial<Kept<KeptResult>> | null;
  } catch {
    return 'it is no JSON.';
  }
  if (kept?.result === undefined || typeof kept.sha256 !== 'string') return 'it is no kept result.';
  if (sha256(kept.result) !== kept.sha256) return 'the result does not have the SHA-256 that it is kept with.';
  if (kept.signature === undefined) return 'it is not signed.';
  const key = createPublicKey(publicKey);
  if (key.asymmetricKeyType !== 'ed25519')
    return `the public key is no Ed25519 key but ${key.asymmetricKeyType ?? 'unknown'}.`;
  const signed = Buffer.from(canonicalJson(kept.result));
  return verify(null, signed, key, Buffer.from(String(kept.signature.value), 'base64'))
    ? undefined
    : 'the signature is not this key’s for this result.';
}
