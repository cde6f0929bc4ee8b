import { RESTRICTED_CONTAINER, RESTRICTED_POD } from '../../constructs/restricted.js';
import { relaxationLabels } from '../../constructs/admission/relaxation-labels.js';
import type { KubeObject } from '../../model/kube-object.js';
import type { Control } from '../../model/levels.js';
import { AGENT_ROLE, API_VERSION, LABELS, NAMESPACE_NAME_LABEL, NAMESPACES } from '../../model/names.js';
import { CANDIDATE } from './request.js';

export type Fields = Readonly<Record<string, unknown>>;
export type Labels = Readonly<Record<string, string>>;

/** Which workspace an object is of. */
export interface Owner {
  readonly id: string;
  readonly namespace: string;
  /** @default - the workspace's id */
  readonly stack?: string;
}

export interface PodOptions {
  readonly namespace: string;
  /** @default default */
  readonly account?: string;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  /** Merged over the pod's spec. */
  readonly spec?: Fields;
}

/** A pod that passes Pod Security `restricted`, with changes. */
export const pod = ({ namespace, account = 'default', labels, annotations, spec }: PodOptions): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: CANDIDATE, namespace, labels: { ...labels }, ...(annotations && { annotations }) },
  spec: {
    serviceAccountName: account,
    automountServiceAccountToken: false,
    securityContext: { ...RESTRICTED_POD, runAsUser: 65532 },
    containers: [{ name: 'main', image: 'registry.invalid/none:1', securityContext: RESTRICTED_CONTAINER }],
    ...spec,
  },
});

export const agentLabels = (workspace: string, agent: string): Labels => ({
  [LABELS.role]: AGENT_ROLE,
  [LABELS.workspace]: workspace,
  [LABELS.agent]: agent,
});

/** A Deployment or DaemonSet of pods with a spec. */
export const workload = (
  kind: 'Deployment' | 'DaemonSet',
  namespace: string,
  labels: Labels,
  spec: unknown,
): KubeObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name: CANDIDATE, namespace },
  spec: {
    selector: { matchLabels: { app: CANDIDATE } },
    template: { metadata: { labels: { app: CANDIDATE, ...labels } }, spec },
  },
});

export const service = (namespace: string, spec: Fields): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: CANDIDATE, namespace },
  spec,
});

/** An EndpointSlice that nobody's selector made. */
export const endpointSlice = (namespace: string): KubeObject => ({
  apiVersion: 'discovery.k8s.io/v1',
  kind: 'EndpointSlice',
  metadata: { name: CANDIDATE, namespace, labels: { 'kubernetes.io/service-name': 'any' } },
  addressType: 'IPv4',
  endpoints: [{ addresses: ['192.0.2.1'] }],
  ports: [{ port: 443, protocol: 'TCP' }],
});

/** A Secret that would hold a token of the account for ever. */
export const tokenSecret = (namespace: string, account: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: CANDIDATE, namespace, annotations: { 'kubernetes.io/service-account.name': account } },
  type: 'kubernetes.io/service-account-token',
});

export const claim = (namespace: string, accessMode: string, spec: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'PersistentVolumeClaim',
  metadata: { name: CANDIDATE, namespace },
  spec: { accessModes: [accessMode], resources: { requests: { storage: '1Mi' } }, ...spec },
});

const RBAC = 'rbac.authorization.k8s.io';

/** A role for a service account, in `default` or for the whole cluster. */
export const roleFor = (
  kind: 'RoleBinding' | 'ClusterRoleBinding',
  account: { readonly name: string; readonly namespace: string },
): KubeObject => ({
  apiVersion: `${RBAC}/v1`,
  kind,
  metadata: { name: CANDIDATE, ...(kind === 'RoleBinding' && { namespace: 'default' }) },
  roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'view' },
  subjects: [{ kind: 'ServiceAccount', ...account }],
});

/** A pod assigned to a node by hand. */
export const podBinding = (namespace: string, name: string, node: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Binding',
  metadata: { name, namespace },
  target: { apiVersion: 'v1', kind: 'Node', name: node },
});

const agentsOf = ({ id }: Owner): Labels => ({ [LABELS.role]: AGENT_ROLE, [LABELS.workspace]: id });

/** A NetworkPolicy of a workspace's stack for its agents that denies, with changes. */
export const networkPolicy = (of: Owner, spec: Fields = {}, labels: Labels = {}, namespace = of.namespace) =>
  ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: {
      name: CANDIDATE,
      namespace,
      labels: { [LABELS.stack]: of.stack ?? of.id, [LABELS.workspace]: of.id, ...labels },
    },
    spec: { podSelector: { matchLabels: agentsOf(of) }, policyTypes: ['Egress'], egress: [], ...spec },
  }) satisfies KubeObject;

/** The same for Cilium. */
export const ciliumPolicy = (of: Owner, spec: Fields, labels: Labels = {}, namespace = of.namespace): KubeObject => ({
  ...networkPolicy(of, {}, labels, namespace),
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  spec: { endpointSelector: { matchLabels: agentsOf(of) }, ...spec },
});

export const clusterPolicy = (namespace: string, action: 'Accept' | 'Deny'): KubeObject => ({
  apiVersion: 'policy.networking.k8s.io/v1alpha2',
  kind: 'ClusterNetworkPolicy',
  metadata: { name: CANDIDATE },
  spec: {
    tier: 'Admin',
    priority: 1,
    subject: { namespaces: { matchLabels: { [NAMESPACE_NAME_LABEL]: namespace } } },
    egress: [{ name: 'all', action, to: [{ networks: ['0.0.0.0/0'] }] }],
  },
});

/** @param namespace that it is pinned to; absent: every pod */
export const ciliumForAll = (namespace?: string): KubeObject => ({
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumClusterwideNetworkPolicy',
  metadata: { name: CANDIDATE },
  spec: {
    endpointSelector: { matchLabels: namespace === undefined ? {} : { 'k8s:io.kubernetes.pod.namespace': namespace } },
    egress: [{ toEntities: ['world'] }],
  },
});

export const calicoPolicy = (namespace: string): KubeObject => ({
  apiVersion: 'crd.projectcalico.org/v1',
  kind: 'NetworkPolicy',
  metadata: { name: CANDIDATE, namespace },
  spec: { order: 1, selector: 'all()', egress: [{ action: 'Allow' }] },
});

/** A registration that would make every pod of a namespace whom its SPIFFE ID says. */
export const registration = (spec: Fields = {}): KubeObject => ({
  apiVersion: 'spire.spiffe.io/v1alpha1',
  kind: 'ClusterSPIFFEID',
  metadata: { name: CANDIDATE },
  spec: {
    className: 'portarium',
    spiffeIDTemplate: 'spiffe://{{ .TrustDomain }}/ns/{{ .PodMeta.Namespace }}/sa/{{ .PodSpec.ServiceAccountName }}',
    namespaceSelector: { matchLabels: { [NAMESPACE_NAME_LABEL]: 'default' } },
    podSelector: { matchLabels: { app: CANDIDATE } },
    workloadSelectorTemplates: ['k8s:container-name:envoy'],
    ...spec,
  },
});

interface RelaxationOptions {
  /** @default portarium-verify-candidate */
  readonly name?: string;
  /** @default egress */
  readonly controls?: readonly Control[];
}

/** A well-formed request for a Relaxation. */
export const relaxation = (
  { id }: Pick<Owner, 'id'>,
  requestedBy: string,
  minutes: number,
  { name = CANDIDATE, controls = ['egress'] }: RelaxationOptions = {},
) =>
  ({
    apiVersion: API_VERSION,
    kind: 'Relaxation',
    metadata: {
      name,
      namespace: NAMESPACES.policy,
      labels: relaxationLabels({ workspaceId: id, controls, state: 'requested' }),
    },
    spec: {
      workspaceId: id,
      controls,
      planHash: '0'.repeat(64),
      reason: 'tries what admission must refuse',
      ticket: 'INC-0000',
      requestedBy,
      expiresAt: new Date(Date.now() + minutes * 60_000).toISOString(),
      state: 'requested',
    },
  }) satisfies KubeObject;

/** A model that says it is somewhere else, under a hash that nobody pins. */
export const strayModel = (): KubeObject => {
  const hash = '0'.repeat(64);
  return {
    apiVersion: API_VERSION,
    kind: 'AuthorizationModel',
    metadata: { name: hash, namespace: NAMESPACES.policy },
    spec: { hash, storeId: '0'.repeat(26), modelId: '0'.repeat(26) },
  };
};
