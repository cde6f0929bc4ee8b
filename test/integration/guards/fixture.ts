import { LABELS, NAMESPACES } from '../../../src/model/names.js';
import type { Platform } from '../../../src/model/platform.js';
import { agentDns } from '../../../src/model/workspace.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { FRONT } from '../../support/front.js';
import { sidecarsFor, type SidecarPart } from '../../../src/constructs/sidecars.js';
import { OPENFGA } from '../../support/openfga.js';
import { SPIRE } from '../../support/spire.js';

/** Of a workspace, but not created. */
const UNBORN = 'g-agents-unborn';

/** A platform whose namespaces, but for the fixed ones, belong to these tests alone. */
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
      namespace: 'g-dns',
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
  ingressGateway: {
    namespace: 'g-ingress',
    podLabels: { 'app.kubernetes.io/name': 'gateway', tier: 'edge' },
    serviceAccount: 'ingress-gateway',
  },
  vault: { namespace: 'g-vault', podLabels: { app: 'vault' }, serviceAccount: 'vault', port: 8200 },
  execution: { hosts: ['erp.example.com'], ports: [443] },
  peers: [],
  workspaces: [
    { id: 'g-acme', namespace: 'g-agents' },
    { id: 'g-beta', namespace: 'g-agents-shared' },
    { id: 'g-gamma', namespace: 'g-agents-shared' },
    { id: 'g-moved', namespace: 'g-agents-shared' },
    { id: 'g-pending', namespace: 'g-agents-pending' },
    { id: 'g-unborn', namespace: UNBORN },
  ],
};

export const ACME = platform.workspaces[0]!;
export const OUTSIDE = 'g-outside';

export const namespaces: readonly string[] = [
  ...new Set([
    ...Object.values(NAMESPACES),
    ...platform.workspaces.map(({ namespace }) => namespace).filter((name) => name !== UNBORN),
    'g-dns',
    'g-ingress',
    'g-vault',
    OUTSIDE,
  ]),
];

type Fields = Readonly<Record<string, unknown>>;

export interface PodOptions {
  readonly namespace: string;
  readonly name?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly account?: string;
  /** Merged over the pod's spec. */
  readonly spec?: Fields;
  /** Merged over its only container. */
  readonly container?: Fields;
  /** What is changed in the sidecars. @default nothing */
  readonly sidecars?: (held: SidecarPart) => SidecarPart;
}

/** What `restricted` asks of a container's capabilities. */
export const UNPRIVILEGED = { securityContext: { capabilities: { drop: ['ALL'] } } };

export const pod = (options: PodOptions): KubeObject => {
  const { namespace, name, labels, annotations, account, spec, container } = options;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: name ?? 'candidate', namespace, labels: { ...labels }, annotations: { ...annotations } },
    spec: {
      ...(account === undefined ? {} : { serviceAccountName: account }),
      automountServiceAccountToken: false,
      containers: [{ name: 'main', image: 'registry.example.com/main:1', ...UNPRIVILEGED, ...container }],
      ...spec,
      ...withSidecars(options),
    },
  };
};

/** The sidecars that the pod must have by its labels, as they are rendered, before its own init containers. */
function withSidecars({ namespace, labels, spec = {}, sidecars: change = same }: PodOptions): object {
  const held = sidecarsFor(platform, namespace, labels ?? {});
  if (held === undefined) return {};
  const { initContainers, volumes } = change(held);
  const own = spec as Partial<SidecarPart>;
  return {
    initContainers: [...initContainers, ...(own.initContainers ?? [])],
    volumes: [...volumes, ...(own.volumes ?? [])],
  };
}
const same = (held: SidecarPart): SidecarPart => held;

/** The labels of an agent. */
export const agentLabels = (workspace: string, agent: string): Readonly<Record<string, string>> => ({
  [LABELS.role]: 'agent',
  [LABELS.workspace]: workspace,
  [LABELS.agent]: agent,
});

/** An agent's pod that every guard admits, with changes. */
export const agentPod = (changes: Partial<PodOptions> = {}): KubeObject =>
  pod({
    namespace: ACME.namespace,
    labels: agentLabels(ACME.id, 'sales-bot'),
    account: 'sales-bot',
    ...changes,
    spec: { dnsPolicy: 'None', dnsConfig: { nameservers: ['10.96.53.1'] }, ...changes.spec },
  });

/** The DNS server's pod of a workspace, with changes. */
export const dnsPod = (changes: Partial<PodOptions> = {}): KubeObject =>
  pod({
    namespace: ACME.namespace,
    labels: { [LABELS.component]: agentDns(ACME.id), [LABELS.workspace]: ACME.id },
    account: agentDns(ACME.id),
    ...changes,
  });
