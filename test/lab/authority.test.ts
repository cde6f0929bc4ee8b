import { createPrivateKey, X509Certificate } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createAuthority } from '../../lab/authority.js';

const spiffeId = 'spiffe://portarium.io/ns/agents/sa/bot';

const authority = await createAuthority();
const root = new X509Certificate(authority.certificate);

describe('an authority of the lab', () => {
  it('is one by its own certificate', () => {
    expect(root.ca).toBe(true);
    expect(root.verify(root.publicKey)).toBe(true);
    expect(authority.certificate).toMatch(/\n$/);
  });

  it('issues leaves that verify under it, each with a key of its own', async () => {
    const one = await authority.issue({ uris: [spiffeId] });
    const other = await authority.issue({ uris: [spiffeId] });
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

  it('writes exactly the names that it is asked for', async () => {
    const sans = (pair: { certificate: string }) => new X509Certificate(pair.certificate).subjectAltName;
    expect(sans(await authority.issue({ uris: [spiffeId] }))).toBe(`URI:${spiffeId}`);
    expect(sans(await authority.issue({ dns: ['a.example'], ips: ['127.0.0.1'] }))).toBe(
      'DNS:a.example, IP Address:127.0.0.1',
    );
    expect(sans(await authority.issue({}))).toBeUndefined();
  });

  it('takes any validity, a past one and one beyond 2049 too', async () => {
    const dates = ({ certificate }: { certificate: string }) => {
      const leaf = new X509Certificate(certificate);
      return [leaf.validFromDate, leaf.validToDate];
    };
    const expired = [new Date('2020-01-01T00:00:00Z'), new Date('2020-01-02T10:20:30Z')] as const;
    expect(dates(await authority.issue({}, { notBefore: expired[0], notAfter: expired[1] }))).toEqual(expired);
    const far = new Date('2051-02-03T04:05:06Z');
    expect(dates(await authority.issue({}, { notAfter: far }))[1]).toEqual(far);
    const [from, to] = dates(await authority.issue({}));
    expect(Number(to) - Number(from)).toBe(3_660_000);
  });

  it('does not verify what another one with the same name has issued', async () => {
    const other = await createAuthority();
    const leaf = new X509Certificate((await other.issue({ uris: [spiffeId] })).certificate);
    expect(leaf.issuer).toBe(root.subject);
    expect(leaf.verify(root.publicKey)).toBe(false);
  });
});
