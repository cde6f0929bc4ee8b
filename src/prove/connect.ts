import type { Address } from '../model/addresses.js';
import type { Cluster } from './cluster.js';
import { resolvePorts } from './pod.js';
import type { Pod } from './pod.js';
import type { Rule } from './policies/policy.js';
import { ALL_PORTS, intersect, isEmpty, NO_PORTS, union } from './ports.js';
import type { PortSet } from './ports.js';
import { covers, isolations } from './rules.js';
import type { End, Isolation, Reading } from './rules.js';
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
  const ports = addressPairs(source.pod, destination.pod).map(([from, to]) => {
    const out = allowedPorts(cluster, source.egress, { pod: destination.pod, address: to }, destination.pod, reading);
    if (isEmpty(out)) return out;
    const into = allowedPorts(
      cluster,
      destination.ingress,
      { pod: source.pod, address: from },
      destination.pod,
      reading,
    );
    return intersect(out, into);
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

/** What one side allows towards the other end. `destination` is the pod on which named ports are resolved, if it is one. */
export function allowedPorts(
  cluster: Cluster,
  isolated: Isolation | undefined,
  end: End,
  destination: Pod | undefined,
  reading: Reading,
): PortSet {
  return decide(isolated, (rule) => portsTowards(cluster, rule, end, destination, reading)).allowed;
}

/** The ports on which a rule matches packets with this end; none where its peers do not cover it. */
export const portsTowards = (
  cluster: Cluster,
  rule: Rule,
  end: End,
  destination: Pod | undefined,
  reading: Reading,
): PortSet => (covers(cluster, rule, end, reading) ? portsOf(rule, destination) : NO_PORTS);

/** All ports a rule names, on this destination. */
export function portsOf(rule: Rule, destination: Pod | undefined): PortSet {
  return rule.namedPorts.length === 0 ? rule.ports : union(rule.ports, resolvePorts(rule.namedPorts, destination));
}
