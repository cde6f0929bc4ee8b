import { complement, formatCidrs, parseCidr, union } from './addresses.js';
import { METADATA_CIDRS } from './never.js';
import type { Platform } from './platform.js';

/** Ranges that are not globally reachable (IANA special-purpose registries, RFC 6890), and multicast. */
const SPECIAL_PURPOSE: readonly string[] = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
];

/** IPv6 is the other way round: only 2000::/3 is global unicast, without these. */
const SPECIAL_PURPOSE_6: readonly string[] = [
  '::/3',
  '4000::/2',
  '8000::/1',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '3fff::/20',
];

const cache = new WeakMap<Platform, readonly string[]>();

/**
 * Every public address of both families as CIDRs: all, without special-purpose ranges, metadata services and whatever
 * the cluster itself uses. Complement CIDRs instead of `except`: data planes took 60 s to apply an `except` (openshift
 * network-policy-perf, P99), and `except` is undone by any other rule.
 */
export function publicCidrs(platform: Platform): readonly string[] {
  const known = cache.get(platform);
  if (known) return known;
  const { podCidrs, serviceCidrs, nodeCidrs, apiServerCidrs } = platform.cluster;
  const excluded = [
    ...SPECIAL_PURPOSE,
    ...SPECIAL_PURPOSE_6,
    ...METADATA_CIDRS,
    ...podCidrs,
    ...serviceCidrs,
    ...nodeCidrs,
    ...apiServerCidrs,
  ];
  const cidrs = formatCidrs(complement(union(...excluded.map((cidr) => parseCidr(cidr)))));
  cache.set(platform, cidrs);
  return cidrs;
}
