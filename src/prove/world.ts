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
import type { AddressSet, Family } from '../model/addresses.js';
import type { Interval } from '../model/intervals.js';
import type { Cluster } from './cluster.js';
import type { Isolation } from './isolation.js';
import type { Pod } from './pod.js';
import type { Peer, Rule } from './policies/policy.js';
import { ALL_PORTS, isEmpty as noPorts, NO_PORTS, union as unionPorts } from './ports.js';
import type { PortSet } from './ports.js';
import { decide, portsOf } from './side.js';

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
 * @param subject the pod whose side it is
 * @param destination the pod on which named ports are resolved, for traffic that comes in
 */
export function worldRanges(
  cluster: Cluster,
  isolated: Isolation | undefined,
  subject: Pod,
  destination: Pod | undefined,
  pods: AddressSet,
): WorldRange[] {
  if (isolated === undefined) return [{ addresses: ALL_ADDRESSES, ports: ALL_PORTS }];
  const isOrdered = isolated.admin.length + isolated.baseline.length + isolated.denies.length > 0 || !isolated.isolates;
  const isPlain = !isOrdered && isolated.accepts.every(({ peers = [] }) => peers.every(isPlainPeer));
  const ranges = isPlain
    ? disjointRanges(isolated.accepts.map((rule) => ruleRange(rule, destination)))
    : decidedRanges(cluster, isolated, subject, destination);
  return ranges.filter(({ addresses }) => !isEmpty(subtract(addresses, pods)));
}

/** Whether it covers the same addresses whosever they are. */
const isPlainPeer = (peer: Peer): boolean => peer.kind === 'pods' || (peer.kind === 'addresses' && peer.nodes);

/** Between two neighbouring bounds of what rules tell apart, one address stands for all. */
function decidedRanges(
  cluster: Cluster,
  isolated: Isolation,
  subject: Pod,
  destination: Pod | undefined,
): WorldRange[] {
  const sets = [
    ALL_ADDRESSES,
    ...isolated.rules.flatMap(({ peers = [] }) =>
      peers.flatMap((peer) => (peer.kind === 'addresses' ? [peer.addresses] : [])),
    ),
    ...(isolated.rules.every(({ peers = [] }) => peers.every(isPlainPeer))
      ? []
      : [cluster.nodes, cluster.apiServer, setOf(subject.nodeAddresses)]),
  ];
  const question = { cluster, subject, destination, reading: {} };
  const pieces = FAMILIES.flatMap((family) =>
    piecesOf(sets, family).map(({ from, end }): WorldRange => ({
      addresses: { ...NO_ADDRESSES, [family]: [{ from, end }] },
      ports: decide(isolated, { ...question, end: { address: { family, value: from } } }),
    })),
  );
  return merge(pieces);
}

function piecesOf(sets: readonly AddressSet[], family: Family): Interval<bigint>[] {
  const bounds = new Set(sets.flatMap((set) => set[family].flatMap(({ from, end }) => [from, end])));
  const sorted = [...bounds].sort((a, b) => (a < b ? -1 : 1));
  return sorted.slice(0, -1).map((from, i) => ({ from, end: sorted[i + 1]! }));
}

/** The same allowances, each address in one range. */
export function disjointRanges(ranges: readonly WorldRange[]): WorldRange[] {
  const known = merge(ranges);
  const pieces = FAMILIES.flatMap((family) =>
    piecesOf(
      known.map(({ addresses }) => addresses),
      family,
    ).map(({ from, end }): WorldRange => {
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
