import type { KubeObject } from '../../../src/model/kube-object.js';
import type { Control, Level } from '../../../src/model/levels.js';
import { API_VERSION, LABELS, NAMESPACES } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import { workspacePolicy } from '../../../src/model/policy.js';
import type { Workspace } from '../../../src/model/workspace.js';
import { relaxationLabels } from '../../../src/constructs/admission/relaxation-labels.js';
import { FRONT } from '../../support/front.js';
import { GOVERNANCE } from '../../support/governance.js';
import { OPENFGA } from '../../support/openfga.js';
import { SPIRE } from '../../support/spire.js';

/** A platform whose agents' namespaces belong to these tests alone; the ids are those that the lab's users deploy. */
export const platform: Platform = {
  stack: 'platform',
  guards: 'deny',
  trustDomain: 'portarium.io',
  cluster: {
    domain: 'cluster.local',
    podCidrs: ['10.244.0.0/16'],
    serviceCidrs: ['10.96.0.0/16'],
    nodeCidrs: ['172.31.0.0/24'],
    apiServerCidrs: ['10.96.0.1/32'],
    apiServerPort: 6443,
    dns: {
      namespace: 'kube-system',
      podLabels: { 'k8s-app': 'kube-dns' },
      serviceAccount: 'coredns',
      clusterIP: '10.96.0.10',
    },
  },
  network: { cilium: false, clusterNetworkPolicy: true },
  agentDns: { mode: 'agent-dns', image: 'registry.k8s.io/coredns/coredns:v1.13.1' },
  ...FRONT,
  ...SPIRE,
  ...OPENFGA,
  collector: { clusterIP: '10.96.80.4' },
  ingressGateway: { namespace: 'ingress', podLabels: { app: 'gateway' }, serviceAccount: 'gateway' },
  vault: { namespace: 'vault', podLabels: { app: 'vault' }, serviceAccount: 'vault', port: 8200 },
  execution: { hosts: ['erp.example.com'], ports: [443] },
  peers: [],
  workspaces: [
    { id: 'ws-acme', namespace: 'a-agents' },
    { id: 'ws-globex', namespace: 'a-shared' },
    { id: 'ws-initech', namespace: 'a-shared' },
    { id: 'ws-pending', namespace: 'a-pending' },
  ],
};

export const agentNamespaces = ['a-agents', 'a-shared', 'a-pending'];

export function workspace(id: string, level: Level, changes: Partial<Workspace> = {}): Workspace {
  const { namespace } = platform.workspaces.find((placement) => placement.id === id)!;
  return {
    id,
    stack: id,
    namespace,
    level,
    allowlist: { workspaceId: id, allowedTools: [{ tool: 'invoice:read', tier: 'Auto' }], defaultAction: 'Deny' },
    ...GOVERNANCE,
    agents: [
      {
        name: `${id}-bot`,
        type: 'custom-go',
        risk: 'low',
        image: 'registry.example.com/bot:1',
        replicas: 1,
        listens: ['gateway', 'metrics'],
      },
    ],
    systemsOfRecord: [
      { name: 'hubspot', host: 'api.hubspot.com', ports: [443] },
      { name: 'erp', host: 'erp.example.com', ports: [443, 8443] },
    ],
    approvers: id === 'ws-acme' ? ['bob', 'carol', 'alice'] : ['carol'],
    dns: { clusterIP: '10.96.53.1' },
    ...changes,
  };
}

export const policyOf = (of: Workspace, in_: Platform = platform): KubeObject => ({
  apiVersion: API_VERSION,
  kind: 'WorkspacePolicy',
  metadata: {
    name: of.id,
    namespace: NAMESPACES.policy,
    labels: { [LABELS.workspace]: of.id, [LABELS.level]: of.level },
  },
  spec: workspacePolicy(in_, of),
});

export interface RelaxationOptions {
  readonly name: string;
  readonly workspaceId?: string;
  readonly controls?: readonly Control[];
  readonly by?: string;
  readonly seconds?: number;
}

/** A well-formed request. */
export const relaxation = (options: RelaxationOptions): KubeObject & { readonly spec: Record<string, unknown> } => {
  const { name, workspaceId = 'ws-acme', controls = ['egress'], by = 'alice', seconds = 1800 } = options;
  return {
    apiVersion: API_VERSION,
    kind: 'Relaxation',
    metadata: {
      name,
      namespace: NAMESPACES.policy,
      labels: { ...relaxationLabels({ workspaceId, controls, state: 'requested' }) },
    },
    spec: {
      workspaceId,
      controls,
      planHash: 'a'.repeat(64),
      reason: 'HubSpot cannot be reached through the plane',
      ticket: 'INC-4711',
      requestedBy: by,
      expiresAt: new Date(Date.now() + seconds * 1000).toISOString(),
      state: 'requested',
    },
  };
};

const POLICY_TYPES = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] };
const CILIUM_TYPES = { endpointSelector: {} };

export interface NetworkOptions {
  readonly name?: string;
  readonly namespace?: string;
  readonly workspace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly spec?: Readonly<Record<string, unknown>>;
}

const owned = ({ name = 'candidate', namespace = 'a-agents', workspace = 'ws-acme', labels }: NetworkOptions) => ({
  name,
  namespace,
  labels: { [LABELS.stack]: 'any', [LABELS.workspace]: workspace, ...labels },
});

/** Subject of a policy for the agents of a workspace. */
export const agents = (workspaceId = 'ws-acme') => ({ [LABELS.role]: 'agent', [LABELS.workspace]: workspaceId });

/** A NetworkPolicy of ws-acme's stack that denies, with changes. */
export const networkPolicy = (options: NetworkOptions = {}): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: owned(options),
  spec: { ...POLICY_TYPES, ...options.spec },
});

export const ciliumPolicy = (options: NetworkOptions = {}): KubeObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  metadata: owned(options),
  spec: { ...CILIUM_TYPES, ...(options.spec ?? { egress: [{}] }) },
});

/** A NetworkPolicy peer. */
export const pods = (namespace: string, labels: Readonly<Record<string, string>>) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels: labels },
});

/** A NetworkPolicy for the agents of its workspace with these egress rules. */
export const agentEgress = (egress: readonly unknown[], options: NetworkOptions = {}): KubeObject =>
  networkPolicy({
    ...options,
    spec: { podSelector: { matchLabels: agents(options.workspace) }, egress, ...options.spec },
  });

export const API_SERVER = pods(NAMESPACES.controlPlane, { [LABELS.component]: 'api-server' });
export const FRONT_PORTS = [443, 8443, 50051].map((port) => ({ protocol: 'TCP', port }));

/** Opens a public address on 443, which egress in shadow or relaxed permits. */
export const openEgress = (options: NetworkOptions = {}): KubeObject =>
  agentEgress([{ to: [{ ipBlock: { cidr: '8.8.8.0/24' } }], ports: [{ protocol: 'TCP', port: 443 }] }], {
    ...options,
    labels: { [LABELS.opens]: 'egress', ...options.labels },
  });

/** Opens the front by bearer token, which mtls in shadow or relaxed permits. */
export const openMtls = (options: NetworkOptions = {}): KubeObject =>
  agentEgress([{ to: [API_SERVER], ports: [443, 8444].map((port) => ({ protocol: 'TCP', port })) }], {
    ...options,
    labels: { [LABELS.opens]: 'mtls', ...options.labels },
  });

const BEARER = [443, 8444];

/** Opens the front's bearer listener to a workspace's agents and the workers, as its stack does, with changes. */
export const openFront = (options: NetworkOptions = {}): KubeObject => {
  const { workspace: id = 'ws-globex', labels, spec } = options;
  const { namespace } = platform.workspaces.find((placement) => placement.id === id) ?? { namespace: 'a-agents' };
  const ports = BEARER.map((port) => ({ protocol: 'TCP', port }));
  const worker = pods(NAMESPACES.execution, { [LABELS.component]: 'worker' });
  return networkPolicy({
    name: `front-${id}`,
    ...options,
    namespace: NAMESPACES.controlPlane,
    workspace: id,
    labels: { [LABELS.opens]: 'mtls', ...labels },
    spec: {
      podSelector: { matchLabels: { [LABELS.component]: 'api-server' } },
      ingress: [
        { from: [pods(namespace, agents(id))], ports },
        { from: [worker], ports },
      ],
      ...spec,
    },
  });
};

/** A Cilium peer. */
export const endpoint = (namespace: string, labels: Readonly<Record<string, string>>) => ({
  matchLabels: {
    'k8s:io.kubernetes.pod.namespace': namespace,
    ...Object.fromEntries(Object.entries(labels).map(([key, value]) => [`k8s:${key}`, value])),
  },
});

/** The same for Cilium. */
export const openCiliumFront = (options: NetworkOptions = {}): KubeObject => {
  const plain = openFront(options);
  const { workspace: id = 'ws-globex', spec } = options;
  const { namespace } = platform.workspaces.find((placement) => placement.id === id) ?? { namespace: 'a-agents' };
  const toPorts = [{ ports: BEARER.map((port) => ({ protocol: 'TCP', port: String(port) })) }];
  return {
    ...plain,
    apiVersion: 'cilium.io/v2',
    kind: 'CiliumNetworkPolicy',
    spec: {
      endpointSelector: { matchLabels: { [`k8s:${LABELS.component}`]: 'api-server' } },
      enableDefaultDeny: { egress: true, ingress: true },
      egress: [{}],
      ingress: [
        { fromEndpoints: [endpoint(namespace, agents(id))], toPorts },
        { fromEndpoints: [endpoint(NAMESPACES.execution, { [LABELS.component]: 'worker' })], toPorts },
      ],
      ...spec,
    },
  };
};
