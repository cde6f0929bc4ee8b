import { permitted, refused, type Family } from './attempt.js';
import { ACME, agentPod, create, GLOBEX, pod } from './objects.js';

const guard = (name: string): string => `portarium-guard-${name}`;
const CONTROL_PLANE = 'portarium-control-plane';

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
      'a pod on the host’s network elsewhere',
      create(pod({ namespace: 'default', spec: { hostNetwork: true } })),
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
      'shared processes elsewhere',
      create(pod({ namespace: 'default', spec: { shareProcessNamespace: true } })),
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
