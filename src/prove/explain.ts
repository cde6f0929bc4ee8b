import { formatAddress, parseAddress } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';
import { asCluster, findPod } from './cluster.js';
import type { Cluster, ObjectRef } from './cluster.js';
import { addressPairs } from './connect.js';
import { isolations } from './isolation.js';
import type { Isolation } from './isolation.js';
import type { KubeObject } from './kube-object.js';
import { notEvaluatedText } from './not-evaluated.js';
import type { NotEvaluated } from './not-evaluated.js';
import type { Pod } from './pod.js';
import type { Rule } from './policies/policy.js';
import { includes } from './ports.js';
import type { Protocol } from './ports.js';
import { networksOf } from './reach.js';
import type { End, Reading } from './rules.js';
import { decide } from './side.js';
import type { Question } from './side.js';

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
  /** Policies that isolate this side, as `ns/name` for a NetworkPolicy and with their kind for others. */
  readonly isolatedBy: readonly string[];
  /** Rules that allow the packet. */
  readonly allowedBy: readonly RuleRef[];
  /** Rules that deny it, or pass it on to the tier below; absent when there are none. */
  readonly deniedBy?: readonly RuleRef[];
  readonly passedBy?: readonly RuleRef[];
}

export interface RuleRef {
  /** As in {@link SideVerdict.isolatedBy}. */
  readonly policy: string;
  /** As `spec.egress[0]`. */
  readonly field: string;
  /** The tier and action, as `Admin, Deny`; absent for a NetworkPolicy. */
  readonly as?: string;
}

export interface Explanation {
  readonly verdict: 'allowed' | 'denied' | 'not evaluated';
  /** What NetworkPolicy alone says; the verdict too, unless something was not evaluated. */
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
    const side = (isolated: Isolation | undefined, subject: Pod, other: End): SideVerdict =>
      sideVerdict(isolated, { cluster, subject, end: other, destination: to, reading }, packet);
    const free: SideVerdict = { allowed: true, isolatedBy: [], allowedBy: [] };
    const egress = to === from ? free : side(isolationOf(from, 'Egress'), from, end);
    const ingress = to === from ? free : to && side(isolationOf(to, 'Ingress'), to, { pod: from, address: origin });
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
  const text = (rules: readonly RuleRef[]): string =>
    rules.map(({ policy, field, as }) => `${policy} ${field}${as === undefined ? '' : ` (${as})`}`).join(', ');
  const side = (
    name: string,
    { allowed, isolatedBy, allowedBy, deniedBy = [], passedBy = [] }: SideVerdict,
  ): string => {
    const passed = passedBy.length === 0 ? '' : `passed on by ${text(passedBy)}; `;
    if (!allowed && deniedBy.length > 0) return `${name}: ${passed}denied by ${text(deniedBy)}`;
    if (allowedBy.length > 0) return `${name}: ${passed}allowed by ${text(allowedBy)}`;
    if (isolatedBy.length === 0) return `${name}: ${passed}no policy isolates it, everything is allowed`;
    return `${name}: ${passed}isolated by ${isolatedBy.join(', ')}; no rule allows it`;
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

function sideVerdict(isolated: Isolation | undefined, question: Question, { protocol, port = 0 }: Packet): SideVerdict {
  if (isolated === undefined) return { allowed: true, isolatedBy: [], allowedBy: [] };
  const found: Record<Rule['action'], RuleRef[]> = { Accept: [], Deny: [], Pass: [] };
  const tierOf = new Map(isolated.policies.map(({ object, tier }) => [object, tier.name]));
  const allowed = decide(isolated, question, (rule, ports) => {
    if (includes(ports, protocol, port)) found[rule.action].push(refOf(rule, tierOf.get(rule.policy)!));
  });
  return {
    allowed: includes(allowed, protocol, port),
    isolatedBy: isolated.policies
      .filter(({ sides }) => sides[isolated.direction]?.isolates)
      .map(({ object }) => nameOf(object)),
    allowedBy: found.Accept,
    ...(found.Deny.length > 0 && { deniedBy: found.Deny }),
    ...(found.Pass.length > 0 && { passedBy: found.Pass }),
  };
}

/** `ns/name` alone for a NetworkPolicy. */
const nameOf = (object: string): string => object.replace(/^NetworkPolicy /, '');

const TIERS = { admin: 'Admin', normal: 'Normal', baseline: 'Baseline' } as const;

function refOf({ policy, field, action }: Rule, tier: keyof typeof TIERS): RuleRef {
  const ref = { policy: nameOf(policy), field };
  return policy.startsWith('NetworkPolicy ') ? ref : { ...ref, as: `${TIERS[tier]}, ${action}` };
}
