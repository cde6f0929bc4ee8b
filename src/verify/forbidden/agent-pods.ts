import { sidecarsFor } from '../../constructs/sidecars.js';
import type { KubeObject } from '../../model/kube-object.js';
import { AGENT_ROLE, LABELS, PROBE } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import { probeJob } from '../probes/job.js';
import { agentLabels, type Fields, type Labels } from './candidates.js';
import { CANDIDATE, create, nobody, type ForbiddenRequest } from './request.js';

interface PodTemplate {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Labels };
  readonly spec: Fields;
}

/** The pod of the workspace's first agent as its Deployment makes it; undefined where it has no agent. */
export function tryAgentPod(objects: readonly KubeObject[]): KubeObject | undefined {
  const templates = objects
    .filter(({ kind }) => kind === 'Deployment')
    .map((object) => ({ object, ...(object['spec'] as { template: PodTemplate }) }));
  const found = templates.find(({ template }) => template.metadata.labels[LABELS.role] === AGENT_ROLE);
  if (found === undefined) return undefined;
  const { labels, annotations } = found.template.metadata;
  const { namespace } = found.object.metadata;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: CANDIDATE,
      ...(namespace !== undefined && { namespace }),
      labels,
      ...(annotations && { annotations }),
    },
    spec: found.template.spec,
  };
}

const withSpec = (pod: KubeObject, fields: Fields): KubeObject => ({
  ...pod,
  spec: { ...(pod['spec'] as Fields), ...fields },
});

const withVolume = (pod: KubeObject, source: Fields): KubeObject => {
  const { volumes = [] } = pod['spec'] as { volumes?: readonly Fields[] };
  return withSpec(pod, { volumes: [...volumes, { name: 'candidate', ...source }] });
};

const withAnnotations = (pod: KubeObject, annotations: Labels): KubeObject => ({
  ...pod,
  metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
});

/** Each differs from an admitted agent's pod in one thing. */
export function forbiddenAgentPods(
  pod: KubeObject,
  platform: Platform,
  { namespace }: Pick<Workspace, 'namespace'>,
): readonly ForbiddenRequest[] {
  const labelled = (labels: Labels, more: Fields = {}): KubeObject => ({
    ...withSpec(pod, { ...sidecarsFor(platform, namespace, labels), ...more }),
    metadata: { ...pod.metadata, labels },
  });
  const labels = pod.metadata.labels ?? {};
  const { securityContext } = pod['spec'] as { securityContext?: Fields };
  const unknown = 'nobody-declared-this';
  return [
    nobody(
      'agent-pods',
      'a pod without the agents’ labels',
      create(withSpec(labelled({}), { initContainers: [], volumes: [] })),
    ),
    nobody(
      'agent-workspace',
      'an agent of an unknown workspace',
      create(labelled({ ...labels, [LABELS.workspace]: unknown })),
    ),
    nobody(
      'agent-accounts',
      'an agent that no policy lists',
      create(labelled({ ...labels, [LABELS.agent]: 'default' }, { serviceAccountName: 'default' })),
    ),
    nobody('agent-names', 'an agent that asks cluster DNS', create(forgettingDns(pod, platform))),
    nobody(
      'agent-tokens',
      'an agent with a token for the Kubernetes API',
      create(withVolume(pod, { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } })),
    ),
    nobody(
      'agent-volumes',
      'an agent with a bucket as a volume',
      create(withVolume(pod, { csi: { driver: 's3.csi.aws.com' } })),
    ),
    nobody(
      'agent-annotations',
      'an agent with a second network',
      create(withAnnotations(pod, { 'k8s.v1.cni.cncf.io/networks': 'another' })),
    ),
    nobody('mesh-labels', 'an agent in a mesh', create(labelled({ ...labels, 'istio.io/dataplane-mode': 'ambient' }))),
    nobody('host-access', 'an agent with shared processes', create(withSpec(pod, { shareProcessNamespace: true }))),
    nobody(
      'privileges',
      'an agent that may send echo requests',
      create(
        withSpec(pod, {
          securityContext: { ...securityContext, sysctls: [{ name: 'net.ipv4.ping_group_range', value: '0 0' }] },
        }),
      ),
    ),
    nobody('node-name', 'an agent that chooses its node', create(withSpec(pod, { nodeName: unknown }))),
    nobody(
      'agent-tolerations',
      'an agent for virtual nodes',
      create(withSpec(pod, { tolerations: [{ key: 'virtual-kubelet.io/provider', operator: 'Exists' }] })),
    ),
    nobody(
      'resource-claims',
      'an agent with a claimed device',
      create(withSpec(pod, { resourceClaims: [{ name: 'nic', resourceClaimName: 'nic' }] })),
    ),
    nobody('sidecar-agents', 'an agent without its sidecar', create(withSpec(pod, { initContainers: [] }))),
  ];
}

/** Where a workspace keeps cluster DNS, only a name of its own for an address is refused. */
const forgettingDns = (pod: KubeObject, { agentDns }: Platform): KubeObject =>
  withSpec(
    pod,
    agentDns.mode === 'agent-dns'
      ? { dnsPolicy: 'ClusterFirst', dnsConfig: {} }
      : { hostAliases: [{ ip: '192.0.2.1', hostnames: ['api-server'] }] },
  );

/** The probe's pod with a program of somebody's own. */
export function forbiddenProbe(platform: Platform, workspace: Workspace): ForbiddenRequest {
  const { namespace } = workspace;
  const job = probeJob({ platform, workspace, probes: [], node: 'any', name: CANDIDATE, from: 'agents', namespace });
  const { template } = job['spec'] as { template: PodTemplate & { spec: { containers: readonly Fields[] } } };
  return nobody(
    'probe-pods',
    'a probe with another program',
    create({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: CANDIDATE, namespace, labels: agentLabels(workspace.id, PROBE) },
      spec: {
        ...template.spec,
        containers: template.spec.containers.map((container) => ({ ...container, command: ['node', '-e', '1'] })),
      },
    }),
  );
}
