import {
  ALL_ADDRESSES,
  FAMILIES,
  includes,
  isEmpty,
  NO_ADDRESSES,
  setOf,
  subtract,
  union,
} from '../model/addresses.js';
import type { AddressSet } from '../model/addresses.js';
import type { Cluster } from './cluster.js';
import { portsOf } from './connect.js';
import type { Pod } from './pod.js';
import type { Rule } from './policy.js';
import { ALL_PORTS, isEmpty as noPorts, NO_PORTS, union as unionPorts } from './ports.js';
import type { PortSet } from './ports.js';
import type { Isolation } from './rules.js';

/** Addresses that are no pod's, with the ports that are allowed to (or from) every one of them. */
export interface WorldRange {
  readonly addresses: AddressSet;
  readonly ports: PortSet;
}

/**
 * What one side allows to or from addresses outside the pod network, as disjoint ranges with different ports. Nodes and
 * the virtual addresses of Services are among them: some planes decide before translation (trap S13). Addresses of
 * `pods` are not taken out of a range, but a range that holds nothing else is left out.
 *
 * @param destination the pod on which named ports are resolved, for traffic that comes in
 */
export function worldRanges(
  isolated: Isolation | undefined,
  destination: Pod | undefined,
  pods: AddressSet,
): WorldRange[] {
  if (isolated === undefined) return [{ addresses: ALL_ADDRESSES, ports: ALL_PORTS }];
  const ranges = disjointRanges(isolated.rules.map((rule) => ruleRange(rule, destination)));
  return ranges.filter(({ addresses }) => !isEmpty(subtract(addresses, pods)));
}

/** The same allowances, each address in one range. */
export function disjointRanges(ranges: readonly WorldRange[]): WorldRange[] {
  const known = merge(ranges);
  const pieces = FAMILIES.flatMap((family) => {
    // Between two neighbouring bounds of any range, the same ranges hold for every address.
    const bounds = new Set(known.flatMap(({ addresses }) => addresses[family].flatMap(({ from, end }) => [from, end])));
    const sorted = [...bounds].sort((a, b) => (a < b ? -1 : 1));
    return sorted.slice(0, -1).map((from, i): WorldRange => {
      const holding = known.filter(({ addresses }) => includes(addresses, { family, value: from }));
      const ports = unionPorts(NO_PORTS, ...holding.map((range) => range.ports));
      return { addresses: { ...NO_ADDRESSES, [family]: [{ from, end: sorted[i + 1]! }] }, ports };
    });
  });
  return merge(pieces);
}

/** Addresses of pods on the pod network. A host-network pod's address is its node's, and belongs to the world. */
export function podAddresses({ pods }: Cluster): AddressSet {
  return setOf(pods.filter(({ hostNetwork }) => !hostNetwork).flatMap(({ addresses }) => addresses));
}

function ruleRange(rule: Rule, destination: Pod | undefined): WorldRange {
  const blocks = rule.peers?.map((peer) => (peer.kind === 'addresses' ? peer.addresses : NO_ADDRESSES));
  return {
    addresses: blocks === undefined ? ALL_ADDRESSES : union(NO_ADDRESSES, ...blocks),
    ports: portsOf(rule, destination),
  };
}

/** Ranges with equal ports as one: how many remain depends on how many port sets there are, not on how many rules. */
function merge(ranges: readonly WorldRange[]): WorldRange[] {
  const kept = ranges.filter(({ addresses, ports }) => !isEmpty(addresses) && !noPorts(ports));
  return [...Map.groupBy(kept, ({ ports }) => JSON.stringify(ports)).values()].map((equal) => ({
    ports: equal[0]!.ports,
    addresses: union(...equal.map(({ addresses }) => addresses)),
  }));
}
