import {
  equal,
  FAMILIES,
  formatCidrs,
  intersect,
  isEmpty,
  NO_ADDRESSES,
  parseCidr,
  union,
} from '../model/addresses.js';
import type { AddressSet } from '../model/addresses.js';
import { PROTOCOLS } from './ports.js';
import type { PortSet, Protocol } from './ports.js';
import type { WorldRange } from './world.js';

/** Allowed destination ports of one protocol, each range with both ends included. `other` (ICMP …) has no ports. */
export interface Connection {
  readonly protocol: Protocol | 'other';
  readonly ports: readonly (readonly [first: number, last: number])[];
}

/** The far end of a row: the pods of one workload, or the addresses of one family with the same ports. */
export interface PeerRow {
  /** `ns/name[Kind]`, or the range in words: `0.0.0.0/0`, `10.0.0.0/8, 192.0.2.1/32`, `public IPv4 (27 ranges)`. */
  readonly label: string;
  /** For addresses: exactly which, as the fewest CIDRs. Those that are a pod's are decided by that pod's row instead. */
  readonly cidrs?: readonly string[];
  /** The workload's pods share their node's network. */
  readonly hostNetwork?: true;
  readonly connections: readonly Connection[];
}

export function connectionsOf(ports: PortSet): Connection[] {
  const perProtocol = PROTOCOLS.filter((protocol) => ports[protocol].length > 0).map((protocol): Connection => {
    return { protocol, ports: ports[protocol].map(({ from, end }) => [from, end - 1]) };
  });
  return ports.other ? [...perProtocol, { protocol: 'other', ports: [] }] : perProtocol;
}

/** One peer per range and family, IPv4 first. */
export function addressPeers(ranges: readonly WorldRange[]): PeerRow[] {
  return FAMILIES.flatMap((family) =>
    ranges
      .map(({ addresses, ports }) => ({ addresses: { ...NO_ADDRESSES, [family]: addresses[family] }, ports }))
      .filter(({ addresses }) => !isEmpty(addresses))
      .map(({ addresses, ports }) => {
        const cidrs = formatCidrs(addresses);
        return { label: labelOf(addresses, cidrs, `IPv${family}`), cidrs, connections: connectionsOf(ports) };
      }),
  );
}

/** More CIDRs than this are counted, not listed: the complement of a few ranges easily has thirty. */
const LISTED = 3;

/** Where no one outside the cluster's own network can be: RFC 1918, 6598, 3927, 1122, 4193, 4291. */
const NOT_PUBLIC = union(
  ...['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', '169.254.0.0/16', '127.0.0.0/8'].map((cidr) =>
    parseCidr(cidr),
  ),
  ...['fc00::/7', 'fe80::/10', '::1/128'].map((cidr) => parseCidr(cidr)),
);

function labelOf(addresses: AddressSet, cidrs: readonly string[], family: string): string {
  if (cidrs.length <= LISTED) return cidrs.join(', ');
  const inside = intersect(addresses, NOT_PUBLIC);
  if (isEmpty(inside)) return `public ${family} (${cidrs.length} ranges)`;
  return equal(inside, addresses)
    ? `private ${family} (${cidrs.length} ranges)`
    : `${family}, public and private (${cidrs.length} ranges)`;
}
