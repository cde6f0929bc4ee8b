import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as addresses from '../../src/model/addresses.js';
import { parseAddress, parseCidr } from '../../src/model/addresses.js';
import { METADATA_CIDRS } from '../../src/model/never.js';
import type { Platform } from '../../src/model/platform.js';
import { publicCidrs } from '../../src/model/public-addresses.js';
import { PLATFORM } from './examples.js';

const setOf = (cidrs: readonly string[]): addresses.AddressSet =>
  addresses.union(addresses.NO_ADDRESSES, ...cidrs.map((cidr) => parseCidr(cidr)));

/** IANA special-purpose registries (RFC 6890), written out again: not globally reachable, or multicast. */
const SPECIAL = {
  4: [
    ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
    ...['192.0.2.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24', '224.0.0.0/4'],
    ...['240.0.0.0/4', '255.255.255.255/32', '192.88.99.0/24'],
  ],
  6: [
    ...['::/128', '::1/128', '::ffff:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '100::/64', '2001::/32', '2001:2::/48'],
    ...['2001:10::/28', '2001:db8::/32', '2002::/16', '3fff::/20', '5f00::/16', 'fc00::/7', 'fe80::/10', 'ff00::/8'],
  ],
};

const ofCluster = (platform: Platform): readonly string[] => [
  ...platform.cluster.podCidrs,
  ...platform.cluster.serviceCidrs,
  ...platform.cluster.nodeCidrs,
  ...platform.cluster.apiServerCidrs,
];

describe('public addresses', () => {
  const open = setOf(publicCidrs(PLATFORM));

  it.each([...SPECIAL[4], ...SPECIAL[6], ...METADATA_CIDRS])('hold nothing of %s', (cidr) => {
    // `certain`: ::ffff:0:0/96 would else be read as all of IPv4 too, which is not what is excluded.
    expect(addresses.isEmpty(addresses.intersect(open, parseCidr(cidr, { certain: true })))).toBe(true);
  });

  it.each(ofCluster(PLATFORM))('hold nothing of the cluster’s own %s', (cidr) => {
    expect(addresses.isEmpty(addresses.intersect(open, parseCidr(cidr)))).toBe(true);
  });

  it.each(['1.1.1.1', '8.8.8.8', '104.16.0.1', '100.63.255.255', '172.15.0.1', '223.255.255.255', '2606:4700::1111'])(
    'hold %s',
    (address) => {
      expect(addresses.includes(open, parseAddress(address))).toBe(true);
    },
  );

  it('and what is excluded cover every address, and do not overlap', () => {
    const cidr = fc.oneof(
      fc.tuple(fc.ipV4(), fc.integer({ min: 8, max: 32 })).map(([ip, bits]) => `${ip}/${bits}`),
      fc.tuple(fc.ipV6(), fc.integer({ min: 16, max: 128 })).map(([ip, bits]) => `${ip}/${bits}`),
    );
    const bare = setOf(publicCidrs(withCluster([])));
    fc.assert(
      fc.property(fc.array(cidr, { maxLength: 5 }), (podCidrs) => {
        const cidrs = publicCidrs(withCluster(podCidrs));
        // Exactly the bare set without these: nothing else is lost and nothing of them is left.
        expect(addresses.equal(setOf(cidrs), addresses.subtract(bare, setOf(podCidrs)))).toBe(true);
        const size = (set: addresses.AddressSet): bigint =>
          [...set[4], ...set[6]].reduce((sum, { from, end }) => sum + end - from, 0n);
        expect(cidrs.reduce((sum, each) => sum + size(parseCidr(each)), 0n)).toBe(size(setOf(cidrs)));
      }),
    );
  });

  it('stay short enough to read', () => {
    // Each public range of the cluster's own splits one of these; private ones cost nothing.
    expect(publicCidrs(withCluster([])).length).toBeLessThan(250);
    expect(publicCidrs(withCluster(['10.244.0.0/16', 'fd00::/48']))).toEqual(publicCidrs(withCluster([])));
  });

  it('are computed once per platform', () => {
    expect(publicCidrs(PLATFORM)).toBe(publicCidrs(PLATFORM));
  });
});

function withCluster(podCidrs: readonly string[]): Platform {
  const none = { serviceCidrs: [], nodeCidrs: [], apiServerCidrs: [] };
  return { ...PLATFORM, cluster: { ...PLATFORM.cluster, ...none, podCidrs } };
}
