import type { Platform } from '../../src/model/platform.js';
import type { Relaxation } from '../../src/model/relaxation.js';
import type { Workspace } from '../../src/model/workspace.js';
import { FRONT } from '../support/front.js';
import { GOVERNANCE } from '../support/governance.js';
import { OPENFGA } from '../support/openfga.js';
import { SPIRE } from '../support/spire.js';

/** A platform with one of everything: Vault, peers by pods and by address, two workspaces in one namespace. */
export const PLATFORM: Platform = {
  stack: 'platform',
  guards: 'deny',
  trustDomain: 'portarium.io',
  cluster: {
    domain: 'cluster.local',
    podCidrs: ['10.244.0.0/16', '2600:1f18:10::/48'],
    serviceCidrs: ['10.96.0.0/16', '2600:1f18:20::/108'],
    nodeCidrs: ['10.0.0.0/24', '35.200.7.0/24'],
    apiServerCidrs: ['10.96.0.1/32', '35.190.1.1/32'],
    apiServerPort: 6443,
    dns: {
      namespace: 'kube-system',
      podLabels: { 'k8s-app': 'kube-dns' },
      serviceAccount: 'coredns',
      clusterIP: '10.96.0.10',
    },
  },
  network: { cilium: false, clusterNetworkPolicy: false },
  agentDns: { mode: 'agent-dns', image: 'registry.k8s.io/coredns/coredns:v1.13.1' },
  ...FRONT,
  ...SPIRE,
  ...OPENFGA,
  collector: { clusterIP: '10.96.80.4' },
  ingressGateway: { namespace: 'ingress', podLabels: { app: 'gateway' }, serviceAccount: 'ingress-gateway' },
  vault: { namespace: 'vault', podLabels: { app: 'vault' }, serviceAccount: 'vault', port: 8200 },
  execution: { hosts: ['api.hubspot.com', 'erp.example.com'], ports: [443] },
  peers: [
    {
      name: 'identity-provider',
      component: 'api-server',
      cidrs: ['192.0.2.10/32'],
      ports: [443],
      forwards: false,
      reason: 'serves signing keys',
    },
    {
      name: 'postgres',
      component: 'openfga',
      pods: { namespace: 'databases', labels: { app: 'postgres' } },
      ports: [5432],
      forwards: false,
      reason: 'a database',
    },
  ],
  workspaces: [
    { id: 'ws-acme', namespace: 'portarium-agents' },
    { id: 'ws-beta', namespace: 'portarium-agents' },
    { id: 'ws-globex', namespace: 'portarium-agents-globex' },
  ],
};

export const ACME: Workspace = {
  id: 'ws-acme',
  stack: 'ws-acme',
  namespace: 'portarium-agents',
  level: 'enforced',
  allowlist: {
    workspaceId: 'ws-acme',
    allowedTools: [
      { tool: 'invoice:read', tier: 'Auto' },
      { tool: 'invoice:create', tier: 'HumanApprove' },
    ],
    defaultAction: 'Deny',
  },
  ...GOVERNANCE,
  agents: [
    {
      name: 'sales-bot',
      type: 'openai-agents-sdk',
      risk: 'medium',
      image: 'registry.example.com/acme/sales-bot:1.4.2',
      replicas: 1,
      listens: ['metrics'],
    },
    {
      name: 'invoice-clerk',
      type: 'openclaw-gateway',
      risk: 'high',
      image: 'registry.example.com/acme/invoice-clerk:2.1.0',
      replicas: 2,
      listens: ['gateway', 'metrics'],
    },
    {
      name: 'report-reader',
      type: 'llm-via-mcp',
      risk: 'low',
      image: 'registry.example.com/acme/report-reader:0.9.0',
      replicas: 1,
      listens: [],
    },
  ],
  systemsOfRecord: [
    { name: 'hubspot', host: 'api.hubspot.com', ports: [443] },
    { name: 'erp', host: 'erp.example.com', ports: [8443, 443] },
  ],
  approvers: ['carol', 'bob'],
  dns: { clusterIP: '10.96.53.1' },
};

export const GLOBEX: Workspace = {
  ...ACME,
  id: 'ws-globex',
  stack: 'ws-globex',
  namespace: 'portarium-agents-globex',
  allowlist: { ...ACME.allowlist, workspaceId: 'ws-globex' },
  agents: [{ ...ACME.agents[0]!, name: 'support-bot', listens: ['gateway', 'metrics'] }],
  systemsOfRecord: [{ name: 'zendesk', host: 'api.zendesk.com', ports: [443] }],
  approvers: ['carol'],
  dns: { clusterIP: '10.96.53.2' },
};

export const NOW = new Date('2026-10-01T12:00:00Z');
export const minutes = (count: number, from: Date = NOW): Date => new Date(from.getTime() + count * 60_000);

/** Asked for by alice ten minutes ago, approved by bob, in force for another fifty. */
export const RELAXATION: Relaxation = {
  name: 'inc-4711',
  workspaceId: 'ws-acme',
  controls: ['egress'],
  planHash: '0'.repeat(64),
  reason: 'the CRM’s webhook does not reach the worker',
  ticket: 'INC-4711',
  requestedBy: 'alice',
  approvedBy: 'bob',
  state: 'approved',
  createdAt: minutes(-10),
  expiresAt: minutes(50),
};
