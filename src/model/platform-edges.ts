import { clusterDnsEdge, governs, same, tcp, vaultOf } from './edge-parts.js';
import { COMPONENTS, PORTS, type Addresses, type Edge, type Pods } from './edges.js';
import { isMigrated, OPENFGA_MIGRATION } from './openfga.js';
import type { ExternalPeer, Platform } from './platform.js';
import { SPIRE_AGENTS, spireEdges, spireServerOf } from './spire-edges.js';
import { agentEdges } from './workspace-edges.js';

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
  const migrations = isMigrated(platform.openfga) ? [OPENFGA_MIGRATION] : [];
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
    ...[apiServer, worker].map((from): Edge => ({
      id: `${from.name} to the collector`,
      from,
      to: collector,
      ports: [PORTS.otlp],
      authenticates: 'nobody: the network policy alone says who may send',
      mtls: { not: 'telemetry carries no authority, and the collector has no sidecar yet: OTLP in plain' },
      forwards: telemetry,
      open: 'always',
    })),
    ...[
      { to: apiServer, port: PORTS.metrics },
      { to: worker, port: PORTS.metrics },
      { to: openfga, port: PORTS.openfgaMetrics },
      { to: collector, port: PORTS.metrics },
    ].map(({ to, port }): Edge => ({
      id: `prometheus to ${to.name}`,
      from: prometheus,
      to,
      ports: [port],
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
    ...[apiServer, worker, openfga, ...migrations, collector, prometheus, spireServer, SPIRE_AGENTS].map((from) =>
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
    ...platform.peers.map((peer) => peerEdge(byComponent[peer.component], peer)),
    ...migrations.flatMap((from) => databasesOf(platform).map((peer) => peerEdge(from, peer))),
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

const peerEdge = (from: Pods, peer: ExternalPeer): Edge => ({
  id: `${from.name} to ${peer.name}`,
  from,
  to: peer.pods
    ? { kind: 'pods', name: peer.name, ...peer.pods }
    : { kind: 'addresses', name: peer.name, cidrs: peer.cidrs ?? [] },
  ports: peer.ports.map(tcp),
  authenticates: 'by the peer’s own means',
  mtls: { not: 'outside the trust domain' },
  forwards: { does: peer.forwards, why: peer.reason },
  open: 'always',
});

/** OpenFGA's peers that serve the port of its database, with that port alone: all that its migration needs. */
function databasesOf({ openfga: { datastore }, peers }: Platform): readonly ExternalPeer[] {
  if (datastore.type !== 'postgres') return [];
  return peers
    .filter(({ component, ports }) => component === 'openfga' && ports.includes(datastore.port))
    .map((peer) => ({ ...peer, ports: [datastore.port] }));
}
