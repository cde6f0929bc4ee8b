import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../lab/authority.js';

const spiffeId = 'spiffe://portarium.io/ns/agents/sa/bot';

describe('an authority of the lab', () => {
  const authority = createAuthority();
  const root = new X509Certificate(authority.certificate);

  it('is one by its own certificate', () => {
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
  });

  it('issues leaves that verify under it, each with a key of its own', () => {
    const one = authority.issue({ uris: [spiffeId] });
    const other = authority.issue({ uris: [spiffeId] });
    for (const pair of [one, other]) {
      const leaf = new X509Certificate(pair.certificate);
      expect(leaf.ca).toBe(false);
      expect(leaf.checkIssued(root)).toBe(true);
      expect(leaf.verify(root.publicKey)).toBe(true);
      expect(leaf.checkPrivateKey(createPrivateKey(pair.key))).toBe(true);
    }
    expect(one.key).not.toBe(other.key);
    expect(new X509Certificate(one.certificate).serialNumber).not.toBe(
      new X509Certificate(other.certificate).serialNumber,
    );
  });

  it('writes exactly the names that it is asked for', () => {
    const sans = (pair: { certificate: string }) => new X509Certificate(pair.certificate).subjectAltName;
    expect(sans(authority.issue({ uris: [spiffeId] }))).toBe(`URI:${spiffeId}`);
    expect(sans(authority.issue({ dns: ['a.example'], ips: ['127.0.0.1'] }))).toBe(
      'DNS:a.example, IP Address:127.0.0.1',
    );
    expect(sans(authority.issue({}))).toBeUndefined();
    // Longer than one byte of length can say.
    const long = `spiffe://portarium.io/${'a'.repeat(300)}`;
    expect(sans(authority.issue({ uris: [long] }))).toBe(`URI:${long}`);
    expect(() => authority.issue({ ips: ['::1'] })).toThrow('::1: only IPv4 addresses are written into certificates');
  });

  it('takes any validity, a past one and one beyond 2049 too', () => {
    const dates = ({ certificate }: { certificate: string }) => {
      const leaf = new X509Certificate(certificate);
      return [leaf.validFromDate, leaf.validToDate];
    };
    const expired = [new Date('2020-01-01T00:00:00Z'), new Date('2020-01-02T10:20:30Z')] as const;
    expect(dates(authority.issue({}, { notBefore: expired[0], notAfter: expired[1] }))).toEqual(expired);
    const far = new Date('2051-02-03T04:05:06Z');
    expect(dates(authority.issue({}, { notAfter: far }))[1]).toEqual(far);
    const [from, to] = dates(authority.issue({}));
    expect(Number(to) - Number(from)).toBe(3_660_000);
  });

  it('does not verify what another one with the same name has issued', () => {
    const leaf = new X509Certificate(createAuthority().issue({ uris: [spiffeId] }).certificate);
    expect(leaf.issuer).toBe(root.subject);
    expect(leaf.verify(root.publicKey)).toBe(false);
  });
});
