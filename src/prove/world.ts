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
import type { Interval, IntervalSet } from '../model/intervals.js';
import { portsOf } from './connect.js';
import { decide } from './side.js';
import type { Pod } from './pod.js';
import type { Rule } from './policies/policy.js';
import { ALL_PORTS, isEmpty as noPorts, NO_PORTS, union as unionPorts } from './ports.js';
import type { PortSet } from './ports.js';
import { rulesOf } from './rules.js';
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
  cluster: Cluster,
  isolated: Isolation | undefined,
  destination: Pod | undefined,
  pods: AddressSet,
): WorldRange[] {
  if (isolated === undefined) return [{ addresses: ALL_ADDRESSES, ports: ALL_PORTS }];
  const covered = rulesOf(isolated).map((rule) => ({ rule, addresses: addressesOf(cluster, rule) }));
  const decided = new Map<string, PortSet>();
  const ranges = FAMILIES.flatMap((family) =>
    // Between two neighbouring bounds of any set, the same rules are about every address.
    between([ALL_ADDRESSES, ...covered.map(({ addresses }) => addresses)].map((set) => set[family])).map(
      ({ from, end }): WorldRange => {
        const about = new Set(
          covered.filter(({ addresses }) => includes(addresses, { family, value: from })).map(({ rule }) => rule),
        );
        const key = covered.map(({ rule }) => (about.has(rule) ? 1 : 0)).join('');
        const ports =
          decided.get(key) ??
          decide(isolated, (rule) => (about.has(rule) ? portsOf(rule, destination) : NO_PORTS)).allowed;
        decided.set(key, ports);
        return { addresses: { ...NO_ADDRESSES, [family]: [{ from, end }] }, ports };
      },
    ),
  );
  return merge(ranges).filter(({ addresses }) => !isEmpty(subtract(addresses, pods)));
}

/** The addresses of no pod that a rule is about, as `covers` says of each of them. */
function addressesOf({ nodes, apiServer }: Cluster, { peers }: Rule): AddressSet {
  if (peers === undefined) return ALL_ADDRESSES;
  const outside = (set: AddressSet): AddressSet => subtract(set, union(nodes, apiServer));
  const sets = peers.map((peer): AddressSet => {
    switch (peer.kind) {
      case 'pods':
        return NO_ADDRESSES;
      case 'addresses':
        return peer.nodes ? peer.addresses : outside(peer.addresses);
      case 'nodes':
        return nodes;
      case 'kube-apiserver':
        return apiServer;
      case 'world':
        return outside({ 4: [], 6: [], ...Object.fromEntries(peer.families.map((of) => [of, ALL_ADDRESSES[of]])) });
      case 'names':
        return outside(ALL_ADDRESSES);
    }
  });
  return union(NO_ADDRESSES, ...sets);
}

function between(sets: readonly IntervalSet<bigint>[]): Interval<bigint>[] {
  const bounds = new Set(sets.flatMap((set) => set.flatMap(({ from, end }) => [from, end])));
  const sorted = [...bounds].sort((a, b) => (a < b ? -1 : 1));
  return sorted.slice(0, -1).map((from, i) => ({ from, end: sorted[i + 1]! }));
}

/** The same allowances, each address in one range. */
export function disjointRanges(ranges: readonly WorldRange[]): WorldRange[] {
  const known = merge(ranges);
  const pieces = FAMILIES.flatMap((family) =>
    between(known.map(({ addresses }) => addresses[family])).map(({ from, end }): WorldRange => {
      const holding = known.filter(({ addresses }) => includes(addresses, { family, value: from }));
      const ports = unionPorts(NO_PORTS, ...holding.map((range) => range.ports));
      return { addresses: { ...NO_ADDRESSES, [family]: [{ from, end }] }, ports };
    }),
  );
  return merge(pieces);
}

/** Addresses of pods on the pod network. A host-network pod's address is its node's, and belongs to the world. */
export function podAddresses({ pods }: Cluster): AddressSet {
  return setOf(pods.filter(({ hostNetwork }) => !hostNetwork).flatMap(({ addresses }) => addresses));
}

/** Ranges with equal ports as one: how many remain depends on how many port sets there are, not on how many rules. */
function merge(ranges: readonly WorldRange[]): WorldRange[] {
  const kept = ranges.filter(({ addresses, ports }) => !isEmpty(addresses) && !noPorts(ports));
  return [...Map.groupBy(kept, ({ ports }) => JSON.stringify(ports)).values()].map((equal) => ({
    ports: equal[0]!.ports,
    addresses: union(...equal.map(({ addresses }) => addresses)),
  }));
}
