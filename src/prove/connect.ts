import type { Address } from '../model/addresses.js';
import type { Cluster } from './cluster.js';
import { isolations } from './isolation.js';
import type { Isolation } from './isolation.js';
import type { Pod } from './pod.js';
import { ALL_PORTS, intersect, isEmpty, NO_PORTS, union } from './ports.js';
import type { PortSet } from './ports.js';
import type { Reading } from './rules.js';
import { decide } from './side.js';

/** A pod with what isolates it in both directions. */
export interface Endpoint {
  readonly pod: Pod;
  readonly egress: Isolation | undefined;
  readonly ingress: Isolation | undefined;
}

export function endpoints(cluster: Cluster): (pod: Pod) => Endpoint {
  const isolationOf = isolations(cluster);
  return (pod) => ({ pod, egress: isolationOf(pod, 'Egress'), ingress: isolationOf(pod, 'Ingress') });
}

/**
 * The ports of `destination` that `source` may connect to: what the source's egress and the destination's ingress both
 * allow, over every pair of their addresses of one family. Replies are part of a connection and need no rule.
 */
export function connect(cluster: Cluster, source: Endpoint, destination: Endpoint, reading: Reading): PortSet {
  // "A pod cannot block access to itself" (documentation of NetworkPolicy).
  if (source.pod === destination.pod) return ALL_PORTS;
  const [{ pod: from }, { pod: to }] = [source, destination];
  const ports = addressPairs(from, to).map(([origin, address]) => {
    const asked = { cluster, destination: to, reading };
    const out = decide(source.egress, { ...asked, subject: from, end: { pod: to, address } });
    if (isEmpty(out)) return out;
    return intersect(out, decide(destination.ingress, { ...asked, subject: to, end: { pod: from, address: origin } }));
  });
  return union(NO_PORTS, ...ports);
}

/**
 * The pairs of addresses, of one family, that packets between two pods can have. Where a pod has no address yet, the
 * pair has none for it, and rules that go by address do not apply to it.
 */
export function addressPairs(source: Pod, destination: Pod): [Address | undefined, Address | undefined][] {
  const sources = source.addresses.length === 0 ? [undefined] : source.addresses;
  const destinations = destination.addresses.length === 0 ? [undefined] : destination.addresses;
  return sources.flatMap((from) =>
    destinations
      .filter((to) => from === undefined || to === undefined || from.family === to.family)
      .map((to): [Address | undefined, Address | undefined] => [from, to]),
  );
}
