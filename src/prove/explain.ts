import { formatAddress, parseAddress } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';
import { asCluster, findPod } from './cluster.js';
import type { Cluster, ObjectRef } from './cluster.js';
import { addressPairs, portsTowards } from './connect.js';
import type { KubeObject } from './kube-object.js';
import { notEvaluatedText } from './not-evaluated.js';
import type { NotEvaluated } from './not-evaluated.js';
import type { Pod } from './pod.js';
import { includes } from './ports.js';
import type { PortSet, Protocol } from './ports.js';
import type { Rule } from './policies/policy.js';
import { networksOf } from './reach.js';
import { isolations } from './rules.js';
import type { End, Isolation, Reading } from './rules.js';
import { decide } from './side.js';

/** One packet that opens a connection. */
export interface Packet {
  /** A pod, or an IPv4 or IPv6 address. An address that is a pod's means that pod. */
  readonly destination: ObjectRef | string;
  /** `other`: ICMP and every protocol without ports. */
  readonly protocol: Protocol | 'other';
  /** On the pod or address itself, behind any Service; 1 to 65535, absent only for `other`. */
  readonly port?: number;
}

/** What one side says, and on whose account. */
export interface SideVerdict {
  readonly allowed: boolean;
  /** Policies that select the pod in this direction, as `NetworkPolicy ns/name`; empty: everything is allowed. */
  readonly selectedBy: readonly string[];
  /** One of them denies what no rule allows. */
  readonly isolated: boolean;
  /** Rules that allow the packet. */
  readonly allowedBy: readonly RuleRef[];
  /** The rule that denies it; absent where none does, and it is denied for want of one that allows it. */
  readonly deniedBy?: RuleRef;
}

export interface RuleRef {
  /** As `NetworkPolicy ns/name`. */
  readonly policy: string;
  /** As `spec.egress[0]`. */
  readonly field: string;
}

export interface Explanation {
  readonly verdict: 'allowed' | 'denied' | 'not evaluated';
  /** What the policies that were evaluated say; the verdict too, unless something was not. */
  readonly networkPolicy: 'allowed' | 'denied';
  /** Workload, as `ns/name[Kind]`. */
  readonly source: string;
  /** Workload, or the address. */
  readonly destination: string;
  readonly egress: SideVerdict;
  /** Of the destination pod; absent for an address, whose own side is not known. */
  readonly ingress?: SideVerdict;
  readonly notEvaluated: readonly NotEvaluated[];
}

/**
 * Whether one pod may open one connection, and which policies and rules say so.
 *
 * @throws UnreadableObjectError when an object cannot be read exactly
 * @throws RangeError when there is no such running pod, or the packet has no valid address or port
 */
export function explain(
  objects: readonly KubeObject[] | Cluster,
  source: ObjectRef,
  packet: Packet,
  reading: Reading = {},
): Explanation {
  const { protocol, port } = packet;
  if (protocol !== 'other' && !(Number.isInteger(port) && port! >= 1 && port! <= 65535)) {
    throw new RangeError(`a ${protocol} packet needs a port from 1 to 65535, not ${String(port)}`);
  }
  const cluster = asCluster(objects);
  const isolationOf = isolations(cluster);
  const from = findPod(cluster, source);
  const [first, ...rest] = paths(cluster, from, packet.destination).map(({ to, end, origin }) => {
    const side = (isolated: Isolation | undefined, other: End): SideVerdict =>
      sideVerdict(cluster, isolated, other, to, packet, reading);
    const egress = to === from ? FREE : side(isolationOf(from, 'Egress'), end);
    const ingress = to === from ? FREE : to && side(isolationOf(to, 'Ingress'), { pod: from, address: origin });
    return { to, egress, ...(ingress && { ingress }) };
  });
  if (first === undefined) throw new RangeError('source and destination have no address family in common');
  const allows = ({ egress, ingress }: typeof first): boolean => egress.allowed && ingress?.allowed !== false;
  const { to, ...sides } = [first, ...rest].find(allows) ?? first;
  const networkPolicy = allows({ to, ...sides }) ? 'allowed' : 'denied';
  const notEvaluated = [...cluster.notEvaluated, ...networksOf(from)];
  return {
    verdict: notEvaluated.length > 0 ? 'not evaluated' : networkPolicy,
    networkPolicy,
    source: from.workload,
    destination: to?.workload ?? (packet.destination as string),
    ...sides,
    notEvaluated,
  };
}

/** The explanation as lines for people. */
export function explanationLines({
  verdict,
  source,
  destination,
  egress,
  ingress,
  notEvaluated,
}: Explanation): string[] {
  const rule = ({ policy, field }: RuleRef): string => `${policy} ${field}`;
  const side = (name: string, { selectedBy, isolated, allowedBy, deniedBy }: SideVerdict): string => {
    if (selectedBy.length === 0) return `${name}: no policy isolates it, everything is allowed`;
    if (deniedBy !== undefined) return `${name}: denied by ${rule(deniedBy)}`;
    if (allowedBy.length > 0) return `${name}: allowed by ${allowedBy.map(rule).join(', ')}`;
    return isolated
      ? `${name}: isolated by ${selectedBy.join(', ')}; no rule allows it`
      : `${name}: selected by ${selectedBy.join(', ')}, which leave it open`;
  };
  return [
    `${source} to ${destination}: ${verdict}`,
    side('egress', egress),
    ...(ingress ? [side('ingress', ingress)] : []),
    ...notEvaluated.map((each) => `not evaluated: ${notEvaluatedText(each)}`),
  ];
}

interface Path {
  readonly to: Pod | undefined;
  /** The destination as the source's egress sees it. */
  readonly end: End;
  /** The source's address. */
  readonly origin?: Address | undefined;
}

/** Every way the packet may be seen: one per pair of addresses, and for a node's address as itself and as each pod on it. */
function paths(cluster: Cluster, from: Pod, destination: ObjectRef | string): Path[] {
  const toPod = (to: Pod): Path[] =>
    to === from
      ? [{ to, end: { pod: to } }]
      : addressPairs(from, to).map(([origin, address]) => ({ to, end: { pod: to, address }, origin }));
  if (typeof destination !== 'string') return toPod(findPod(cluster, destination));
  const address = parseAddress(destination);
  const same = (other: Address | undefined): boolean =>
    other !== undefined && formatAddress(other) === formatAddress(address);
  const pods = cluster.pods.filter(({ addresses }) => addresses.some(same));
  const toPods = pods.flatMap(toPod).filter(({ to, end }) => to === from || same(end.address));
  return pods.some(({ hostNetwork }) => !hostNetwork) ? toPods : [{ to: undefined, end: { address } }, ...toPods];
}

function sideVerdict(
  cluster: Cluster,
  isolated: Isolation | undefined,
  end: End,
  destination: Pod | undefined,
  { protocol, port = 0 }: Packet,
  reading: Reading,
): SideVerdict {
  if (isolated === undefined) return FREE;
  const matching = (rule: Rule): PortSet => portsTowards(cluster, rule, end, destination, reading);
  const matches = (ports: PortSet): boolean => includes(ports, protocol, port);
  const { allowed, settled } = decide(isolated, matching);
  const decisive = settled.find(({ ports }) => matches(ports))?.rule;
  // In the normal tier every rule that allows it is enough.
  const allowing = isolated.allow.includes(decisive!)
    ? isolated.allow.filter((rule) => matches(matching(rule)))
    : [decisive];
  return {
    allowed: matches(allowed),
    selectedBy: isolated.policies.map(({ object }) => object),
    isolated: isolated.isolates,
    allowedBy: decisive?.action === 'Accept' ? allowing.map((rule) => refOf(rule!)) : [],
    ...(decisive?.action === 'Deny' && { deniedBy: refOf(decisive) }),
  };
}

const FREE: SideVerdict = { allowed: true, selectedBy: [], isolated: false, allowedBy: [] };

const refOf = ({ policy, field }: Rule): RuleRef => ({ policy, field });
