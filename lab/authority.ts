import { generateKeyPairSync, hash, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIPv6 } from 'node:net';
import { bits, boolean, explicit, implicit, integer, octets, oid, sequence, set, time, utf8, type Der } from './der.js';

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
  /** IPv4 addresses. @default none */
  readonly ips?: readonly string[];
}

/** A throw-away authority that signs whatever it is asked for, as no real one may. */
export interface Authority {
  /** Its own certificate, PEM. */
  readonly certificate: string;
  /** A leaf for both sides of TLS with exactly these names; expired, if its validity says so. */
  issue(names: Names, validity?: Validity): KeyPair;
}

/**
 * Makes an authority whose key (P-256) exists in memory alone. Node verifies certificates but issues none, and the
 * packages that do bring a dozen others: hence the certificate of RFC 5280 by hand.
 */
export function createAuthority(name = 'portarium lab', validity: Validity = {}): Authority {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const subject = distinguishedName('2.5.4.3', name);
  const issuer = { subject, key: keys.privateKey, keyId: keyId(keys.publicKey) };
  const own = certificate(issuer, subject, keys.publicKey, validity, [
    extension('2.5.29.19', true, sequence(boolean(true))),
    extension('2.5.29.15', true, bits(Buffer.from([0b0000_0110]), 1)),
    extension('2.5.29.14', false, octets(issuer.keyId)),
  ]);
  return { certificate: own, issue: (names, leafValidity = {}) => issue(issuer, names, leafValidity) };
}

interface Issuer {
  readonly subject: Der;
  readonly key: KeyObject;
  readonly keyId: Der;
}

function issue(issuer: Issuer, names: Names, validity: Validity): KeyPair {
  const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const sans = alternativeNames(names);
  // As SPIRE's: who it is stands in the URI alone.
  const subject = distinguishedName('2.5.4.10', 'SPIRE');
  return {
    certificate: certificate(issuer, subject, keys.publicKey, validity, [
      extension('2.5.29.19', true, sequence()),
      extension('2.5.29.15', true, bits(Buffer.from([0b1000_0000]), 7)),
      extension('2.5.29.37', false, sequence(oid('1.3.6.1.5.5.7.3.1'), oid('1.3.6.1.5.5.7.3.2'))),
      extension('2.5.29.35', false, sequence(implicit(0, issuer.keyId))),
      ...(sans.length === 0 ? [] : [extension('2.5.29.17', false, sequence(...sans))]),
    ]),
    key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

function alternativeNames({ uris = [], dns = [], ips = [] }: Names): readonly Der[] {
  return [
    ...uris.map((uri) => implicit(6, Buffer.from(uri))),
    ...dns.map((name) => implicit(2, Buffer.from(name))),
    ...ips.map((ip) => {
      if (isIPv6(ip)) throw new Error(`${ip}: only IPv4 addresses are written into certificates`);
      return implicit(7, Buffer.from(ip.split('.').map(Number)));
    }),
  ];
}

const ECDSA_WITH_SHA256 = sequence(oid('1.2.840.10045.4.3.2'));

function certificate(
  issuer: Issuer,
  subject: Der,
  publicKey: KeyObject,
  { notBefore = new Date(Date.now() - 60_000), notAfter = new Date(Date.now() + 3_600_000) }: Validity,
  extensions: readonly Der[],
): string {
  const serial = randomBytes(16);
  serial[0] = (serial.readUInt8(0) & 0x7f) | 0x40;
  const signed = sequence(
    explicit(0, integer(Buffer.from([2]))),
    integer(serial),
    ECDSA_WITH_SHA256,
    issuer.subject,
    sequence(time(notBefore), time(notAfter)),
    subject,
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensions)),
  );
  const der = sequence(signed, ECDSA_WITH_SHA256, bits(sign('sha256', signed, issuer.key)));
  const lines = der.toString('base64').match(/.{1,64}/g) ?? [];
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

const extension = (id: string, critical: boolean, value: Der): Der =>
  sequence(oid(id), ...(critical ? [boolean(true)] : []), octets(value));

const distinguishedName = (type: string, value: string): Der => sequence(set(sequence(oid(type), utf8(value))));

const keyId = (key: KeyObject): Der =>
  hash('sha256', key.export({ type: 'spki', format: 'der' }), 'buffer').subarray(0, 20);
