import { sidecarsFor } from '../../constructs/sidecars.js';
import { COMPONENTS } from '../../model/edges.js';
import type { KubeObject } from '../../model/kube-object.js';
import { API_GROUP, API_VERSION, LABELS, NAMESPACES } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import { SPIRE_ACCOUNTS, SPIRE_GROUP, SPIRE_SOCKETS } from '../../model/spire.js';
import type { Workspace } from '../../model/workspace.js';
import { CANDIDATE } from './agent-pods.js';
import { create, guard, nobody, others, type ForbiddenRequest } from './request.js';

type Fields = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

const named = (apiVersion: string, kind: string, namespace: string | undefined, rest: Fields): KubeObject => ({
  apiVersion,
  kind,
  metadata: { name: CANDIDATE, ...(namespace !== undefined && { namespace }) },
  ...rest,
});

const restricted = { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } };

/** A pod that passes Pod Security `restricted`. */
const pod = (namespace: string, account: string, labels: Labels, spec: Fields = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: CANDIDATE, namespace, labels },
  spec: {
    serviceAccountName: account,
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [{ name: 'main', image: 'registry.invalid/none:1', securityContext: restricted }],
    ...spec,
  },
});

const component = (name: string): Labels => ({ [LABELS.component]: name });
const askToken =
  (namespace: string, name: string): ForbiddenRequest['send'] =>
  (cluster) =>
    cluster.subresource('POST', { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } }, 'token', {
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: ['verify'] } },
      query: { dryRun: 'All' },
    });
const remove =
  (apiVersion: string, kind: string, name: string, namespace?: string): ForbiddenRequest['send'] =>
  (cluster) =>
    cluster.delete(
      { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) } },
      { dryRun: true },
    );

/** What is forbidden in the platform's namespaces and of its objects. */
export function forbiddenInPlatform(platform: Platform): readonly ForbiddenRequest[] {
  const { apiServer, worker } = COMPONENTS;
  const { controlPlane } = NAMESPACES;
  const definition = `workspacepolicies.${API_GROUP}`;
  const annotated = pod(controlPlane, 'default', {});
  return [
    nobody(
      'peer-labels',
      'the api-server’s label under another account',
      create(
        pod(controlPlane, 'default', component(apiServer.name), {
          ...sidecarsFor(platform, controlPlane, component(apiServer.name)),
        }),
      ),
    ),
    nobody(
      'sidecar-front',
      'an api-server without its sidecars',
      create(pod(controlPlane, apiServer.name, component(apiServer.name))),
    ),
    nobody(
      'sidecar-workers',
      'a worker without its sidecar',
      create(pod(worker.namespace, worker.name, component(worker.name))),
    ),
    nobody(
      'svid-volumes',
      'SPIRE’s socket in a pod without a sidecar',
      create(
        pod(
          controlPlane,
          'default',
          {},
          { volumes: [{ name: 'own', csi: { driver: SPIRE_SOCKETS.csiDriver, readOnly: true } }] },
        ),
      ),
    ),
    nobody(
      'platform-annotations',
      'a second network beside the control plane',
      create({
        ...annotated,
        metadata: { ...annotated.metadata, annotations: { 'k8s.v1.cni.cncf.io/networks': 'another' } },
      }),
    ),
    nobody('spire-pods', 'a pod beside SPIRE’s agents', create(pod(NAMESPACES.spire, 'default', {}))),
    nobody('spire-tokens', 'a token of SPIRE’s agent', askToken(NAMESPACES.spire, SPIRE_ACCOUNTS.agent)),
    others(
      'portarium-definitions-kept',
      'the CRD of WorkspacePolicies deleted',
      remove('apiextensions.k8s.io/v1', 'CustomResourceDefinition', definition),
    ),
    others(
      'portarium-policy-namespace-kept',
      'the namespace of every reached level deleted',
      remove('v1', 'Namespace', NAMESPACES.policy),
    ),
    others(
      'portarium-spire-registrations',
      'a registration of any SPIFFE ID',
      create(
        named(`${SPIRE_GROUP}/v1alpha1`, 'ClusterSPIFFEID', undefined, {
          spec: {
            className: 'portarium',
            spiffeIDTemplate: `spiffe://${platform.trustDomain}/ns/${worker.namespace}/sa/${worker.name}`,
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'default' } },
            podSelector: { matchLabels: { app: CANDIDATE } },
          },
        }),
      ),
    ),
  ];
}

/** What is forbidden in a workspace's namespace and of its objects. */
export function forbiddenInWorkspace({ id, namespace, agents }: Workspace): readonly ForbiddenRequest[] {
  const account = agents[0]?.name ?? 'default';
  const service = (spec: Fields): KubeObject =>
    named('v1', 'Service', namespace, { spec: { ports: [{ port: 80 }], ...spec } });
  const openEverything = named('networking.k8s.io/v1', 'NetworkPolicy', namespace, {
    spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
  });
  return [
    nobody('token-requests', `a token of ${account}`, askToken(namespace, account)),
    nobody(
      'token-secrets',
      `a token of ${account} that never expires`,
      create({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: CANDIDATE, namespace, annotations: { 'kubernetes.io/service-account.name': account } },
        type: 'kubernetes.io/service-account-token',
      }),
    ),
    nobody(
      'workloads',
      'a Deployment of pods without labels',
      create(
        named('apps/v1', 'Deployment', namespace, {
          spec: {
            selector: { matchLabels: { app: CANDIDATE } },
            template: {
              metadata: { labels: { app: CANDIDATE } },
              spec: pod(namespace, 'default', {})['spec'],
            },
          },
        }),
      ),
    ),
    nobody('services', 'a Service without a selector', create(service({}))),
    nobody(
      'agent-services',
      'a port of every node for agents',
      create(service({ type: 'NodePort', selector: { app: CANDIDATE } })),
    ),
    nobody(
      'endpoints',
      'an EndpointSlice by hand',
      create(
        named('discovery.k8s.io/v1', 'EndpointSlice', namespace, {
          addressType: 'IPv4',
          endpoints: [{ addresses: ['192.0.2.1'] }],
          ports: [],
        }),
      ),
    ),
    others(guard('namespaces'), 'the agents’ namespace deleted', remove('v1', 'Namespace', namespace)),
    {
      what: 'a policy that opens everything to agents',
      by: [
        'portarium-network-owner',
        'portarium-network-workspace',
        'portarium-network-shape',
        'portarium-network-platform',
      ],
      toEveryone: true,
      send: create(openEverything),
    },
    others(
      'portarium-network-baseline',
      'the baseline deleted',
      remove('networking.k8s.io/v1', 'NetworkPolicy', `agent-deny-default-${id}`, namespace),
    ),
    others(
      'portarium-workspacepolicy-kept',
      'the workspace’s policy deleted',
      remove(API_VERSION, 'WorkspacePolicy', id, NAMESPACES.policy),
    ),
  ];
}
