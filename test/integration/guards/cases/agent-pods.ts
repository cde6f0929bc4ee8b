import { LABELS } from '../../../../src/model/names.js';
import { agentLabels, agentPod, dnsPod, OUTSIDE, pod, UNPRIVILEGED } from '../fixture.js';
import { create, type Case } from './case.js';

const shared = 'g-agents-shared';
const device = (name: string) => ({ resources: { limits: { [name]: '1' } } });
const beta = { namespace: shared, labels: agentLabels('g-beta', 'beta-bot'), account: 'beta-bot' };

export const agentPodCases: readonly Case[] = [
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'a pod without labels',
    refused: create(agentPod({ labels: {} })),
    permitted: create(agentPod({ labels: {}, namespace: OUTSIDE, account: 'default' })),
  },
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'a pod without the role',
    refused: create(agentPod({ labels: { ...agentLabels('g-acme', 'sales-bot'), [LABELS.role]: 'helper' } })),
    permitted: create(agentPod()),
  },
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'a pod without the agent’s name',
    refused: create(agentPod({ labels: { [LABELS.role]: 'agent', [LABELS.workspace]: 'g-acme' } })),
    permitted: create(agentPod()),
  },
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'an agent without a workspace',
    refused: create(agentPod({ labels: { [LABELS.role]: 'agent', [LABELS.agent]: 'sales-bot' } })),
    permitted: create(agentPod()),
  },
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'a DNS server without a workspace',
    refused: create(dnsPod({ labels: { [LABELS.component]: 'agent-dns-g-acme' } })),
    permitted: create(dnsPod()),
  },
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'an agent that is also a component',
    refused: create(
      agentPod({ labels: { ...agentLabels('g-acme', 'sales-bot'), [LABELS.component]: 'agent-dns-g-acme' } }),
    ),
    permitted: create(agentPod({ labels: { ...agentLabels('g-acme', 'sales-bot'), app: 'sales' } })),
  },
  {
    guard: 'agent-pods',
    refusal: 0,
    what: 'the DNS server of a workspace under the label of another',
    refused: create(
      dnsPod({
        namespace: shared,
        labels: { [LABELS.component]: 'agent-dns-g-beta', [LABELS.workspace]: 'g-gamma' },
        account: 'agent-dns-g-beta',
      }),
    ),
    permitted: create(
      dnsPod({
        namespace: shared,
        labels: { [LABELS.component]: 'agent-dns-g-beta', [LABELS.workspace]: 'g-beta' },
        account: 'agent-dns-g-beta',
      }),
    ),
  },
  {
    guard: 'agent-pods',
    refusal: 1,
    what: 'an agent under another’s service account',
    says: 'Set serviceAccountName to sales-bot, the value of portarium.io/agent; it is report-reader.',
    refused: create(agentPod({ account: 'report-reader' })),
    permitted: create(agentPod()),
  },
  {
    guard: 'agent-pods',
    refusal: 2,
    what: 'the DNS server’s labels under another service account',
    refused: create(dnsPod({ account: 'intruder' })),
    permitted: create(dnsPod()),
  },
  {
    guard: 'agent-workspace',
    refusal: 0,
    what: 'an agent of a workspace that lives elsewhere',
    says: 'portarium.io/workspace=g-beta names no workspace of the namespace g-agents.',
    refused: create(agentPod({ labels: agentLabels('g-beta', 'sales-bot') })),
    permitted: create(agentPod(beta)),
  },
  {
    guard: 'agent-accounts',
    refusal: 0,
    what: 'an agent that the workspace’s policy does not list',
    says: 'The WorkspacePolicy g-acme lists no agent with the service account intruder.',
    refused: create(agentPod({ labels: agentLabels('g-acme', 'intruder'), account: 'intruder' })),
    permitted: create(agentPod({ labels: agentLabels('g-acme', 'report-reader'), account: 'report-reader' })),
  },
  {
    guard: 'agent-accounts',
    refusal: 0,
    what: 'an agent of the neighbour in the same namespace',
    says: 'The WorkspacePolicy g-gamma lists no agent with the service account beta-bot.',
    refused: create(agentPod({ ...beta, labels: agentLabels('g-gamma', 'beta-bot') })),
    permitted: create(agentPod(beta)),
  },
  {
    guard: 'agent-accounts',
    refusal: 1,
    what: 'an agent whose policy is for another namespace',
    refused: create(agentPod({ ...beta, labels: agentLabels('g-moved', 'moved-bot'), account: 'moved-bot' })),
    permitted: create(agentPod({ ...beta, labels: agentLabels('g-gamma', 'gamma-bot'), account: 'gamma-bot' })),
  },
  {
    guard: 'agent-names',
    refusal: 0,
    what: 'host aliases',
    refused: create(agentPod({ spec: { hostAliases: [{ ip: '192.0.2.1', hostnames: ['api-server'] }] } })),
    permitted: create(agentPod()),
  },
  {
    guard: 'agent-names',
    refusal: 1,
    what: 'an agent on cluster DNS',
    refused: create(agentPod({ spec: { dnsPolicy: 'ClusterFirst' } })),
    permitted: create(dnsPod({ spec: { dnsPolicy: 'Default' } })),
  },
  {
    guard: 'agent-names',
    refusal: 1,
    what: 'an agent with a second name server',
    refused: create(agentPod({ spec: { dnsConfig: { nameservers: ['10.96.53.1', '192.0.2.53'] } } })),
    permitted: create(
      agentPod({ spec: { dnsConfig: { nameservers: ['10.96.53.1'], options: [{ name: 'ndots', value: '1' }] } } }),
    ),
  },
  {
    guard: 'resource-claims',
    refusal: 0,
    what: 'a claimed device',
    refused: create(agentPod({ spec: { resourceClaims: [{ name: 'nic', resourceClaimName: 'nic' }] } })),
    permitted: create(
      pod({ namespace: OUTSIDE, spec: { resourceClaims: [{ name: 'nic', resourceClaimName: 'nic' }] } }),
    ),
  },
  {
    guard: 'resource-claims',
    refusal: 1,
    what: 'a device that may be a network interface',
    refused: create(agentPod({ container: device('intel.com/sriov_netdevice') })),
    permitted: create(agentPod({ container: device('nvidia.com/gpu') })),
  },
  {
    guard: 'resource-claims',
    refusal: 1,
    what: 'such a device for an init container',
    refused: create(
      agentPod({
        spec: { initContainers: [{ name: 'init', image: 'x', ...UNPRIVILEGED, ...device('rdma/hca') }] },
      }),
    ),
    permitted: create(
      agentPod({
        spec: { initContainers: [{ name: 'init', image: 'x', ...UNPRIVILEGED, ...device('ephemeral-storage') }] },
      }),
    ),
  },
  ...[
    ['every taint', { operator: 'Exists' }],
    ['a virtual node', { key: 'virtual-kubelet.io/provider', operator: 'Exists' }],
    ['Fargate', { key: 'eks.amazonaws.com/compute-type', value: 'fargate' }],
  ].map(([what, toleration]): Case => ({
    guard: 'agent-tolerations',
    refusal: 0,
    what: `an agent that tolerates ${what as string}`,
    refused: create(agentPod({ spec: { tolerations: [toleration] } })),
    permitted: create(agentPod({ spec: { tolerations: [{ key: 'pool', value: 'agents' }] } })),
  })),
  ...['istio.io/dataplane-mode', 'sidecar.istio.io/inject', 'kuma.io/sidecar-injection'].map((key): Case => ({
    guard: 'mesh-labels',
    refusal: 0,
    what: `the label ${key}`,
    refused: create(agentPod({ labels: { ...agentLabels('g-acme', 'sales-bot'), [key]: 'enabled' } })),
    permitted: create(agentPod({ labels: { ...agentLabels('g-acme', 'sales-bot'), team: 'enabled' } })),
  })),
];
