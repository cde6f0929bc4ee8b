import type { Control, Modes } from './levels.js';
import { AGENT_ROLE, LABELS, NAMESPACES } from './names.js';
import { agentDns, type Workspace } from './workspace.js';

/**
 * The edge matrix: who may talk to whom. Network policies, the mTLS table and the proof's intent are all made from it;
 * what is not an edge here is denied.
 */
export interface Edge {
  readonly id: string;
  readonly from: End;
  readonly to: End;
  readonly ports: readonly Port[];
  /** Who authenticates whom, and how. */
  readonly authenticates: string;
  /** `SVID`: each end presents one and demands the other's. Else the reason why not. */
  readonly mtls: 'SVID' | { readonly not: string };
  /** Whether the destination sends on what it is given to where the sender chooses, and why (not). */
  readonly forwards: { readonly does: boolean; readonly why: string };
  /** `always`, or only while that control is in shadow or relaxed. */
  readonly open: 'always' | { readonly whileShadow: Control };
}

/** A port as clients dial it and as the pod serves it; policies see packets after DNAT, so both are opened. */
export interface Port {
  readonly protocol: 'TCP' | 'UDP';
  readonly service: number;
  readonly target: number;
}

export type End = Pods | Addresses | Public;

/** Pods of one namespace, by labels that admission ties to `serviceAccount`. */
export interface Pods {
  readonly kind: 'pods';
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  /** The only service account whose pods may carry `labels`; absent where one account per agent is checked instead. */
  readonly serviceAccount?: string;
}

/** Fixed addresses outside the pod network. */
export interface Addresses {
  readonly kind: 'addresses';
  readonly name: string;
  readonly cidrs: readonly string[];
  /** Cilium's own name for them: its address rules match neither nodes nor what runs on them. */
  readonly entity?: 'kube-apiserver' | 'nodes';
}

/** Hosts on public addresses: by exact name where the data plane can, else every public address. */
export interface Public {
  readonly kind: 'public';
  readonly name: string;
  readonly hosts: readonly string[];
}

/** Ports of the front, the collector and the agents (design: the front of the control plane). */
export const PORTS = {
  front: { protocol: 'TCP', service: 443, target: 8443 },
  bearer: { protocol: 'TCP', service: 443, target: 8444 },
  people: { protocol: 'TCP', service: 443, target: 8445 },
  grpc: { protocol: 'TCP', service: 50051, target: 50051 },
  otlp: { protocol: 'TCP', service: 4317, target: 4317 },
  /** HTTPS: both the authorizer and the control plane itself ask by HTTP. */
  openfga: { protocol: 'TCP', service: 8080, target: 8080 },
  openfgaMetrics: { protocol: 'TCP', service: 2112, target: 2112 },
  metrics: { protocol: 'TCP', service: 9464, target: 9464 },
  /** Metrics of the Envoy sidecar, and the probes of the pod behind it. */
  sidecar: { protocol: 'TCP', service: 15020, target: 15020 },
  gateway: { protocol: 'TCP', service: 18789, target: 18789 },
  agentDnsUdp: { protocol: 'UDP', service: 53, target: 1053 },
  agentDnsTcp: { protocol: 'TCP', service: 53, target: 1053 },
  dnsUdp: { protocol: 'UDP', service: 53, target: 53 },
  dnsTcp: { protocol: 'TCP', service: 53, target: 53 },
} as const satisfies Record<string, Port>;

const component = (namespace: string, name: string): Pods => ({
  kind: 'pods',
  name,
  namespace,
  labels: { [LABELS.component]: name },
  serviceAccount: name,
});

/** The platform's own components, each with its namespace and the service account its label is tied to. */
export const COMPONENTS = {
  apiServer: component(NAMESPACES.controlPlane, 'api-server'),
  openfga: component(NAMESPACES.controlPlane, 'openfga'),
  worker: component(NAMESPACES.execution, 'worker'),
  collector: component(NAMESPACES.observability, 'otel-collector'),
  prometheus: component(NAMESPACES.observability, 'prometheus'),
} as const;

/** Where a workspace lives: all that the platform knows of it. */
export type Placement = Pick<Workspace, 'id' | 'namespace'>;

/** Every agent pod of a workspace that could exist. */
export const agentsOf = ({ id, namespace }: Placement): Pods => ({
  kind: 'pods',
  name: `agents-${id}`,
  namespace,
  labels: { [LABELS.role]: AGENT_ROLE, [LABELS.workspace]: id },
});

export const agentDnsOf = ({ id, namespace }: Placement): Pods => ({
  kind: 'pods',
  name: agentDns(id),
  namespace,
  labels: { [LABELS.component]: agentDns(id), [LABELS.workspace]: id },
  serviceAccount: agentDns(id),
});

const PLATFORM_NAMESPACES: readonly string[] = Object.values(NAMESPACES);

/**
 * True for an edge that a level closes and that ends at the platform: there the workspace's stack opens it, by an object
 * that comes and goes with its mode, so that the platform's own never change with a level. Where such an edge begins at
 * the platform it stays open, since it is closed where it ends.
 */
export const isOpenedAtPlatform = ({ to, open }: Edge): boolean =>
  open !== 'always' && to.kind === 'pods' && PLATFORM_NAMESPACES.includes(to.namespace);

/** True for an edge to a DNS server: its clients dial port 53. */
export const asksDns = ({ ports }: Edge): boolean => ports.some(({ service }) => service === 53);

/** The edges that are open under `modes`. */
export const openEdges = (edges: readonly Edge[], modes: Modes): readonly Edge[] =>
  edges.filter(({ open }) => isOpen(open, modes));

/** True while what is open by `open` is open under `modes`. */
export const isOpen = (open: Edge['open'], modes: Modes): boolean =>
  open === 'always' || modes[open.whileShadow] === 'shadow';
