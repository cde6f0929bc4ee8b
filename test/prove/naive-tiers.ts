import { inCidr, labelsMatch, sideAllows as networkPolicyAllows } from './naive.js';
import type { NaivePacket } from './naive.js';

/**
 * The naive evaluator for every kind of policy: one packet, straight from the objects. Written from the documentation of
 * the fields of policy.networking.k8s.io and of Cilium 1.20; shares nothing with src/prove.
 */

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return -- reads raw objects, without the types of what it checks */

type Verdict = 'allow' | 'deny' | 'pass' | 'none';
type Type = 'Ingress' | 'Egress';
type Side = NaivePacket['source'];

export function naiveTieredAllows(objects: readonly any[], packet: NaivePacket, ipBlockSelectsPods: boolean): boolean {
  const { source, destination } = packet;
  if (source.pod && source.pod === destination.pod) return true;
  return (
    side(objects, source.pod, 'Egress', destination, packet, ipBlockSelectsPods) &&
    side(objects, destination.pod, 'Ingress', source, packet, ipBlockSelectsPods)
  );
}

function side(
  objects: readonly any[],
  subject: any,
  type: Type,
  peer: Side,
  packet: NaivePacket,
  reading: boolean,
): boolean {
  if (!subject || subject.spec.hostNetwork) return true;
  const admin = tier(objects, 'admin', subject, type, peer, packet);
  if (admin === 'allow') return true;
  if (admin === 'deny') return false;
  const cilium = ciliumSide(objects, subject, type, peer, packet);
  if (cilium.denied) return false;
  const np = networkPolicyAllows(objects, subject, type, peer, packet, reading);
  if (cilium.allowed || (np.isolated && np.allowed)) return true;
  if (cilium.isolated || np.isolated) return false;
  return tier(objects, 'baseline', subject, type, peer, packet) !== 'deny';
}

function tier(
  objects: readonly any[],
  name: string,
  subject: any,
  type: Type,
  peer: Side,
  packet: NaivePacket,
): Verdict {
  const placed = objects
    .map((o) => {
      if (o.kind === 'ClusterNetworkPolicy') return { o, tier: o.spec.tier.toLowerCase(), priority: o.spec.priority };
      if (o.kind === 'AdminNetworkPolicy') return { o, tier: 'admin', priority: o.spec.priority };
      if (o.kind === 'BaselineAdminNetworkPolicy') return { o, tier: 'baseline', priority: 5000 };
      return { o, tier: '', priority: 0 };
    })
    .filter((entry) => entry.tier === name)
    .sort((a, b) => a.priority - b.priority);
  for (const { o } of placed) {
    if (!podsMatch(objects, o.spec.subject, subject)) continue;
    for (const rule of (type === 'Egress' ? o.spec.egress : o.spec.ingress) ?? []) {
      const peers = type === 'Egress' ? rule.to : rule.from;
      if (!peers.some((p: any) => tieredPeer(objects, p, peer))) continue;
      const ports = rule.protocols ?? rule.ports;
      if (ports && !ports.some((p: any) => tieredPort(p, packet))) continue;
      if (rule.action === 'Pass') return 'pass';
      return rule.action === 'Deny' ? 'deny' : 'allow';
    }
  }
  return 'none';
}

function podsMatch(objects: readonly any[], p: any, pod: any): boolean {
  const labels = namespaceLabels(objects, pod.metadata.namespace);
  if (p.namespaces) return labelsMatch(p.namespaces, labels);
  return labelsMatch(p.pods.namespaceSelector, labels) && labelsMatch(p.pods.podSelector, pod.metadata.labels ?? {});
}

function namespaceLabels(objects: readonly any[], name: string): Record<string, string> {
  const found = objects.find((o) => o.kind === 'Namespace' && o.metadata.name === name);
  return { ...found?.metadata.labels, 'kubernetes.io/metadata.name': name };
}

/** In these clusters the nodes are known by the addresses of the pods on their network. */
function isNode(objects: readonly any[], ip: string | undefined): boolean {
  return objects.some(
    (o) => o.kind === 'Pod' && o.spec.hostNetwork && (o.status.podIPs ?? []).some((a: any) => a.ip === ip),
  );
}

function tieredPeer(objects: readonly any[], p: any, { pod, ip }: Side): boolean {
  if (p.networks) return ip !== undefined && p.networks.some((cidr: string) => inCidr(cidr, ip));
  if (p.nodes) return pod ? pod.spec.hostNetwork === true : isNode(objects, ip);
  return pod !== undefined && !pod.spec.hostNetwork && podsMatch(objects, p, pod);
}

function tieredPort(p: any, packet: NaivePacket): boolean {
  const name = p.destinationNamedPort ?? p.namedPort;
  if (name) return hasName(packet, name);
  if (p.portNumber) return p.portNumber.protocol === packet.protocol && p.portNumber.port === packet.port;
  if (p.portRange) {
    return (
      p.portRange.protocol === packet.protocol && packet.port >= p.portRange.start && packet.port <= p.portRange.end
    );
  }
  const [protocol, { destinationPort }] = Object.entries(p)[0] as [string, any];
  if (protocol.toUpperCase() !== packet.protocol) return false;
  const { number, range } = destinationPort;
  return number ? number === packet.port : packet.port >= range.start && packet.port <= range.end;
}

function hasName({ destination, protocol, port }: NaivePacket, name: string): boolean {
  if (!destination.pod) return false;
  const ports = destination.pod.spec.containers.flatMap((container: any) => container.ports ?? []);
  return ports.some((p: any) => p.name === name && (p.protocol ?? 'TCP') === protocol && p.containerPort === port);
}

function ciliumSide(objects: readonly any[], subject: any, type: Type, peer: Side, packet: NaivePacket) {
  const result = { isolated: false, denied: false, allowed: false };
  const [key, from] = type === 'Egress' ? ['egress', 'to'] : ['ingress', 'from'];
  for (const o of objects) {
    if (o.kind !== 'CiliumNetworkPolicy' && o.kind !== 'CiliumClusterwideNetworkPolicy') continue;
    const own = o.metadata.namespace;
    if (own && subject.metadata.namespace !== own) continue;
    const endpoint = { ...o.spec.endpointSelector, matchLabels: { ...o.spec.endpointSelector.matchLabels } };
    if (own) delete endpoint.matchLabels['k8s:io.kubernetes.pod.namespace'];
    if (!ciliumLabels(endpoint, subject)) continue;
    const [allows, denies] = [o.spec[key] ?? [], o.spec[`${key}Deny`] ?? []];
    if (allows.length + denies.length > 0 && o.spec.enableDefaultDeny?.[key] !== false) result.isolated = true;
    if (denies.some((rule: any) => ciliumRule(objects, rule, from, own, peer, packet, false))) result.denied = true;
    if (allows.some((rule: any) => ciliumRule(objects, rule, from, own, peer, packet, true))) result.allowed = true;
  }
  return result;
}

function ciliumRule(
  objects: readonly any[],
  rule: any,
  side: string,
  own: string | undefined,
  peer: Side,
  packet: NaivePacket,
  accepts: boolean,
): boolean {
  const l3 = ['Endpoints', 'CIDR', 'CIDRSet', 'Entities'].filter((name) => rule[side + name] !== undefined);
  const l4 = rule.toPorts ?? [];
  if (l3.length === 0 && l4.length === 0) return false;
  if (l3.length > 0 && !rule[side + l3[0]!].some((p: any) => ciliumPeer(objects, l3[0]!, p, own, peer))) return false;
  return l4.length === 0 || l4.some((item: any) => (item.ports ?? []).some((p: any) => ciliumPort(p, packet, accepts)));
}

function ciliumPeer(
  objects: readonly any[],
  name: string,
  p: any,
  own: string | undefined,
  { pod, ip }: Side,
): boolean {
  const host = pod ? pod.spec.hostNetwork === true : isNode(objects, ip);
  const outside = !pod && !host;
  switch (name) {
    case 'Endpoints': {
      if (!pod || host) return false;
      const keys = Object.keys(p.matchLabels ?? {});
      if (own && !keys.includes('k8s:io.kubernetes.pod.namespace') && pod.metadata.namespace !== own) return false;
      return ciliumLabels(p, pod);
    }
    case 'CIDR':
      return outside && inCidr(p, ip!);
    case 'CIDRSet':
      return outside && inCidr(p.cidr, ip!) && !p.except.some((cidr: string) => inCidr(cidr, ip!));
    default:
      if (p === 'all') return true;
      if (p === 'cluster') return !outside;
      return outside && (p === 'world' || !ip!.includes(':'));
  }
}

function ciliumLabels(selector: any, pod: any): boolean {
  const labels: Record<string, string> = {
    ...pod.metadata.labels,
    'io.kubernetes.pod.namespace': pod.metadata.namespace,
  };
  const bare = Object.entries(selector.matchLabels ?? {}).map(([k, v]) => [k.replace(/^(k8s|any):/, ''), v]);
  return labelsMatch({ ...selector, matchLabels: Object.fromEntries(bare) }, labels);
}

function ciliumPort({ port, endPort, protocol = 'ANY' }: any, packet: NaivePacket, accepts: boolean): boolean {
  // Whether every port of any protocol means those without ports is not said: the worse of both.
  if (packet.protocol === 'other') return accepts && port === '0' && protocol === 'ANY';
  if (protocol !== 'ANY' && protocol !== packet.protocol) return false;
  if (port === 'web') return hasName(packet, port);
  if (port === '0') return true;
  return packet.port >= Number(port) && packet.port <= (endPort ?? Number(port));
}
