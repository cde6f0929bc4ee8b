import { permitted, refused, type Family } from './attempt.js';
import { ACME, agentLabels, agentPod, create, GLOBEX, other, pod, SAMPLES, workload } from './objects.js';

const guard = (name: string): string => `portarium-guard-${name}`;
const CONTROL_PLANE = 'portarium-control-plane';

export const identity: Family = {
  title: 'who may run among the agents, and as whom',
  attempts: [
    permitted('mallory', 'sales-bot’s own pod', create(agentPod())),
    permitted(
      'mallory',
      'the DNS server’s own pod',
      create(
        pod({
          namespace: ACME.namespace,
          account: 'agent-dns-ws-acme',
          labels: { 'portarium.io/component': 'agent-dns-ws-acme', 'portarium.io/workspace': ACME.id },
        }),
      ),
    ),
    refused(guard('agent-pods'), 'mallory', 'a pod without the agents’ labels', create(agentPod({ labels: {} }))),
    refused(
      guard('agent-pods'),
      'mallory',
      'a pod that claims to be the control plane',
      create(agentPod({ labels: { 'portarium.io/component': 'api-server' } })),
    ),
    refused(
      guard('agent-pods'),
      'mallory',
      'sales-bot under the service account of report-reader',
      create(agentPod({ account: 'report-reader' })),
    ),
    ...SAMPLES.flatMap((sample) => [
      refused(
        guard('agent-workspace'),
        'mallory',
        `an agent of ${other(sample).id} among those of ${sample.id}`,
        create(agentPod({ labels: agentLabels(other(sample).id, sample.agent) }, sample)),
      ),
      refused(
        guard('agent-accounts'),
        'mallory',
        `an agent of ${sample.id} that its WorkspacePolicy does not list`,
        create(agentPod({ labels: agentLabels(sample.id, 'default'), account: 'default' }, sample)),
      ),
    ]),
    refused(
      guard('agent-names'),
      'mallory',
      'an agent that asks cluster DNS',
      create(agentPod({ spec: { dnsPolicy: 'ClusterFirst' } })),
    ),
    refused(
      guard('agent-names'),
      'mallory',
      'an agent with a name of its own for an address',
      create(agentPod({ spec: { hostAliases: [{ ip: '192.0.2.1', hostnames: ['api-server'] }] } })),
    ),
    permitted('mallory', 'a Deployment of sales-bot', create(workload('Deployment', agentLabels(ACME.id, ACME.agent)))),
    refused(guard('workloads'), 'mallory', 'a Deployment of pods without labels', create(workload('Deployment', {}))),
    refused(
      guard('workloads'),
      'mallory',
      'a DaemonSet of agents',
      create(workload('DaemonSet', agentLabels(ACME.id, ACME.agent))),
    ),
  ],
};

const projected = (audience?: string) =>
  agentPod({
    spec: {
      volumes: [
        {
          name: 'token',
          projected: { sources: [{ serviceAccountToken: { path: 'token', ...(audience && { audience }) } }] },
        },
      ],
    },
  });

const secret = (type: string, annotations = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'candidate', namespace: ACME.namespace, annotations },
  type,
});

const askToken = (namespace: string, name: string) => (as: Parameters<ReturnType<typeof create>>[0]) =>
  as.subresource('POST', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }, 'token', {
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['vault'] } },
    query: { dryRun: 'All' },
  });

export const tokens: Family = {
  title: 'credentials of agents',
  attempts: [
    permitted('mallory', 'an agent with a token for Vault', create(projected('vault'))),
    refused(guard('agent-tokens'), 'mallory', 'an agent with a token for the Kubernetes API', create(projected())),
    refused(
      guard('agent-tokens'),
      'mallory',
      'an agent whose token is mounted by default',
      create(agentPod({ spec: { automountServiceAccountToken: true } })),
    ),
    permitted('mallory', 'a token of another namespace’s account', askToken('default', 'default')),
    refused(
      guard('token-requests'),
      'mallory',
      'a token of sales-bot for herself',
      askToken(ACME.namespace, ACME.agent),
    ),
    permitted('mallory', 'a Secret', create(secret('Opaque'))),
    refused(
      guard('token-secrets'),
      'mallory',
      'a Secret with a token of sales-bot that never expires',
      create(secret('kubernetes.io/service-account-token', { 'kubernetes.io/service-account.name': ACME.agent })),
    ),
  ],
};

const networks = { 'k8s.v1.cni.cncf.io/networks': 'another' };
const restricted = [
  ACME.namespace,
  GLOBEX.namespace,
  CONTROL_PLANE,
  'portarium-execution',
  'portarium-observability',
  'portarium-policy',
];
const claims = { resourceClaims: [{ name: 'nic', resourceClaimName: 'nic' }] };
const inNamespace = (namespace: string, spec: Record<string, unknown>) =>
  create(
    namespace === ACME.namespace
      ? agentPod({ spec })
      : namespace === GLOBEX.namespace
        ? agentPod({ spec }, GLOBEX)
        : pod({ namespace, spec }),
  );

export const surroundings: Family = {
  title: 'ways out of the pod network',
  attempts: [
    permitted(
      'mallory',
      'an agent that says it is scraped',
      create(agentPod({ annotations: { 'prometheus.io/scrape': 'true' } })),
    ),
    refused(
      guard('agent-annotations'),
      'mallory',
      'an agent with a second network',
      create(agentPod({ annotations: networks })),
    ),
    permitted('mallory', 'a pod beside the control plane', create(pod({ namespace: CONTROL_PLANE }))),
    refused(
      guard('platform-annotations'),
      'mallory',
      'a pod with a second network beside the control plane',
      create(pod({ namespace: CONTROL_PLANE, annotations: networks })),
    ),
    permitted(
      'mallory',
      'a host’s pod in SPIRE’s namespace',
      create(pod({ namespace: 'portarium-spire', spec: { hostNetwork: true } })),
    ),
    ...restricted.map((namespace) =>
      refused(
        'PodSecurity',
        'mallory',
        `a pod on the host’s network in ${namespace}`,
        inNamespace(namespace, { hostNetwork: true }),
      ),
    ),
    permitted(
      'mallory',
      'shared processes in SPIRE’s namespace',
      create(pod({ namespace: 'portarium-spire', spec: { shareProcessNamespace: true } })),
    ),
    ...[ACME.namespace, CONTROL_PLANE].map((namespace) =>
      refused(
        guard('host-access'),
        'mallory',
        `a pod with shared processes in ${namespace}`,
        inNamespace(namespace, { shareProcessNamespace: true }),
      ),
    ),
    permitted(
      'mallory',
      'an agent that asks for a node',
      create(agentPod({ spec: { nodeSelector: { pool: 'agents' } } })),
    ),
    refused(
      guard('node-name'),
      'mallory',
      'an agent that chooses its node',
      create(agentPod({ spec: { nodeName: 'lab-node-1' } })),
    ),
    permitted('mallory', 'a claimed device elsewhere', create(pod({ namespace: 'default', spec: claims }))),
    refused(guard('resource-claims'), 'mallory', 'an agent with a claimed device', create(agentPod({ spec: claims }))),
  ],
};

const labelled = (namespace: string, key: string, value: string, account?: string) =>
  create(pod({ namespace, labels: { [key]: value }, ...(account !== undefined && { account }) }));

export const peers: Family = {
  title: 'labels by which policies let a pod through',
  attempts: [
    permitted(
      'mallory',
      'the api-server’s label under its own account',
      labelled(CONTROL_PLANE, 'portarium.io/component', 'api-server', 'api-server'),
    ),
    refused(
      guard('peer-labels'),
      'mallory',
      'the api-server’s label under another account',
      labelled(CONTROL_PLANE, 'portarium.io/component', 'api-server'),
    ),
    refused(
      guard('peer-labels'),
      'mallory',
      'a component that nobody knows',
      labelled('portarium-execution', 'portarium.io/component', 'relay'),
    ),
    refused(
      guard('peer-labels'),
      'mallory',
      'the label of cluster DNS under another account',
      labelled('kube-system', 'k8s-app', 'kube-dns'),
    ),
    refused(
      guard('peer-labels'),
      'mallory',
      'the label of Vault under another account',
      labelled('vault', 'app.kubernetes.io/name', 'vault'),
    ),
    refused(
      guard('peer-labels'),
      'mallory',
      'the label of the ingress gateway under another account',
      labelled('ingress', 'app.kubernetes.io/name', 'ingress-gateway'),
    ),
  ],
};
