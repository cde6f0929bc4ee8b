import { NO_ADDRESSES, parseCidr, union as unionAddresses } from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import type { Edge, End, Pods, Port } from '../../model/edges.js';
import type { PodClass } from '../classes/pod-class.js';
import { isWithinClass, podsIn } from '../classes/pod-class.js';
import { NO_PORTS, portRange, union } from '../ports.js';
import type { PortSet } from '../ports.js';

/**
 * What must be so: for every pod in the namespaces of agents, whom it may reach and be reached by. A pod is judged as
 * the first role that it carries the labels of, so that a role once taken cannot be widened by a second; one that has
 * none reaches nobody and is reached by nobody.
 */
export interface Intent {
  readonly roles: readonly Role[];
  /** Every pod here is judged, also those that carry no role's labels. */
  readonly namespaces: readonly string[];
  /** That these, and no less, are open: else only that nothing else is. */
  readonly exact: boolean;
}

export interface Role {
  readonly name: string;
  readonly pods: PodClass;
  readonly edges: readonly IntendedEdge[];
}

/** An edge of the matrix as sets: everything from the one end to the other on these ports. */
export interface IntendedEdge {
  readonly id: string;
  readonly direction: 'Egress' | 'Ingress';
  /** The pods of the role for which it holds: those of the role that carry more labels, where the edge names more. */
  readonly near: PodClass;
  readonly far: Far;
  readonly ports: PortSet;
  /** Of the destination. `undefined`: nobody has said whether it does, which is no proof that it does not. */
  readonly forwards: Edge['forwards'] | undefined;
}

/** An edge of the matrix, or of an intent in a file, which may leave open whether its destination sends on. */
export type OpenEdge = Pick<Edge, 'id' | 'from' | 'to' | 'ports'> & { readonly forwards?: Edge['forwards'] };

export type Far =
  | { readonly kind: 'pods'; readonly pods: PodClass; readonly serviceAccount?: string }
  | { readonly kind: 'addresses'; readonly addresses: AddressSet }
  /** By exact name, where the data plane holds names. */
  | { readonly kind: 'hosts'; readonly hosts: readonly string[] };

/**
 * The intent of workspaces from the edges that are open. Which pods are agents, and which serve them (their DNS server),
 * is told by the edges' ends in the agents' namespaces.
 *
 * @param open edges open at the level
 * @param namespaces of the agents
 * @param publicCidrs what stands for hosts that are known by name only; absent where the data plane holds names
 */
export function intentOf(
  open: readonly OpenEdge[],
  namespaces: readonly string[],
  publicCidrs: readonly string[] | undefined,
): Intent {
  const isNear = (end: End): end is Pods => end.kind === 'pods' && namespaces.includes(end.namespace);
  const roles = new Map<string, { readonly role: Omit<Role, 'edges'>; readonly edges: IntendedEdge[] }>();
  const add = (near: Pods, edge: Omit<IntendedEdge, 'near'>): void => {
    const pods = podsIn(near.namespace, near.labels);
    // An edge to one agent by name is an edge of the role that all agents have.
    const base = [...roles.values()].find(({ role }) => isWithinClass(pods, role.pods));
    const key = base?.role.name ?? near.name;
    const found = roles.get(key) ?? { role: { name: key, pods }, edges: [] };
    found.edges.push({ ...edge, near: pods });
    roles.set(key, found);
  };
  const labels = (end: End): number => (isNear(end) ? Object.keys(end.labels).length : 0);
  const fewestLabelsFirst = [...open].sort((a, b) => labels(a.from) + labels(a.to) - labels(b.from) - labels(b.to));
  for (const { id, from, to, ports, forwards } of fewestLabelsFirst) {
    const shared = { id, ports: portsOfEdge(ports), forwards };
    if (isNear(from)) add(from, { ...shared, direction: 'Egress', far: farOf(to, publicCidrs) });
    if (isNear(to)) add(to, { ...shared, direction: 'Ingress', far: farOf(from, publicCidrs) });
  }
  return { roles: [...roles.values()].map(({ role, edges }) => ({ ...role, edges })), namespaces, exact: true };
}

/** An end of an edge as a set. @param publicCidrs as {@link intentOf} takes them */
export function farOf(end: End, publicCidrs: readonly string[] | undefined): Far {
  if (end.kind === 'pods') {
    const { serviceAccount } = end;
    return { kind: 'pods', pods: podsIn(end.namespace, end.labels), ...(serviceAccount && { serviceAccount }) };
  }
  if (end.kind === 'public' && publicCidrs === undefined) return { kind: 'hosts', hosts: end.hosts };
  const cidrs = end.kind === 'addresses' ? end.cidrs : (publicCidrs ?? []);
  return { kind: 'addresses', addresses: unionAddresses(NO_ADDRESSES, ...cidrs.map((cidr) => parseCidr(cidr))) };
}

/** As it is dialled and as the pod serves it, since some planes decide before translation (trap S13). */
export const portsOfEdge = (ports: readonly Port[]): PortSet =>
  union(
    NO_PORTS,
    ...ports.flatMap(({ protocol, service, target }) => [portRange(protocol, service), portRange(protocol, target)]),
  );
