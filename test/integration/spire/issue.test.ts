import { status } from '@grpc/grpc-js';
import { X509Certificate } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readBundles } from '../../../lab/sds-messages.js';
import { loadStacks } from '../../../src/config/load.js';
import { duration } from '../../../src/model/duration.js';
import { spiffeId } from '../../../src/model/identity.js';
import { longestOutage } from '../../../src/model/spire-lifetimes.js';
import { isThere, NEEDS } from './binaries.js';
import { certificateOf, left, secretOf, Subscription } from './secrets.js';
import { isKeyOf, startSpire, type RunningSpire } from './spire.js';

const { platform } = loadStacks({ dir: 'stacks' });
const { x509Ttl, outageTolerance } = platform.spire;

/** One minute stands for the hour, and 25 seconds for the 25 minutes. */
const TTL = 60;
const SCALE = (TTL * 1000) / duration(x509Ttl);
const tolerance = duration(outageTolerance) * SCALE;
const BOT = spiffeId('portarium-agents', 'sales-bot', platform.trustDomain);
const CLERK = spiffeId('portarium-agents', 'invoice-clerk', platform.trustDomain);

describe.skipIf(!isThere)(`${NEEDS} SPIRE as rendered, with attestors that work outside of Kubernetes`, () => {
  let spire: RunningSpire;
  const open: Subscription[] = [];
  const subscribe = (name: string): Subscription => {
    const subscription = new Subscription(spire.socket, name);
    open.push(subscription);
    return subscription;
  };

  beforeAll(async () => {
    spire = await startSpire({ platform, ttl: TTL });
    await spire.register(BOT);
  });
  afterAll(async () => {
    for (const subscription of open) subscription.close();
    await spire.end();
  });

  /** The first SVID: the agent learns of an entry with its next sync. */
  async function svid(name: string): Promise<Subscription> {
    for (let tries = 0; ; tries += 1) {
      const subscription = subscribe(name);
      const first = await subscription.event(0, 10);
      if (!('error' in first)) return subscription;
      if (tries >= 30) throw first.error;
      await sleep(500);
    }
  }

  it('issues the SVID that is asked for by name, with its key, for as long as configured', async () => {
    const subscription = await svid(BOT);
    const { name, tlsCertificate } = secretOf(await subscription.event(0, 1));
    const certificate = certificateOf(subscription.events[0]!);
    expect(name).toBe(BOT);
    expect(certificate.subjectAltName).toBe(`URI:${BOT}`);
    expect(certificate.ca).toBe(false);
    expect(isKeyOf(certificate, tlsCertificate!.privateKey.inlineBytes.toString())).toBe(true);
    expect(left(certificate)).toBeLessThanOrEqual(TTL * 1000);
    expect(left(certificate)).toBeGreaterThan((TTL * 1000) / 3);
    const authorities = await spire.authorities();
    expect(authorities.some((authority) => certificate.verify(authority.publicKey))).toBe(true);
  });

  it('gives out the bundle of its trust domain for Envoy’s SPIFFE validator', async () => {
    const bundle = secretOf(await subscribe(`spiffe://${platform.trustDomain}`).event(0, 10));
    expect(bundle.validationContext?.customValidatorConfig.name).toBe('envoy.tls.cert_validator.spiffe');
    const bundles = readBundles(bundle);
    expect(Object.keys(bundles)).toEqual([platform.trustDomain]);
    const [authority] = await spire.authorities();
    expect(new X509Certificate(bundles[platform.trustDomain]!).fingerprint256).toBe(authority!.fingerprint256);
  });

  it('gives nobody the SVID of another', async () => {
    const event = await subscribe(CLERK).event(0, 10);
    expect('error' in event && event.error).toMatchObject({
      code: status.INVALID_ARGUMENT,
      details: expect.stringContaining(
        `workload is not authorized for the requested identities ["${CLERK}"]`,
      ) as string,
    });
  });

  it(
    'renews SVIDs so early that each outlives the outage that the config tolerates',
    async () => {
      const subscription = await svid(BOT);
      await subscription.event(2, 2 * TTL);
      const renewals = subscription.events.slice(1);
      const before = subscription.certificates();
      expect(new Set(before.map(({ serialNumber }) => serialNumber)).size).toBe(before.length);
      renewals.forEach(({ at }, index) => {
        const remaining = left(before[index]!, at);
        expect(remaining).toBeGreaterThanOrEqual(tolerance);
        expect(remaining).toBeLessThan(0.6 * (TTL + 10) * 1000);
      });
      expect(tolerance).toBeLessThanOrEqual(longestOutage(`${TTL}s`));
    },
    4 * TTL * 1000,
  );

  it(
    'keeps serving what it has while the server is down, for the tolerated outage and longer, and goes on by itself',
    async () => {
      const subscription = await svid(BOT);
      // The worst moment: just before the renewal is due.
      const held = certificateOf(subscription.events.at(-1)!);
      while (left(held) > 0.56 * (TTL + 10) * 1000 && subscription.events.length === 1) await sleep(100);
      const last = certificateOf(subscription.events.at(-1)!);
      await spire.register(CLERK);
      await spire.stopServer();
      const stopped = Date.now();

      // Who fails first: whoever is new. The agent has not heard of the entry, and nobody would sign for it.
      const newcomer = await subscribe(CLERK).event(0, 10);
      expect('error' in newcomer && newcomer.error.code).toBe(status.INVALID_ARGUMENT);

      // Then whoever has the oldest SVID, and not before the tolerated outage is over.
      expect(left(last, stopped)).toBeGreaterThanOrEqual(tolerance);
      while (Date.now() < stopped + tolerance) {
        const again = subscribe(BOT);
        const served = certificateOf(await again.event(0, 5));
        again.close();
        expect(left(served)).toBeGreaterThan(0);
        await sleep(1000);
      }

      await spire.startServer();
      await expect.poll(() => subscription.events.length, { timeout: 60_000, interval: 200 }).toBeGreaterThan(1);
      const renewed = certificateOf(subscription.events.at(-1)!);
      expect(renewed.serialNumber).not.toBe(last.serialNumber);
      expect(left(renewed)).toBeGreaterThan((TTL * 1000) / 2);
      expect(certificateOf((await svid(CLERK)).events[0]!).subjectAltName).toBe(`URI:${CLERK}`);
    },
    4 * TTL * 1000,
  );
});
