import { tokenSecret } from '../../../verify/forbidden/candidates.js';
import { askToken } from '../../../verify/forbidden/request.js';
import { permitted, refused, type Family } from './attempt.js';
import { ACME, agentLabels, agentPod, create, dnsPod, other, RESTRICTED, SAMPLES, workload } from './objects.js';

const guard = (name: string): string => `portarium-guard-${name}`;

/** The pod of the probe, with another program. */
const probe = (command = ['node', '/app/probe-program.js']) =>
  agentPod({
    account: 'portarium-probe',
    labels: agentLabels(ACME.id, 'portarium-probe'),
    spec: {
      containers: [
        {
          name: 'probe',
          image: 'registry.example.com/portarium/authorizer:0.1.0',
          command,
          securityContext: RESTRICTED,
        },
      ],
    },
  });

export const identity: Family = {
  title: 'who may run among the agents, and as whom',
  attempts: [
    permitted('mallory', 'sales-bot’s own pod', create(agentPod())),
    permitted('mallory', 'the DNS server’s own pod', create(dnsPod())),
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
    permitted(
      'mallory',
      'the probe',
      create(probe(), () => ({ initContainers: [], volumes: [] })),
    ),
    refused(
      guard('probe-pods'),
      'mallory',
      'a probe with a program of hers',
      create(probe(['node', '-e', '1']), () => ({ initContainers: [], volumes: [] })),
    ),
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

const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'candidate', namespace: ACME.namespace },
  type: 'Opaque',
};

export const tokens: Family = {
  title: 'credentials of agents',
  attempts: [
    permitted('mallory', 'an agent with a token for Vault', create(projected('vault'))),
    refused(guard('agent-tokens'), 'mallory', 'an agent with a token for the Kubernetes API', create(projected())),
    refused(
      guard('agent-tokens'),
      'mallory',
      'a DNS server whose token is mounted by default',
      create(dnsPod({ automountServiceAccountToken: true })),
    ),
    permitted('mallory', 'a token of another namespace’s account', askToken('default', 'default')),
    refused(
      guard('token-requests'),
      'mallory',
      'a token of sales-bot for herself',
      askToken(ACME.namespace, ACME.agent),
    ),
    permitted('mallory', 'a Secret', create(secret)),
    refused(
      guard('token-secrets'),
      'mallory',
      'a Secret with a token of sales-bot that never expires',
      create(tokenSecret(ACME.namespace, ACME.agent)),
    ),
  ],
};
