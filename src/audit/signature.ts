import { constants, verify, type KeyObject } from 'node:crypto';

/** `unchecked`: signed, but no key to check it with was given. */
export type Signature = 'valid' | 'invalid' | 'unchecked' | 'absent';

/**
 * Upstream signs the canonical JSON of the entry without `signatureBase64`, `hashSha256` included; its port names no
 * algorithm, so the key's type decides: Ed25519, RSA-PSS with SHA-256, or ECDSA with SHA-256 (DER). Beside this thread:
 * it is what takes longest of an entry.
 *
 * @param signed the canonical JSON
 * @param key public
 */
export async function checkSignature(value: string, signed: string, key: KeyObject): Promise<'valid' | 'invalid'> {
  const bytes = Buffer.from(value, 'base64');
  // One signature has one text: what Node would read over is a change of the entry too.
  if (bytes.toString('base64') !== value) return 'invalid';
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const padding = key.asymmetricKeyType === 'rsa' ? { padding: constants.RSA_PKCS1_PSS_PADDING } : {};
  return new Promise((resolve) => {
    verify(algorithm, Buffer.from(signed), { key, ...padding }, bytes, (error, holds) =>
      resolve(error === null && holds ? 'valid' : 'invalid'),
    );
  });
}
