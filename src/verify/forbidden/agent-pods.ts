import { sidecarsFor } from '../../constructs/sidecars.js';
import type { KubeObject } from '../../model/kube-object.js';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import type { Platform } from '../../model/platform.js';
import type { Workspace } from '../../model/workspace.js';
import { create, nobody, type ForbiddenRequest } from './request.js';

type Fields = Readonly<Record<string, unknown>>;
type Labels = Readonly<Record<string, string>>;

/** Name of what is tried; nothing of that name is ever stored. */
export const CANDIDATE = 'portarium-verify-candidate';

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
  const annotated = (annotations: Labels): KubeObject => ({
    ...pod,
    metadata: { ...pod.metadata, annotations: { ...pod.metadata.annotations, ...annotations } },
  });
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
    nobody('agent-names', 'an agent that asks cluster DNS', create(withSpec(pod, { dnsPolicy: 'ClusterFirst' }))),
    nobody(
      'agent-tokens',
      'an agent with a token for the Kubernetes API',
      create(withVolume(pod, { projected: { sources: [{ serviceAccountToken: { path: 'token' } }] } })),
    ),
    nobody(
      'agent-annotations',
      'an agent with a second network',
      create(annotated({ 'k8s.v1.cni.cncf.io/networks': 'another' })),
    ),
    nobody('host-access', 'an agent with shared processes', create(withSpec(pod, { shareProcessNamespace: true }))),
    nobody('node-name', 'an agent that chooses its node', create(withSpec(pod, { nodeName: unknown }))),
    nobody(
      'resource-claims',
      'an agent with a claimed device',
      create(withSpec(pod, { resourceClaims: [{ name: 'nic', resourceClaimName: 'nic' }] })),
    ),
    nobody('sidecar-agents', 'an agent without its sidecar', create(withSpec(pod, { initContainers: [] }))),
  ];
}
