// Before the library: its dependency injection looks for it.
import 'reflect-metadata';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509CertificateGenerator,
  type Extension,
  type JsonGeneralName,
  type X509Certificate,
} from '@peculiar/x509';
import { webcrypto } from 'node:crypto';

/** A certificate and its key, both PEM. */
export interface KeyPair {
  readonly certificate: string;
  readonly key: string;
}

export interface Validity {
  /** @default a minute ago */
  readonly notBefore?: Date;
  /** @default in an hour */
  readonly notAfter?: Date;
}

/** The names in a certificate; without any it names nobody. */
export interface Names {
  /** SPIFFE IDs; an SVID has exactly one. @default none */
  readonly uris?: readonly string[];
  /** @default none */
  readonly dns?: readonly string[];
  /** @default none */
  readonly ips?: readonly string[];
}

/** A throw-away authority that signs whatever it is asked for, as no real one may. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** A leaf for both sides of TLS with exactly these names; expired, if its validity says so. */
  issue(names: Names, validity?: Validity): Promise<KeyPair>;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Makes an authority whose key (P-256) exists in memory alone. */
export async function createAuthority(name = 'portarium lab', validity: Validity = {}): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...period(validity),
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return {
    certificate: pem(certificate.rawData, 'CERTIFICATE'),
    issue: (names, leafValidity = {}) => issue(certificate, keys.privateKey, names, leafValidity),
  };
}

async function issue(
  authority: X509Certificate,
  signingKey: webcrypto.CryptoKey,
  names: Names,
  validity: Validity,
): Promise<KeyPair> {
  const keys = await newKeys();
  const sans = alternativeNames(names);
  const extensions: Extension[] = [
    new BasicConstraintsExtension(false, undefined, true),
    new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
    new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
    await AuthorityKeyIdentifierExtension.create(authority),
    ...(sans.length > 0 ? [new SubjectAlternativeNameExtension(sans)] : []),
  ];
  const certificate = await X509CertificateGenerator.create({
    // As SPIRE's: who it is stands in the URI alone.
    subject: 'O=SPIRE',
    issuer: authority.subject,
    publicKey: keys.publicKey,
    signingKey,
    signingAlgorithm: ALGORITHM,
    ...period(validity),
    extensions,
  });
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey);
  return { certificate: pem(certificate.rawData, 'CERTIFICATE'), key: pem(key, 'PRIVATE KEY') };
}

/** With the line's end, so that several make a bundle. */
const pem = (content: ArrayBuffer, label: string): string => `${PemConverter.encode(content, label)}\n`;

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);

const alternativeNames = ({ uris = [], dns = [], ips = [] }: Names): JsonGeneralName[] => [
  ...uris.map((value) => ({ type: 'url' as const, value })),
  ...dns.map((value) => ({ type: 'dns' as const, value })),
  ...ips.map((value) => ({ type: 'ip' as const, value })),
];

const period = ({ notBefore, notAfter }: Validity): { notBefore: Date; notAfter: Date } => ({
  notBefore: notBefore ?? new Date(Date.now() - 60_000),
  notAfter: notAfter ?? new Date(Date.now() + 3_600_000),
});
