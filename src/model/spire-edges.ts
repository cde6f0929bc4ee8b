import type { Addresses, Edge, Pods } from './edges.js';
import { LABELS, NAMESPACES } from './names.js';
import type { Platform } from './platform.js';
import { SPIRE_ACCOUNTS, SPIRE_PORTS, type NamedPort } from './spire.js';

export const spireServerOf = ({ spire }: Pick<Platform, 'spire'>): Pods => ({
  kind: 'pods',
  name: SPIRE_ACCOUNTS.server,
  namespace: spire.namespace,
  labels: { [LABELS.component]: SPIRE_ACCOUNTS.server },
  serviceAccount: SPIRE_ACCOUNTS.server,
});

/** Without the node's network, so that a selector knows them from everything else on their nodes. */
export const SPIRE_AGENTS: Pods = {
  kind: 'pods',
  name: SPIRE_ACCOUNTS.agent,
  namespace: NAMESPACES.spire,
  labels: { [LABELS.component]: SPIRE_ACCOUNTS.agent },
  serviceAccount: SPIRE_ACCOUNTS.agent,
};

const KUBELET = 10250;

const tcp = ({ port }: NamedPort, service = port): Edge['ports'][number] => ({
  protocol: 'TCP',
  service,
  target: port,
});

/** Hosts of AWS that the server asks to sign, with its keys or for its CA. */
function awsHosts({ keyManager, upstreamAuthority }: Platform['spire']): readonly string[] {
  const hosts = [
    ...(keyManager.type === 'aws_kms' ? [`kms.${keyManager.region}.amazonaws.com`, sts(keyManager.region)] : []),
    ...(upstreamAuthority?.type === 'aws_pca'
      ? [`acm-pca.${upstreamAuthority.region}.amazonaws.com`, sts(upstreamAuthority.region)]
      : []),
  ];
  return [...new Set(hosts)].sort();
}

const sts = (region: string): string => `sts.${region}.amazonaws.com`;

/**
 * The edges of SPIRE itself. Workloads have none: they ask their node's agent over a Unix socket, so that nothing in an
 * agents' namespace reaches SPIRE by the network, wherever the server runs. DNS is with the other components' edges.
 */
export function spireEdges(
  platform: Platform,
  ends: { readonly prometheus: Pods; readonly kubernetesApi: Addresses; readonly vault: Pods | undefined },
): readonly Edge[] {
  const server = spireServerOf(platform);
  const issues = { does: false, why: 'issues SVIDs for entries of its own and sends nothing on' };
  const metrics = { does: false, why: 'serves metrics' };
  const api = [{ protocol: 'TCP', service: 443, target: platform.cluster.apiServerPort } as const];
  const { upstreamAuthority } = platform.spire;
  const hosts = awsHosts(platform.spire);
  return [
    {
      id: 'spire-agent to spire-server',
      from: SPIRE_AGENTS,
      to: server,
      ports: [tcp(SPIRE_PORTS.server.grpc)],
      authenticates: 'mutual TLS; a new agent by a token of its pod, which the server has the API server review',
      mtls: 'SVID',
      forwards: issues,
      open: 'always',
    },
    {
      id: 'spire-agent to the kubelets',
      from: SPIRE_AGENTS,
      to: { kind: 'addresses', name: 'kubelets', cidrs: platform.cluster.nodeCidrs, entity: 'nodes' },
      ports: [tcp({ name: 'kubelet', port: KUBELET })],
      authenticates: 'the kubelet reviews the agent’s token, the agent verifies the kubelet’s certificate',
      mtls: { not: 'the kubelet has a certificate of its own' },
      forwards: {
        does: platform.spire.kubelet.access === 'nodes/proxy',
        why:
          platform.spire.kubelet.access === 'nodes/proxy'
            ? 'nodes/proxy runs commands in any pod of the node; Kubernetes 1.33 has nodes/pods instead'
            : 'the account may read the list of the node’s pods and nothing else',
      },
      open: 'always',
    },
    {
      id: 'spire-server to the Kubernetes API',
      from: server,
      to: ends.kubernetesApi,
      ports: api,
      authenticates: 'the API server verifies the server’s service account token, the server its certificate',
      mtls: { not: 'the Kubernetes API has certificates and tokens of its own' },
      forwards: { does: false, why: 'the account reviews tokens, reads pods and registrations and runs nothing' },
      open: 'always',
    },
    {
      id: 'the Kubernetes API to spire-server’s webhook',
      from: ends.kubernetesApi,
      to: server,
      ports: [tcp(SPIRE_PORTS.controllerManager.webhook, 443)],
      authenticates: 'the API server verifies the certificate that the controller manager puts into the webhook',
      mtls: { not: 'the Kubernetes API has certificates and tokens of its own' },
      forwards: { does: false, why: 'answers whether a registration is well formed' },
      open: 'always',
    },
    {
      id: 'prometheus to spire-server',
      from: ends.prometheus,
      to: server,
      ports: [tcp(SPIRE_PORTS.server.metrics), tcp(SPIRE_PORTS.controllerManager.metrics)],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: metrics,
      open: 'always',
    },
    {
      id: 'prometheus to spire-agent',
      from: ends.prometheus,
      to: SPIRE_AGENTS,
      ports: [tcp(SPIRE_PORTS.agent.metrics)],
      authenticates: 'nobody: read-only metrics',
      mtls: { not: 'Prometheus has no SVID; metrics are read-only and hold no secret' },
      forwards: metrics,
      open: 'always',
    },
    ...(ends.vault && platform.vault && upstreamAuthority?.type === 'vault'
      ? [
          {
            id: 'spire-server to Vault',
            from: server,
            to: ends.vault,
            ports: [tcp({ name: 'vault', port: platform.vault.port })],
            authenticates: 'Vault reviews the server’s token, the server verifies Vault’s certificate',
            mtls: { not: 'Vault has TLS and authentication of its own, and SPIRE itself waits for it' },
            forwards: { does: false, why: 'signs by policy' },
            open: 'always',
          } satisfies Edge,
        ]
      : []),
    ...(hosts.length === 0
      ? []
      : [
          {
            id: 'spire-server to AWS',
            from: server,
            to: { kind: 'public', name: 'aws', hosts },
            ports: [{ protocol: 'TCP', service: 443, target: 443 }],
            authenticates: 'AWS by the role of the server’s service account',
            mtls: { not: 'outside the trust domain' },
            forwards: { does: false, why: 'signs by policy' },
            open: 'always',
          } satisfies Edge,
        ]),
  ];
}
