import { permitted, refused, type Family } from './attempt.js';
import { ACME, agentLabels, agentPod, create } from './objects.js';

const inMesh = { ...agentLabels(ACME.id, ACME.agent), 'istio.io/dataplane-mode': 'ambient' };
const inTeam = { ...agentLabels(ACME.id, ACME.agent), team: 'sales' };
const tolerating = (key: string) => ({ tolerations: [{ key, operator: 'Exists' }] });
const sysctl = (name: string) => ({
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65532,
    seccompProfile: { type: 'RuntimeDefault' },
    sysctls: [{ name, value: '0' }],
  },
});

export const dataPlane: Family = {
  title: 'ways around the data plane',
  attempts: [
    permitted('mallory', 'an agent of a team', create(agentPod({ labels: inTeam }))),
    refused('portarium-guard-mesh-labels', 'mallory', 'an agent in a mesh', create(agentPod({ labels: inMesh }))),
    permitted('mallory', 'an agent for nodes of a pool', create(agentPod({ spec: tolerating('pool') }))),
    refused(
      'portarium-guard-agent-tolerations',
      'mallory',
      'an agent for virtual nodes',
      create(agentPod({ spec: tolerating('virtual-kubelet.io/provider') })),
    ),
    permitted(
      'mallory',
      'an agent with low ports of its own',
      create(agentPod({ spec: sysctl('net.ipv4.ip_unprivileged_port_start') })),
    ),
    refused(
      'portarium-guard-privileges',
      'mallory',
      'an agent that may send echo requests',
      create(agentPod({ spec: sysctl('net.ipv4.ping_group_range') })),
    ),
  ],
};
