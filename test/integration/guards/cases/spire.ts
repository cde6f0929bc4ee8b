import type { KubeObject } from '../../../../src/model/kube-object.js';
import { GROUPS, NAMESPACES } from '../../../../src/model/names.js';
import { OUTSIDE, pod } from '../fixture.js';
import { create, type Attempt, type Case } from './case.js';

/** As the controller that makes the pods of SPIRE's workloads. */
export const asController = (attempt: Attempt, controller = 'daemon-set-controller'): Attempt => ({
  ...attempt,
  by: 'admin',
  as: { user: `system:serviceaccount:kube-system:${controller}`, groups: ['system:masters'] },
});
const asDeployer = (attempt: Attempt): Attempt => ({
  ...attempt,
  by: 'admin',
  as: { user: 'deployer', groups: ['system:masters', GROUPS.platformDeployers] },
});
const workload = (kind: 'DaemonSet' | 'StatefulSet', namespace: string, serviceAccountName?: string): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: 'candidate', namespace },
  spec: {
    ...(kind === 'StatefulSet' && { serviceName: 'any' }),
    selector: { matchLabels: { app: 'x' } },
    template: {
      metadata: { labels: { app: 'x' } },
      spec: {
        ...(serviceAccountName !== undefined && { serviceAccountName }),
        containers: [{ name: 'main', image: 'registry.example.com/main:1' }],
      },
    },
  },
});

const token = (namespace: string, name: string): Attempt => ({
  method: 'POST',
  path: `/api/v1/namespaces/${namespace}/serviceaccounts/${name}/token?dryRun=All`,
  body: {
    apiVersion: 'authentication.k8s.io/v1',
    kind: 'TokenRequest',
    spec: { audiences: ['spire-server'], expirationSeconds: 3600 },
  },
});

const { spire, controlPlane } = NAMESPACES;
const agent = pod({ namespace: spire, account: 'spire-agent' });
const server = pod({ namespace: controlPlane, account: 'spire-server' });

export const spireCases: readonly Case[] = [
  {
    guard: 'spire-pods',
    refusal: 0,
    what: 'a pod of nobody where the host may be entered',
    refused: create(pod({ namespace: spire })),
    permitted: create(pod({ namespace: OUTSIDE })),
  },
  {
    guard: 'spire-pods',
    refusal: 1,
    what: 'a pod as SPIRE’s agent',
    refused: create(agent),
    permitted: asController(create(agent)),
  },
  {
    guard: 'spire-pods',
    refusal: 1,
    what: 'a pod as the CSI driver, unless to break glass',
    refused: create(pod({ namespace: spire, account: 'spiffe-csi-driver' })),
    permitted: create(pod({ namespace: spire, account: 'spiffe-csi-driver' }), 'breakglass'),
  },
  {
    guard: 'spire-pods',
    refusal: 1,
    what: 'a pod as SPIRE’s server in the control plane',
    refused: create(server),
    permitted: asController(create(server), 'statefulset-controller'),
  },
  {
    guard: 'spire-workloads',
    refusal: 0,
    what: 'a DaemonSet where the host may be entered',
    refused: create(workload('DaemonSet', spire)),
    permitted: create(workload('DaemonSet', controlPlane)),
  },
  {
    guard: 'spire-workloads',
    refusal: 0,
    what: 'a StatefulSet as SPIRE’s server',
    refused: create(workload('StatefulSet', controlPlane, 'spire-server')),
    permitted: asDeployer(create(workload('StatefulSet', controlPlane, 'spire-server'))),
  },
  ...(
    [
      [spire, 'spire-agent'],
      [controlPlane, 'spire-server'],
    ] as const
  ).map(([namespace, account]): Case => ({
    guard: 'spire-tokens',
    refusal: 0,
    what: `a token of ${account}`,
    refused: token(namespace, account),
    // A node asks with the pod that it is for (`cluster-works.test.ts`); beside it, another account of the namespace.
    permitted: token(namespace, 'default'),
  })),
];
