import { BlockList } from 'node:net';

/**
 * A second NetworkPolicy evaluator, for tests alone: one packet at a time, straight from the objects, sharing nothing
 * with src/prove. It is written from the API's field documentation and is as slow and plain as that allows.
 */

/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument */

export interface NaivePacket {
  readonly source: { readonly pod?: any; readonly ip?: string | undefined };
  readonly destination: { readonly pod?: any; readonly ip?: string | undefined };
  readonly protocol: 'TCP' | 'UDP' | 'SCTP' | 'other';
  readonly port: number;
}

type Side = NaivePacket['source'];

export function naiveAllows(objects: readonly any[], packet: NaivePacket, ipBlockSelectsPods: boolean): boolean {
  const { source, destination } = packet;
  if (source.pod && source.pod === destination.pod) return true;
  const out = sideAllows(objects, source.pod, 'Egress', destination, packet, ipBlockSelectsPods);
  const into = sideAllows(objects, destination.pod, 'Ingress', source, packet, ipBlockSelectsPods);
  return (out.allowed || !out.isolated) && (into.allowed || !into.isolated);
}

export function sideAllows(
  objects: readonly any[],
  subject: any,
  type: 'Ingress' | 'Egress',
  peer: Side,
  packet: NaivePacket,
  ipBlockSelectsPods: boolean,
): { readonly isolated: boolean; readonly allowed: boolean } {
  let isolated = false;
  if (!subject || subject.spec.hostNetwork) return { isolated, allowed: false };
  for (const np of objects) {
    if (np.kind !== 'NetworkPolicy') continue;
    if (np.metadata.namespace !== subject.metadata.namespace) continue;
    if (!labelsMatch(np.spec.podSelector ?? {}, subject.metadata.labels ?? {})) continue;
    let types = np.spec.policyTypes;
    if (!types || types.length === 0)
      types = np.spec.egress && np.spec.egress.length ? ['Ingress', 'Egress'] : ['Ingress'];
    if (!types.includes(type)) continue;
    isolated = true;
    const rules = (type === 'Egress' ? np.spec.egress : np.spec.ingress) ?? [];
    for (const rule of rules) {
      const peers = (type === 'Egress' ? rule.to : rule.from) ?? [];
      const peerOk =
        peers.length === 0 || peers.some((p: any) => peerMatches(objects, np, p, peer, ipBlockSelectsPods));
      const ports = rule.ports ?? [];
      const portOk = ports.length === 0 || ports.some((p: any) => portMatches(p, packet));
      if (peerOk && portOk) return { isolated, allowed: true };
    }
  }
  return { isolated, allowed: false };
}

function peerMatches(
  objects: readonly any[],
  np: any,
  p: any,
  { pod, ip }: Side,
  ipBlockSelectsPods: boolean,
): boolean {
  if (p.ipBlock) {
    if (!ip) return false;
    if (pod && !pod.spec.hostNetwork && !ipBlockSelectsPods) return false;
    return inCidr(p.ipBlock.cidr, ip) && !(p.ipBlock.except ?? []).some((cidr: string) => inCidr(cidr, ip));
  }
  if (!pod) return false;
  if (p.namespaceSelector) {
    const ns = objects.find((o) => o.kind === 'Namespace' && o.metadata.name === pod.metadata.namespace);
    const labels = ns ? ns.metadata.labels : { 'kubernetes.io/metadata.name': pod.metadata.namespace };
    if (!labelsMatch(p.namespaceSelector, labels)) return false;
  } else if (pod.metadata.namespace !== np.metadata.namespace) {
    return false;
  }
  return !p.podSelector || labelsMatch(p.podSelector, pod.metadata.labels ?? {});
}

function portMatches(p: any, { protocol, port, destination }: NaivePacket): boolean {
  if ((p.protocol ?? 'TCP') !== protocol) return false;
  if (p.port === undefined) return true;
  if (typeof p.port === 'number') return port >= p.port && port <= (p.endPort ?? p.port);
  if (!destination.pod) return false;
  for (const container of destination.pod.spec.containers) {
    for (const named of container.ports ?? []) {
      if (named.name === p.port && (named.protocol ?? 'TCP') === protocol && named.containerPort === port) return true;
    }
  }
  return false;
}

export function labelsMatch(selector: any, labels: Record<string, string>): boolean {
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) {
    if (labels[key] !== value) return false;
  }
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const has = key in labels;
    if (operator === 'Exists' && !has) return false;
    if (operator === 'DoesNotExist' && has) return false;
    if (operator === 'In' && !(has && values.includes(labels[key]))) return false;
    if (operator === 'NotIn' && has && values.includes(labels[key])) return false;
  }
  return true;
}

export function inCidr(cidr: string, ip: string): boolean {
  const family = (text: string): 'ipv4' | 'ipv6' => (text.includes(':') ? 'ipv6' : 'ipv4');
  const [network, length] = cidr.split('/') as [string, string];
  if (family(network) !== family(ip)) return false;
  const list = new BlockList();
  list.addSubnet(network, Number(length), family(network));
  return list.check(ip, family(ip));
}
