import { COMPONENTS } from '../../model/edges.js';
import type { Cluster } from '../../bridge/cluster.js';
import type { KubeObject } from '../../model/kube-object.js';
import type { Platform } from '../../model/platform.js';

interface StandIn {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly serviceAccount: string;
}

const outside = ({ ingressGateway, vault, peers }: Platform): readonly StandIn[] => [
  { name: 'ingress-gateway', ...ingressGateway, labels: ingressGateway.podLabels },
  ...(vault ? [{ name: 'vault', ...vault, labels: vault.podLabels }] : []),
  ...peers.flatMap(({ name, pods }) => (pods ? [{ name, ...pods, serviceAccount: name }] : [])),
];

/** Components that the platform's stack runs itself. */
const RENDERED: readonly string[] = [COMPONENTS.openfga.name];

/**
 * Deployments in the places of the platform's components, which later versions bring themselves, and of what the
 * platform expects around it. The lab's nodes run nothing; the pods are there so that policies have something to select.
 */
export const standIns = (platform: Platform): readonly KubeObject[] => [
  ...Object.values(COMPONENTS)
    .filter(({ name }) => !RENDERED.includes(name))
    .map((component) => deployment({ ...component, serviceAccount: component.serviceAccount ?? component.name })),
  ...outside(platform).map(deployment),
];

/**
 * Applies them, with the namespaces and service accounts that are not the platform's own. The api-server's and the
 * workers' have no pods before the platform has patched its sidecars into them.
 */
export async function createStandIns(cluster: Cluster, platform: Platform): Promise<void> {
  for (const { namespace, serviceAccount } of outside(platform)) {
    await cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
    await cluster.apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace } });
  }
  await Promise.all(standIns(platform).map((standIn) => cluster.apply(standIn, { fieldManager: 'demo' })));
}

const deployment = ({ name, namespace, labels, serviceAccount }: StandIn): KubeObject => ({
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
