import type { KubeObject } from '../../../model/kube-object.js';
import { calicoPolicy, ciliumForAll, ciliumPolicy, clusterPolicy } from '../../../verify/forbidden/candidates.js';
import { permitted, refused, type Family } from './attempt.js';
import { ACME, create, networkPolicy, other, patch, pods, remove, SAMPLES, tcp } from './objects.js';

const NETWORK_POLICY = ['networking.k8s.io/v1', 'NetworkPolicy'] as const;

const front = networkPolicy(ACME, {
  egress: [
    { to: [pods('portarium-control-plane', { 'portarium.io/component': 'api-server' })], ports: tcp(443, 8443, 50051) },
  ],
});
const platformPolicy: KubeObject = {
  ...networkPolicy(ACME, { podSelector: {} }, {}, 'portarium-control-plane'),
  metadata: { name: 'candidate', namespace: 'portarium-control-plane', labels: { 'portarium.io/stack': 'platform' } },
};
const cilium = (egress: readonly object[]): KubeObject => ciliumPolicy(ACME, { egress });

export const foreignPolicies: Family = {
  title: 'network policies of others',
  attempts: [
    permitted('ws-acme-deployer', 'a policy of the stack’s own shape', create(front)),
    refused('portarium-network-owner', 'mallory', 'the same policy', create(front)),
    refused(
      ['portarium-network-owner', 'portarium-network-workspace', 'portarium-network-shape'],
      'mallory',
      'a policy that allows everything',
      create({
        ...networkPolicy(ACME, { podSelector: {}, egress: [{}] }),
        metadata: { name: 'all', namespace: ACME.namespace },
      }),
    ),
    refused('RBAC', 'ws-globex-deployer', 'a policy among the agents of ws-acme', create(front)),
    ...SAMPLES.map((sample) =>
      refused(
        'portarium-network-workspace',
        'platform-deployer',
        `a policy of ${other(sample).id} among the agents of ${sample.id}`,
        create(networkPolicy(other(sample), {}, {}, sample.namespace)),
      ),
    ),
    permitted('platform-deployer', 'a policy beside the control plane', create(platformPolicy)),
    refused('portarium-network-platform', 'mallory', 'a policy beside the control plane', create(platformPolicy)),
    permitted('mallory', 'a policy of another kind elsewhere', create(calicoPolicy('default'))),
    refused(
      'portarium-network-foreign-kinds',
      'mallory',
      'a policy of another kind among agents',
      create(calicoPolicy(ACME.namespace)),
    ),
  ],
};

const TIERS = 'portarium-network-cluster-wide';
const ADMIN_TIER = ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'] as const;

export const clusterPolicies: Family = {
  title: 'policies for the whole cluster',
  attempts: [
    permitted('mallory', 'an Admin tier that denies', create(clusterPolicy(ACME.namespace, 'Deny'))),
    refused(TIERS, 'mallory', 'an Admin tier that lets agents out', create(clusterPolicy(ACME.namespace, 'Accept'))),
    refused(
      TIERS,
      'platform-deployer',
      'the Admin tier’s denials deleted',
      remove(...ADMIN_TIER, { name: 'portarium-agents-never' }),
    ),
    permitted('mallory', 'a Cilium policy pinned to another namespace', create(ciliumForAll('default'))),
    refused('portarium-cilium-cluster-wide', 'mallory', 'a Cilium policy for every pod', create(ciliumForAll())),
  ],
};

const SHAPE = 'portarium-network-shape';
const baseline = { name: 'agent-deny-default-ws-acme', namespace: ACME.namespace };
const BASELINE = 'portarium-network-baseline';

export const closedShape: Family = {
  title: 'what the stack’s own policies may say',
  attempts: [
    refused(SHAPE, 'ws-acme-deployer', 'egress to everything', create(networkPolicy(ACME, { egress: [{}] }))),
    refused(
      SHAPE,
      'ws-acme-deployer',
      'egress to the Kubernetes API',
      create(networkPolicy(ACME, { egress: [{ to: [{ ipBlock: { cidr: '10.96.0.1/32' } }], ports: tcp(443) }] })),
    ),
    refused(
      SHAPE,
      'ws-acme-deployer',
      'ingress from another workspace',
      create(
        networkPolicy(ACME, {
          policyTypes: ['Ingress'],
          ingress: [{ from: [pods('portarium-agents-globex', { 'portarium.io/role': 'agent' })], ports: tcp(9464) }],
        }),
      ),
    ),
    permitted('ws-acme-deployer', 'a Cilium policy that denies', create(cilium([{}]))),
    refused(
      'portarium-cilium-shape',
      'ws-acme-deployer',
      'a Cilium policy to the world',
      create(cilium([{ toEntities: ['world'], toPorts: [{ ports: [{ port: '443', protocol: 'TCP' }] }] }])),
    ),
    permitted(
      'ws-acme-deployer',
      'the deny baseline annotated',
      patch(...NETWORK_POLICY, baseline, { metadata: { annotations: { note: 'x' } } }),
    ),
    refused(BASELINE, 'ws-acme-deployer', 'the deny baseline deleted', remove(...NETWORK_POLICY, baseline)),
    refused(
      BASELINE,
      'ws-acme-deployer',
      'the deny baseline for fewer pods',
      patch(...NETWORK_POLICY, baseline, { spec: { podSelector: { matchLabels: { app: 'none' } } } }),
    ),
    refused(
      BASELINE,
      'platform-deployer',
      'the platform’s deny baseline deleted',
      remove(...NETWORK_POLICY, { name: 'deny-default', namespace: 'portarium-control-plane' }),
    ),
  ],
};
