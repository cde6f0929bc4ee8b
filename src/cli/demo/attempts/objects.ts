import { MODEL_HASH } from '../../../model/authorization/model.js';
import type { Cluster } from '../../../bridge/cluster.js';
import { policyApprovalObject } from '../../../bridge/policy-approvals.js';
import { RESTRICTED_CONTAINER } from '../../../constructs/restricted.js';
import { sidecarsFor, type SidecarPart } from '../../../constructs/sidecars.js';
import type { KubeObject } from '../../../model/kube-object.js';
import type { WorkspacePolicySpec } from '../../../model/policy.js';
import {
  agentLabels,
  networkPolicy,
  pod,
  relaxation,
  service,
  strayModel,
  workload as workloadOf,
  type Fields,
  type Labels,
  type PodOptions,
} from '../../../verify/forbidden/candidates.js';
import { CANDIDATE as NAME } from '../../../verify/forbidden/request.js';
import type { Scene } from './attempt.js';

export { agentLabels, networkPolicy, pod, relaxation, service };

/** The sample workspaces, in literal names: what the demo expects is not taken from what it examines. */
export const ACME = { id: 'ws-acme', namespace: 'portarium-agents', agent: 'sales-bot', dns: '10.96.53.1' } as const;
export const GLOBEX = {
  id: 'ws-globex',
  namespace: 'portarium-agents-globex',
  agent: 'support-bot',
  dns: '10.96.53.2',
} as const;
export type Sample = typeof ACME | typeof GLOBEX;
export const SAMPLES: readonly Sample[] = [ACME, GLOBEX];
export const other = (sample: Sample): Sample => (sample === ACME ? GLOBEX : ACME);

export const POLICY_NAMESPACE = 'portarium-policy';
const API_VERSION = 'enforcement.portarium.io/v1alpha1';

/**
 * Creates an object without storing it.
 *
 * @param change in the sidecars that a pod must have by its labels, which are put into it as they are rendered
 */
export const create =
  (object: KubeObject, change = (rendered: SidecarPart): SidecarPart => rendered) =>
  (as: Cluster, { platform }: Scene): Promise<unknown> => {
    const { kind, metadata, spec } = object;
    const rendered = sidecarsFor(platform, metadata.namespace ?? '', metadata.labels ?? {});
    if (kind !== 'Pod' || rendered === undefined) return as.create(object, { dryRun: true });
    const { initContainers, volumes } = change(rendered);
    const own = spec as Partial<SidecarPart>;
    const sidecars = {
      initContainers: [...initContainers, ...(own.initContainers ?? [])],
      volumes: [...volumes, ...(own.volumes ?? [])],
    };
    return as.create({ ...object, spec: { ...own, ...sidecars } }, { dryRun: true });
  };

/** Changes an object without storing it. */
export const patch =
  (apiVersion: string, kind: string, metadata: { name: string; namespace?: string }, body: Fields) =>
  (as: Cluster): Promise<unknown> =>
    as.mergePatch({ apiVersion, kind, metadata }, body, { dryRun: true });

/** Deletes an object without deleting it. */
export const remove =
  (apiVersion: string, kind: string, metadata: { name: string; namespace?: string }) =>
  (as: Cluster): Promise<unknown> =>
    as.delete({ apiVersion, kind, metadata }, { dryRun: true });

/** What a container needs to pass Pod Security `restricted`. */
export const RESTRICTED = RESTRICTED_CONTAINER;

/** An agent's pod that every guard admits, with changes. */
export const agentPod = (changes: Partial<PodOptions> = {}, of: Sample = ACME): KubeObject =>
  pod({
    namespace: of.namespace,
    account: of.agent,
    labels: agentLabels(of.id, of.agent),
    ...changes,
    spec: { dnsPolicy: 'None', dnsConfig: { nameservers: [of.dns] }, ...changes.spec },
  });

/** The pod of ws-acme's DNS server, with changes in its spec. */
export const dnsPod = (spec: Fields = {}): KubeObject =>
  pod({
    namespace: ACME.namespace,
    account: 'agent-dns-ws-acme',
    labels: { 'portarium.io/component': 'agent-dns-ws-acme', 'portarium.io/workspace': ACME.id },
    spec,
  });

/** A Deployment or DaemonSet of an agent, with other labels on its pods. */
export const workload = (kind: 'Deployment' | 'DaemonSet', labels: Labels): KubeObject =>
  workloadOf(kind, ACME.namespace, labels, agentPod()['spec']);

const AGENTS = (of: Sample): Labels => ({ 'portarium.io/role': 'agent', 'portarium.io/workspace': of.id });

/** A NetworkPolicy peer. */
export const pods = (namespace: string, labels: Labels): Fields => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
  podSelector: { matchLabels: labels },
});

export const tcp = (...ports: readonly number[]): readonly Fields[] => ports.map((port) => ({ protocol: 'TCP', port }));

/** What a stack opens while a control is in shadow or relaxed, in the shape that it opens it in. */
export const opening = (of: Sample, control: 'egress' | 'mtls', relaxation?: string): KubeObject =>
  networkPolicy(
    of,
    {
      egress: [
        control === 'egress'
          ? { to: [pods('vault', { 'app.kubernetes.io/name': 'vault' })], ports: tcp(8200) }
          : {
              to: [pods('portarium-control-plane', { 'portarium.io/component': 'api-server' })],
              ports: tcp(443, 8444),
            },
      ],
    },
    { 'portarium.io/opens': control, ...(relaxation !== undefined && { 'portarium.io/relaxation': relaxation }) },
  );

const FRONT = 'portarium-control-plane';

/** What a stack opens beside the control plane while mtls is in shadow or relaxed, with changes. */
export const frontOpening = (of: Sample, spec: Fields = {}, relaxation?: string): KubeObject =>
  networkPolicy(
    of,
    {
      podSelector: { matchLabels: { 'portarium.io/component': 'api-server' } },
      policyTypes: ['Ingress'],
      egress: [],
      ingress: [
        { from: [pods(of.namespace, AGENTS(of))], ports: tcp(443, 8444) },
        { from: [pods('portarium-execution', { 'portarium.io/component': 'worker' })], ports: tcp(443, 8444) },
      ],
      ...spec,
    },
    { 'portarium.io/opens': 'mtls', ...(relaxation !== undefined && { 'portarium.io/relaxation': relaxation }) },
    FRONT,
  );

/** The same for Cilium. */
export const ciliumFrontOpening = (of: Sample, spec: Fields = {}): KubeObject => ({
  ...frontOpening(of),
  apiVersion: 'cilium.io/v2',
  kind: 'CiliumNetworkPolicy',
  spec: {
    endpointSelector: { matchLabels: { 'k8s:portarium.io/component': 'api-server' } },
    ingress: [
      {
        fromEndpoints: [
          {
            matchLabels: {
              'k8s:io.kubernetes.pod.namespace': of.namespace,
              'k8s:portarium.io/role': 'agent',
              'k8s:portarium.io/workspace': of.id,
            },
          },
        ],
        toPorts: [{ ports: ['443', '8444'].map((port) => ({ port, protocol: 'TCP' })) }],
      },
    ],
    ...spec,
  },
});

/** Changes a stored Relaxation's state, without storing it. */
export const changeRelaxation =
  (name: (scene: Scene) => string, state: 'approved' | 'ended', more: Fields) =>
  async (as: Cluster, scene: Scene): Promise<unknown> => {
    const metadata = { name: name(scene), namespace: POLICY_NAMESPACE };
    const live = await as.get({ apiVersion: API_VERSION, kind: 'Relaxation', metadata });
    const labels = { ...live.metadata.labels, 'relaxes.portarium.io/egress': state };
    const spec = { ...(live['spec'] as Fields), ...more, state };
    return as.replace({ ...live, metadata: { ...live.metadata, labels }, spec }, { dryRun: true });
  };

/** Changes or deletes a workspace's policy, without storing it. */
export const workspacePolicy = (of: Sample) =>
  [API_VERSION, 'WorkspacePolicy', { name: of.id, namespace: POLICY_NAMESPACE }] as const;
export const relaxationRef = (name: string) =>
  [API_VERSION, 'Relaxation', { name, namespace: POLICY_NAMESPACE }] as const;

/** An approval of ws-acme's live policy, without storing it. */
export const approval =
  (approvedBy: string) =>
  async (as: Cluster): Promise<unknown> => {
    const [apiVersion, kind, metadata] = workspacePolicy(ACME);
    const live = await as.get({ apiVersion, kind, metadata });
    const why = { reason: 'the demo tries what must be refused', ticket: 'CHG-0000', approvedBy };
    return as.create(policyApprovalObject(NAME, live['spec'] as WorkspacePolicySpec, why), { dryRun: true });
  };
export const approvalRef = (name: string) =>
  [API_VERSION, 'PolicyApproval', { name, namespace: POLICY_NAMESPACE }] as const;

/** Says that a replica has loaded something, without storing it. */
export const putStatus =
  (apiVersion: string, kind: string, metadata: { name: string; namespace: string }) =>
  async (as: Cluster): Promise<unknown> => {
    const ref = { apiVersion, kind, metadata };
    const observed = [{ replica: NAME, hash: '0'.repeat(64), time: '2026-01-01T00:00:00Z' }];
    const body = { ...(await as.get(ref)), status: { observed } };
    return as.subresource('PUT', ref, 'status', { body, query: { dryRun: 'All' } });
  };

/** The published model that the workspaces pin. */
export const modelRef = [API_VERSION, 'AuthorizationModel', { name: MODEL_HASH, namespace: POLICY_NAMESPACE }] as const;

/** A model that says it is somewhere else, under a hash that nobody pins, without storing it. */
export const publishModel = (as: Cluster): Promise<unknown> => as.create(strayModel(), { dryRun: true });

export const onboardingRef = [API_VERSION, 'Onboarding', { name: 'front', namespace: POLICY_NAMESPACE }] as const;
export const pendingAgain: Fields = { spec: { pending: [ACME.id] } };
