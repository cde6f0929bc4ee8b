import { NAMESPACES } from '../../../../src/model/names.js';
import { agentPod, dnsPod, OUTSIDE, pod, UNPRIVILEGED, type PodOptions } from '../fixture.js';
import { create, type Case } from './case.js';
import { asController } from './spire.js';

const component = (changes: Partial<PodOptions>) => pod({ namespace: NAMESPACES.controlPlane, ...changes });
/** Beside another source, as the API server's own default volume has it. */
const token = (audience?: string): Partial<PodOptions> => ({
  spec: {
    volumes: [
      {
        name: 'token',
        projected: { sources: [{ configMap: { name: 'ca' } }, { serviceAccountToken: { path: 'token', audience } }] },
      },
    ],
  },
});
const hostPort = { ports: [{ containerPort: 8080, hostPort: 8080 }] };
const two = (second: object) => [
  { name: 'main', image: 'x', ...UNPRIVILEGED },
  { name: 'second', image: 'x', ...UNPRIVILEGED, ...second },
];
const init = (container: object) => ({ initContainers: [{ name: 'init', image: 'x', ...UNPRIVILEGED, ...container }] });

const both = (refusal: number, what: string, spec: object, harmless: object = {}): readonly Case[] => [
  {
    ...host(refusal, `${what} for an agent`),
    refused: create(agentPod({ spec: { ...spec } })),
    permitted: create(agentPod({ spec: { ...harmless } })),
  },
  {
    ...host(refusal, `${what} for a component`),
    refused: create(component({ spec: { ...spec } })),
    permitted: asController(create(pod({ namespace: NAMESPACES.spire, account: 'spire-agent', spec: { ...spec } }))),
  },
];
const host = (refusal: number, what: string) => ({ guard: 'host-access', refusal, what });

const annotated = (guard: string, key: string, allowed: string): Case => {
  const make = guard === 'agent-annotations' ? agentPod : component;
  return {
    guard,
    refusal: 0,
    what: `the annotation ${key}`,
    says: key,
    refused: create(make({ annotations: { [key]: 'true', [allowed]: 'true' } })),
    permitted: create(make({ annotations: { [allowed]: 'true' } })),
  };
};

export const podSettingCases: readonly Case[] = [
  ...both(0, 'the host’s network', { hostNetwork: true }, { hostNetwork: false }),
  ...both(0, 'the host’s processes', { hostPID: true }),
  ...both(0, 'the host’s IPC', { hostIPC: true }),
  {
    ...host(1, 'a host port'),
    refused: create(agentPod({ container: hostPort })),
    permitted: create(agentPod({ container: { ports: [{ containerPort: 8080 }] } })),
  },
  {
    ...host(1, 'a host port of a second container'),
    refused: create(agentPod({ spec: { containers: two(hostPort) } })),
    permitted: create(agentPod({ spec: { containers: two({ ports: [{ containerPort: 8080 }] }) } })),
  },
  ...both(1, 'a host port of an init container', init(hostPort), init({ ports: [{ containerPort: 8080 }] })),
  ...both(2, 'shared processes', { shareProcessNamespace: true }, { shareProcessNamespace: false }),
  ...['/run/spire/agent-sockets', '/run', '/'].flatMap((path) => {
    const volumes = (source: object) => ({ volumes: [{ name: 'own', ...source }] });
    return both(3, `the host’s ${path}`, volumes({ hostPath: { path } }), volumes({ emptyDir: {} }));
  }),
  {
    guard: 'node-name',
    refusal: 0,
    what: 'a chosen node',
    refused: create(agentPod({ spec: { nodeName: 'lab-node-1' } })),
    permitted: create(agentPod({ spec: { nodeSelector: { 'kubernetes.io/hostname': 'lab-node-1' } } })),
  },
  ...['k8s.v1.cni.cncf.io/networks', 'traffic.sidecar.istio.io/excludeOutboundPorts', 'example.com/unheard-of'].map(
    (key) => annotated('agent-annotations', key, 'kubectl.kubernetes.io/restartedAt'),
  ),
  ...['k8s.v1.cni.cncf.io/networks', 'sidecar.istio.io/inject', 'v1.multus-cni.io/default-network'].map((key) =>
    annotated('platform-annotations', key, 'example.com/unheard-of'),
  ),
  {
    guard: 'agent-tokens',
    refusal: 0,
    what: 'a token that is mounted by default',
    refused: create(dnsPod({ spec: { automountServiceAccountToken: null } })),
    permitted: create(pod({ namespace: OUTSIDE, spec: { automountServiceAccountToken: true } })),
  },
  ...[undefined, 'https://kubernetes.default.svc.cluster.local'].map((audience): Case => ({
    guard: 'agent-tokens',
    refusal: 1,
    what: `a projected token for ${audience ?? 'the default audience'}`,
    refused: create(agentPod(token(audience))),
    permitted: create(agentPod(token('vault'))),
  })),
  {
    guard: 'token-secrets',
    refusal: 0,
    what: 'a Secret with a token that never expires',
    refused: create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: {
        name: 'token',
        namespace: 'g-agents',
        annotations: { 'kubernetes.io/service-account.name': 'sales-bot' },
      },
      type: 'kubernetes.io/service-account-token',
    }),
    permitted: create({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', namespace: 'g-agents' },
      type: 'Opaque',
    }),
  },
  ...[
    { user: 'system:node:lab-node-1', groups: ['system:masters'] },
    { user: 'impostor', groups: ['system:masters', 'system:nodes'] },
  ].map((as): Case => ({
    guard: 'token-requests',
    refusal: 0,
    what: `a token of an agent for ${as.user} in ${as.groups.join(', ')}`,
    refused: { ...tokenRequest('g-agents', 'sales-bot'), by: 'admin', as },
    permitted: tokenRequest(OUTSIDE, 'default'),
  })),
  {
    guard: 'token-requests',
    refusal: 0,
    what: 'a token of an agent for whoever asks',
    refused: tokenRequest('g-agents', 'sales-bot'),
    permitted: tokenRequest(OUTSIDE, 'default'),
  },
];

function tokenRequest(namespace: string, account: string): Case['refused'] {
  return {
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/serviceaccounts/${account}/token?dryRun=All`,
    body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['vault'] } },
  };
}
