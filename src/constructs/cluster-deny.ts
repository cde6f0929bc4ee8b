import { Construct } from 'constructs';
import { PORTS } from '../model/edges.js';
import { agentEdges } from '../model/workspace-edges.js';
import { LABELS, NAMESPACE_NAME_LABEL } from '../model/names.js';
import { METADATA_CIDRS } from '../model/never.js';
import type { Platform } from '../model/platform.js';
import { agentDns } from '../model/workspace.js';
import { object } from './object.js';

const namespacesNamed = (names: readonly string[]): object => ({
  matchExpressions: [{ key: NAMESPACE_NAME_LABEL, operator: 'In', values: [...names] }],
});
const DNS_PROTOCOLS = [PORTS.dnsUdp, PORTS.dnsTcp].map(({ protocol, target }) => ({
  [protocol.toLowerCase()]: { destinationPort: { number: target } },
}));
/** `networks` takes 25 CIDRs at most (policy.networking.k8s.io/v1alpha2). */
const MAX_NETWORKS = 25;

/** The agents' namespaces, each once, sorted. */
export const agentNamespaces = ({ workspaces }: Platform): readonly string[] =>
  [...new Set(workspaces.map(({ namespace }) => namespace))].sort();

/**
 * What no level opens, denied in the Admin tier of `policy.networking.k8s.io/v1alpha2` ClusterNetworkPolicy, which no
 * NetworkPolicy can override: metadata services, nodes and kubelets, the API server, other workspaces, and port 53 to
 * anything but the DNS servers. Those are passed on (`Pass`), not accepted: the tier below still decides.
 * Nothing that a level may open is ever put here.
 * Source: design, "Controls, levels, relaxations"; bypasses B6, B8, B12, B13.
 */
export class ClusterDeny extends Construct {
  constructor(scope: Construct, id: string, platform: Platform) {
    super(scope, id);
    const namespaces = agentNamespaces(platform);
    if (namespaces.length === 0) return;
    const { nodeCidrs, apiServerCidrs } = platform.cluster;
    if (platform.network.clusterNetworkPolicy) {
      this.policy('portarium-agents-never', 10, namespaces, [
        { name: 'pass-dns', action: 'Pass', to: dnsServers(platform), protocols: DNS_PROTOCOLS },
        ...denyNetworks('port-53-elsewhere', ['0.0.0.0/0', '::/0'], DNS_PROTOCOLS),
        ...denyNetworks('metadata', METADATA_CIDRS),
        ...denyNetworks('nodes', nodeCidrs),
        ...denyNetworks('kubernetes-api', apiServerCidrs),
      ]);
      for (const namespace of namespaces) {
        const elsewhere = { matchExpressions: otherThan(NAMESPACE_NAME_LABEL, reachableFrom(platform, namespace)) };
        this.policy(
          `portarium-agents-isolated-${namespace}`,
          20,
          [namespace],
          [{ name: 'other-namespaces', action: 'Deny', to: [{ namespaces: elsewhere }] }],
        );
      }
    }
    if (platform.network.cilium) for (const namespace of namespaces) this.cilium(platform, namespace);
  }

  private policy(name: string, priority: number, subject: readonly string[], egress: readonly object[]): void {
    object(this, name, {
      apiVersion: 'policy.networking.k8s.io/v1alpha2',
      kind: 'ClusterNetworkPolicy',
      name,
      keep: 'baseline',
      content: { spec: { tier: 'Admin', priority, subject: { namespaces: namespacesNamed(subject) }, egress } },
    });
  }

  /** The same for Cilium, whose `egressDeny` beats every allow. It isolates nobody: the baseline does that. */
  private cilium(platform: Platform, namespace: string): void {
    const { nodeCidrs, apiServerCidrs } = platform.cluster;
    const podNamespace = 'k8s:io.kubernetes.pod.namespace';
    const name = `portarium-agents-never-${namespace}`;
    object(this, `${name}-cilium`, {
      apiVersion: 'cilium.io/v2',
      kind: 'CiliumClusterwideNetworkPolicy',
      name,
      keep: 'baseline',
      content: {
        spec: {
          endpointSelector: { matchLabels: { [podNamespace]: namespace } },
          enableDefaultDeny: { egress: false, ingress: false },
          egressDeny: [
            { toCIDR: [...METADATA_CIDRS, ...nodeCidrs, ...apiServerCidrs] },
            { toEntities: ['host', 'remote-node', 'kube-apiserver'] },
            {
              toEntities: ['world'],
              toPorts: [{ ports: [PORTS.dnsUdp, PORTS.dnsTcp].map(({ protocol }) => ({ port: '53', protocol })) }],
            },
            { toEndpoints: [{ matchExpressions: otherThan(podNamespace, reachableFrom(platform, namespace)) }] },
          ],
        },
      },
    });
  }
}

/**
 * Every namespace has the label; Cilium's world and nodes have not, and without `Exists` its `NotIn` matches them too, in
 * a ClusterNetworkPolicy as in its own kinds (v1.20.2: seen to deny agents everything, on real packets).
 */
const otherThan = (key: string, values: readonly string[]): readonly object[] => [
  { key, operator: 'Exists' },
  { key, operator: 'NotIn', values: [...values] },
];

/** The namespaces that the edge matrix lets agents and DNS servers of `namespace` reach at any level, and its own. */
function reachableFrom(platform: Platform, namespace: string): readonly string[] {
  const reached = platform.workspaces
    .filter((placement) => placement.namespace === namespace)
    .flatMap((placement) => agentEdges(platform, placement))
    .flatMap(({ from, to }) =>
      from.kind === 'pods' && from.namespace === namespace && to.kind === 'pods' ? [to.namespace] : [],
    );
  return [...new Set([namespace, ...reached])].sort();
}

/** The DNS servers of the agents' namespaces: each workspace's own, and the cluster's for those that may ask it. */
function dnsServers(platform: Platform): readonly object[] {
  const { dns } = platform.cluster;
  const own = {
    pods: {
      namespaceSelector: namespacesNamed(agentNamespaces(platform)),
      podSelector: {
        matchExpressions: [
          { key: LABELS.component, operator: 'In', values: platform.workspaces.map(({ id }) => agentDns(id)).sort() },
        ],
      },
    },
  };
  const cluster =
    dns.nodeLocalAddress === undefined
      ? { pods: podsOf(dns.namespace, dns.podLabels) }
      : { networks: [`${dns.nodeLocalAddress}/${dns.nodeLocalAddress.includes(':') ? 128 : 32}`] };
  return platform.agentDns.mode === 'cilium' ? [cluster] : [own, cluster];
}

const podsOf = (namespace: string, labels: Readonly<Record<string, string>>): object => ({
  namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } },
  podSelector: { matchLabels: { ...labels } },
});

function denyNetworks(name: string, cidrs: readonly string[], protocols?: readonly object[]): readonly object[] {
  const chunks: object[] = [];
  for (let from = 0; from < cidrs.length; from += MAX_NETWORKS) {
    const networks = cidrs.slice(from, from + MAX_NETWORKS);
    chunks.push({
      name: from === 0 ? name : `${name}-${from / MAX_NETWORKS + 1}`,
      action: 'Deny',
      to: [{ networks }],
      ...(protocols && { protocols }),
    });
  }
  return chunks;
}
