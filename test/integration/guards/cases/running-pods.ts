import { LABELS, NAMESPACES } from '../../../../src/model/names.js';
import { OUTSIDE } from '../fixture.js';
import { patch, pathOf, type Case } from './case.js';

const live = (namespace: string): string => pathOf('Pod', namespace, 'live');
const agent = live('g-agents');
const labelled = (labels: Readonly<Record<string, string | null>>): object => ({ metadata: { labels } });
const annotated = (annotations: Readonly<Record<string, string | null>>): object => ({ metadata: { annotations } });

const relabel = (what: string, path: string, labels: Readonly<Record<string, string | null>>): Case => ({
  guard: 'label-changes',
  refusal: 0,
  what,
  says: `The labels ${Object.keys(labels).sort().join(', ')}, by which`,
  refused: patch(path, labelled(labels)),
  permitted: patch(path, labelled({ 'pod-template-hash': 'other' })),
});

/** What the API server itself gives every pod; none may be taken away. */
const DEFAULT_TOLERATIONS = ['not-ready', 'unreachable'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}));

export const runningPodCases: readonly Case[] = [
  relabel('a role taken away', agent, { [LABELS.role]: null }),
  relabel('another workspace and agent', agent, { [LABELS.workspace]: 'g-beta', [LABELS.agent]: 'other' }),
  relabel('a component added to an agent', agent, { [LABELS.component]: 'agent-dns-g-acme' }),
  relabel('labels through the status', `${agent}/status`, { [LABELS.role]: 'other' }),
  relabel('a component added in a namespace of the platform', live(NAMESPACES.controlPlane), {
    [LABELS.component]: 'api-server',
  }),
  relabel('the labels of the DNS server', live('g-dns'), { 'k8s-app': 'kube-dns' }),
  relabel('the labels of the ingress gateway', live('g-ingress'), { tier: 'edge' }),
  relabel('the labels of Vault', live('g-vault'), { app: 'vault' }),
  {
    ...relabel('a label that is selected elsewhere only', agent, { [LABELS.agent]: 'other' }),
    permitted: patch(live('g-dns'), labelled({ [LABELS.agent]: 'other' })),
  },
  {
    guard: 'mesh-labels',
    refusal: 0,
    what: 'enrolment in a mesh of a running agent',
    refused: patch(agent, labelled({ 'istio.io/dataplane-mode': 'ambient' })),
    permitted: patch(agent, labelled({ 'pod-template-hash': 'other' })),
  },
  {
    guard: 'agent-tolerations',
    refusal: 0,
    what: 'a toleration of every taint given to a running agent',
    refused: patch(agent, { spec: { tolerations: [...DEFAULT_TOLERATIONS, { operator: 'Exists' }] } }),
    permitted: patch(agent, { spec: { tolerations: [...DEFAULT_TOLERATIONS, { key: 'pool', operator: 'Exists' }] } }),
  },
  {
    guard: 'agent-annotations',
    refusal: 0,
    what: 'a bypass added to a running agent',
    says: 'policy.cilium.io/no-track-port',
    refused: patch(agent, annotated({ 'policy.cilium.io/no-track-port': '443' })),
    permitted: patch(agent, annotated({ 'kubectl.kubernetes.io/default-container': 'main' })),
  },
  {
    guard: 'agent-annotations',
    refusal: 0,
    what: 'a report of a network plugin by somebody else',
    says: 'cni.projectcalico.org/podIP',
    refused: patch(`${agent}/status`, annotated({ 'cni.projectcalico.org/podIP': '192.0.2.1/32' })),
    permitted: {
      ...patch(`${agent}/status`, annotated({ 'cni.projectcalico.org/podIP': '192.0.2.1/32' }), 'admin'),
      as: { user: 'plugin', groups: ['system:masters', 'system:serviceaccounts:kube-system'] },
    },
  },
  {
    guard: 'agent-annotations',
    refusal: 1,
    what: 'forged evidence',
    refused: patch(agent, annotated({ 'portarium.io/egress': 'closed-for-ever' })),
    permitted: patch(agent, annotated({ 'portarium.io/egress': 'closed' })),
  },
  {
    guard: 'agent-annotations',
    refusal: 1,
    what: 'evidence taken away',
    refused: patch(agent, annotated({ 'portarium.io/egress': null })),
    permitted: patch(agent, annotated({ 'prometheus.io/scrape': null })),
  },
  {
    guard: 'agent-annotations',
    refusal: 1,
    what: 'evidence added',
    refused: patch(agent, annotated({ 'portarium.io/policy-hash': 'any' })),
    permitted: patch(agent, annotated({ 'checksum/config': 'any' })),
  },
  {
    guard: 'platform-annotations',
    refusal: 0,
    what: 'a bypass added to a running component',
    says: 'policy.cilium.io/no-track-port',
    refused: patch(live(NAMESPACES.controlPlane), annotated({ 'policy.cilium.io/no-track-port': '443' })),
    permitted: patch(live(OUTSIDE), annotated({ 'policy.cilium.io/no-track-port': '443' })),
  },
  {
    guard: 'platform-annotations',
    refusal: 0,
    what: 'a bypass added through the status',
    says: 'k8s.v1.cni.cncf.io/networks',
    refused: patch(`${live(NAMESPACES.controlPlane)}/status`, annotated({ 'k8s.v1.cni.cncf.io/networks': 'macvlan' })),
    permitted: patch(`${live(NAMESPACES.controlPlane)}/status`, annotated({ 'example.com/team': 'core' })),
  },
];
