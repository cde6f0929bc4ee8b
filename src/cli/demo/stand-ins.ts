import { COMPONENTS } from '../../model/edges.js';
import type { Cluster } from '../../bridge/cluster.js';
import type { Platform } from '../../model/platform.js';

interface StandIn {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}

/**
 * Pods in the places of the platform's components, which later versions bring themselves, and of what the platform
 * expects around it. The lab's nodes run nothing; the pods are there so that policies have something to select.
 */
export async function createStandIns(cluster: Cluster, platform: Platform): Promise<void> {
  const { ingressGateway, vault, peers } = platform;
  const outside: StandIn[] = [
    {
      name: 'ingress-gateway',
      namespace: ingressGateway.namespace,
      labels: ingressGateway.podLabels,
      serviceAccount: ingressGateway.serviceAccount,
    },
    ...(vault
      ? [{ name: 'vault', namespace: vault.namespace, labels: vault.podLabels, serviceAccount: vault.serviceAccount }]
      : []),
    ...peers.flatMap(({ name, pods }) => (pods ? [{ name, ...pods, serviceAccount: name }] : [])),
  ];
  for (const { namespace, serviceAccount } of outside) {
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace } });
  }
  const components: StandIn[] = Object.values(COMPONENTS).map(({ name, namespace, labels, serviceAccount }) => ({
    name,
    namespace,
    labels,
    serviceAccount: serviceAccount ?? name,
  }));
  await Promise.all([...components, ...outside].map((standIn) => cluster.apply(deployment(standIn))));
}

const deployment = ({ name, namespace, labels, serviceAccount }: StandIn) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace, labels: { 'app.kubernetes.io/part-of': 'demo' } },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: serviceAccount,
        automountServiceAccountToken: false,
        securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
        containers: [
          {
            name: 'stand-in',
            image: 'registry.example.com/stand-in:1',
            securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
          },
        ],
      },
    },
  },
});
