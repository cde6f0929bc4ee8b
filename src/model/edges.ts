import type { Control, Modes } from './levels.js';
import { AGENT_ROLE, LABELS, NAMESPACES } from './names.js';
import type { Platform } from './platform.js';
import { SPIRE_AGENTS, spireEdges, spireServerOf } from './spire-edges.js';
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
  openfga: { protocol: 'TCP', service: 8081, target: 8081 },
  metrics: { protocol: 'TCP', service: 9464, target: 9464 },
  /** Metrics of the Envoy sidecar, and the probes of the pod behind it. */
  sidecar: { protocol: 'TCP', service: 15020, target: 15020 },
  gateway: { protocol: 'TCP', service: 18789, target: 18789 },
  agentDnsUdp: { protocol: 'UDP', service: 53, target: 1053 },
  agentDnsTcp: { protocol: 'TCP', service: 53, target: 1053 },
  dnsUdp: { protocol: 'UDP', service: 53, target: 53 },
  dnsTcp: { protocol: 'TCP', service: 53, target: 53 },
} as const satisfies Record<string, Port>;

const tcp = (port: number): Port => ({ protocol: 'TCP', service: port, target: port });
const same = { does: false } as const;

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

const clusterDnsOf = ({ cluster: { dns } }: Platform): Pods | Addresses =>
  dns.nodeLocalAddress === undefined
    ? {
        kind: 'pods',
        name: 'cluster-dns',
        namespace: dns.namespace,
        labels: dns.podLabels,
        serviceAccount: dns.serviceAccount,
      }
    : { kind: 'addresses', name: 'node-local-dns', cidrs: [hostCidr(dns.nodeLocalAddress)] };

const hostCidr = (address: string): string => `${address}/${address.includes(':') ? 128 : 32}`;

const vaultOf = ({ vault }: Platform): Pods | undefined =>
  vault && {
    kind: 'pods',
    name: 'vault',
    namespace: vault.namespace,
    labels: vault.podLabels,
    serviceAccount: vault.serviceAccount,
  };

const governs = {
  ...same,
  why: 'decides every call by allowlist and relation and never sends a request to an address that its caller names',
};
const clusterDnsEdge = (id: string, from: Pods, platform: Platform, open: Edge['open'], why: string): Edge => ({
  id,
  from,
  to: clusterDnsOf(platform),
  ports: [PORTS.dnsUdp, PORTS.dnsTcp],
  authenticates: 'nobody: DNS has no caller identity',
  mtls: { not: 'DNS has no TLS; whoever is found by it proves itself afterwards' },
  forwards: { does: true, why },
  open,
});

/**
 * The edges of a workspace that both its own stack and the platform's render, each its own end, but that the workspace's
 * opens the platform's too where {@link isOpenedAtPlatform}.
 */
export function agentEdges(platform: Platform, placement: Placement): readonly Edge[] {
  const agents = agentsOf(placement);
  const dns = agentDnsOf(placement);
  const named = (name: string): string => `${placement.id}: ${name}`;
  const edges: Edge[] = [
    {
      id: named('agents to the front'),
      from: agents,
      to: COMPONENTS.apiServer,
      ports: [PORTS.front, PORTS.grpc],
      authenticates: 'the front demands an SVID of the exact SPIFFE ID, then a token of the same agent',
      mtls: 'SVID',
      forwards: governs,
      open: 'always',
    },
    {
      id: named('agents to the front by bearer token'),
      from: agents,
      to: COMPONENTS.apiServer,
      ports: [PORTS.bearer],
      authenticates: 'server TLS and the agent’s token alone',
      mtls: { not: 'for callers without an SVID, and open only while mtls is in shadow or relaxed' },
      forwards: governs,
      open: { whileShadow: 'mtls' },
    },
    {
      // The workers serve every workspace, so at their own end this is open always; at the front's while any opens it.
      id: named('workers to the front by bearer token'),
      from: COMPONENTS.worker,
      to: COMPONENTS.apiServer,
      ports: [PORTS.bearer],
      authenticates: 'server TLS and the worker’s token alone',
      mtls: { not: 'for callers without an SVID, and open only while mtls is in shadow or relaxed' },
      forwards: governs,
      open: { whileShadow: 'mtls' },
    },
    {
      id: named('agents to the collector'),
      from: agents,
      to: COMPONENTS.collector,
      ports: [PORTS.otlp],
      authenticates: 'nobody: the network policy alone says who may send',
      mtls: { not: 'telemetry carries no authority, and the collector has no sidecar yet: OTLP in plain' },
      forwards: { ...same, why: 'exports to the back ends of its own configuration only' },
      open: 'always',
    },
    {
      id: named('prometheus to the agents'),
      from: COMPONENTS.prometheus,
      to: agents,
      ports: [PORTS.metrics],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: { ...same, why: 'an agent forwards only by its own egress, which is this matrix' },
      open: 'always',
    },
    {
      id: named('prometheus to the agents’ sidecars'),
      from: COMPONENTS.prometheus,
      to: agents,
      ports: [PORTS.sidecar],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: { ...same, why: 'the sidecar serves metrics and probes there and nothing else' },
      open: 'always',
    },
    {
      id: named('front to the agents’ gateways'),
      from: COMPONENTS.apiServer,
      to: agents,
      ports: [PORTS.gateway],
      authenticates: 'the gateway, by the token that the control plane holds for it',
      mtls: { not: 'the control plane dials gateways by their own address and token, past its sidecar' },
      forwards: { ...same, why: 'an agent forwards only by its own egress, which is this matrix' },
      open: 'always',
    },
  ];
  if (platform.agentDns.mode === 'cilium') {
    edges.push(
      clusterDnsEdge(named('agents to DNS'), agents, platform, 'always', 'Cilium’s proxy passes exact names only'),
    );
  } else {
    edges.push(
      {
        id: named('agents to DNS'),
        from: agents,
        to: dns,
        ports: [PORTS.agentDnsUdp, PORTS.agentDnsTcp],
        authenticates: 'nobody: DNS has no caller identity',
        mtls: { not: 'DNS has no TLS; whoever is found by it proves itself afterwards' },
        forwards: { ...same, why: 'answers exact names of its own configuration and refuses all else' },
        open: 'always',
      },
      {
        id: named('prometheus to DNS'),
        from: COMPONENTS.prometheus,
        to: dns,
        ports: [PORTS.metrics],
        authenticates: 'nobody: read-only metrics',
        mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
        forwards: { ...same, why: 'answers exact names of its own configuration and refuses all else' },
        open: 'always',
      },
      clusterDnsEdge(
        named('DNS to cluster DNS'),
        dns,
        platform,
        { whileShadow: 'egress' },
        'asked only for the declared SoR names',
      ),
    );
  }
  const vault = vaultOf(platform);
  if (vault && platform.vault) {
    edges.push({
      id: named('agents to Vault'),
      from: agents,
      to: vault,
      ports: [tcp(platform.vault.port)],
      authenticates: 'Vault authenticates the agent’s token',
      mtls: { not: 'Vault has TLS and authentication of its own' },
      forwards: { does: true, why: 'hands out SoR credentials until they are removed from the agents’ policies' },
      open: { whileShadow: 'egress' },
    });
  }
  return edges;
}

/** Every edge of a workspace: its agents' edges, each listening agent by name, and its systems of record. */
export function workspaceEdges(platform: Platform, workspace: Workspace): readonly Edge[] {
  const agents = agentsOf(workspace);
  const listening = (edge: Edge, listens: 'gateway' | 'metrics'): Edge[] =>
    workspace.agents
      .filter((agent) => agent.listens.includes(listens))
      .map((agent) => ({
        ...edge,
        id: `${edge.id}: ${agent.name}`,
        to: { ...agents, name: agent.name, labels: { ...agents.labels, [LABELS.agent]: agent.name } },
      }));
  const edges = agentEdges(platform, workspace).flatMap((edge) => {
    if (edge.to.name !== agents.name || edge.ports.includes(PORTS.sidecar)) return [edge];
    return listening(edge, edge.ports.includes(PORTS.gateway) ? 'gateway' : 'metrics');
  });
  const systems: Edge[] = workspace.systemsOfRecord.map(({ name, host, ports }) => ({
    id: `${workspace.id}: agents to ${name}`,
    from: agents,
    to: { kind: 'public', name, hosts: [host] },
    ports: ports.map(tcp),
    authenticates: 'the system of record, by credentials the agent still holds',
    mtls: { not: 'outside the trust domain' },
    forwards: { does: true, why: 'this is the bypass that enforcement closes' },
    open: { whileShadow: 'egress' },
  }));
  return [...edges, ...systems];
}

/** Every edge with an end in a platform namespace. */
export function platformEdges(platform: Platform): readonly Edge[] {
  const { apiServer, openfga, worker, collector, prometheus } = COMPONENTS;
  const ingress = platform.ingressGateway;
  const vault = vaultOf(platform);
  const spireServer = spireServerOf(platform);
  const kubernetesApi: Addresses = {
    kind: 'addresses',
    name: 'kubernetes-api',
    cidrs: platform.cluster.apiServerCidrs,
    entity: 'kube-apiserver',
  };
  const byComponent = {
    'api-server': apiServer,
    openfga,
    worker,
    'otel-collector': collector,
    prometheus,
    'spire-server': spireServer,
  };
  const telemetry = { ...same, why: 'exports to the back ends of its own configuration only' };
  const edges: Edge[] = [
    {
      id: 'people to the front',
      from: {
        kind: 'pods',
        name: 'ingress-gateway',
        namespace: ingress.namespace,
        labels: ingress.podLabels,
        serviceAccount: ingress.serviceAccount,
      },
      to: apiServer,
      ports: [PORTS.people],
      authenticates: 'server TLS and a token of the human audience',
      mtls: { not: 'people have no SVID' },
      forwards: governs,
      open: 'always',
    },
    {
      id: 'workers to the front',
      from: worker,
      to: apiServer,
      ports: [PORTS.front, PORTS.grpc],
      authenticates: 'the front demands the worker’s SVID',
      mtls: 'SVID',
      forwards: governs,
      open: 'always',
    },
    {
      id: 'front to OpenFGA',
      from: apiServer,
      to: openfga,
      ports: [PORTS.openfga],
      authenticates: 'OpenFGA verifies a preshared key; the front verifies its certificate',
      mtls: { not: 'TLS of the server alone and a preshared key: OpenFGA knows no SPIFFE IDs' },
      forwards: { ...same, why: 'answers checks from its own store' },
      open: 'always',
    },
    {
      id: 'front to the Kubernetes API',
      from: apiServer,
      to: kubernetesApi,
      ports: [{ protocol: 'TCP', service: 443, target: platform.cluster.apiServerPort }],
      authenticates: 'the API server verifies the authorizer’s service account token, the authorizer its certificate',
      mtls: { not: 'the Kubernetes API has certificates and tokens of its own' },
      forwards: {
        ...same,
        why: 'the account may read policies and Relaxations only, and no pod through the API server',
      },
      open: 'always',
    },
    ...[apiServer, worker, openfga].map((from): Edge => ({
      id: `${from.name} to the collector`,
      from,
      to: collector,
      ports: [PORTS.otlp],
      authenticates: 'nobody: the network policy alone says who may send',
      mtls: { not: 'telemetry carries no authority, and the collector has no sidecar yet: OTLP in plain' },
      forwards: telemetry,
      open: 'always',
    })),
    ...[apiServer, worker, openfga, collector].map((to): Edge => ({
      id: `prometheus to ${to.name}`,
      from: prometheus,
      to,
      ports: [PORTS.metrics],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: { ...same, why: 'serves metrics' },
      open: 'always',
    })),
    ...[apiServer, worker].map((to): Edge => ({
      id: `prometheus to the sidecar of ${to.name}`,
      from: prometheus,
      to,
      ports: [PORTS.sidecar],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: { ...same, why: 'serves metrics and probes' },
      open: 'always',
    })),
    ...[apiServer, worker, openfga, collector, prometheus, spireServer, SPIRE_AGENTS].map((from) =>
      clusterDnsEdge(`${from.name} to cluster DNS`, from, platform, 'always', 'cluster DNS forwards any name'),
    ),
    {
      id: 'workers to the systems of record',
      from: worker,
      to: { kind: 'public', name: 'systems-of-record', hosts: platform.execution.hosts },
      ports: platform.execution.ports.map(tcp),
      authenticates: 'the system of record, by credentials that only workers may read',
      mtls: { not: 'outside the trust domain' },
      forwards: { does: true, why: 'this is the work that the control plane has approved' },
      open: 'always',
    },
    ...platform.peers.map((peer): Edge => ({
      id: `${peer.component} to ${peer.name}`,
      from: byComponent[peer.component],
      to: peer.pods
        ? { kind: 'pods', name: peer.name, ...peer.pods }
        : { kind: 'addresses', name: peer.name, cidrs: peer.cidrs ?? [] },
      ports: peer.ports.map(tcp),
      authenticates: 'by the peer’s own means',
      mtls: { not: 'outside the trust domain' },
      forwards: { does: peer.forwards, why: peer.reason },
      open: 'always',
    })),
    ...spireEdges(platform, { prometheus, kubernetesApi, vault }),
    ...platform.workspaces.flatMap((placement) => agentEdges(platform, placement)),
  ];
  if (vault && platform.vault) {
    edges.push({
      id: 'workers to Vault',
      from: worker,
      to: vault,
      ports: [tcp(platform.vault.port)],
      authenticates: 'Vault, by the worker’s token',
      mtls: { not: 'Vault has TLS and authentication of its own' },
      forwards: { ...same, why: 'hands out credentials by policy' },
      open: 'always',
    });
  }
  return edges;
}

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
