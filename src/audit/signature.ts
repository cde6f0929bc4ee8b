import { constants, verify, type KeyObject } from 'node:crypto';

/** `unchecked`: signed, but no key to check it with was given. */
export type Signature = 'valid' | 'invalid' | 'unchecked' | 'absent';

/**
 * Upstream signs the canonical JSON of the entry without `signatureBase64`, `hashSha256` included; its port names no
 * algorithm, so the key's type decides: Ed25519, RSA-PSS with SHA-256, or ECDSA with SHA-256 (DER).
 *
 * @param signed the canonical JSON
 * @param key public. @default - none: unchecked
 */
export function signatureOf(value: unknown, signed: string, key: KeyObject | undefined): Signature {
  if (value === undefined) return 'absent';
  if (typeof value !== 'string') return 'invalid';
  if (key === undefined) return 'unchecked';
  const bytes = Buffer.from(value, 'base64');
  // One signature has one text: what Node would read over is a change of the entry too.
  if (bytes.toString('base64') !== value) return 'invalid';
  const data = Buffer.from(signed);
  try {
    if (key.asymmetricKeyType === 'ed25519') return verify(null, data, key, bytes) ? 'valid' : 'invalid';
    const rsa = key.asymmetricKeyType === 'rsa' ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
    return verify('sha256', data, { key, ...rsa }, bytes) ? 'valid' : 'invalid';
  } catch {
    return 'invalid';
  }
}
