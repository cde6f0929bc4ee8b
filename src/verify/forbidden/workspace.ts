import { SIDECAR_FILES } from '../../constructs/sidecars.js';
import type { Workspace } from '../../model/workspace.js';
import { claim, endpointSlice, pod, podBinding, roleFor, service, tokenSecret, workload } from './candidates.js';
import {
  askToken,
  CANDIDATE,
  create,
  guard,
  nobody,
  others,
  patch,
  refOf,
  Unsendable,
  type ForbiddenRequest,
} from './request.js';
import { AGENT_ROLE, LABELS } from '../../model/names.js';

/** What is forbidden in a workspace's namespace, whoever's it is. */
export function forbiddenInWorkspace({ id, namespace, agents }: Workspace): readonly ForbiddenRequest[] {
  const account = agents[0]?.name ?? 'default';
  return [
    nobody('token-requests', `a token of ${account}`, askToken(namespace, account)),
    nobody('token-secrets', `a token of ${account} that never expires`, create(tokenSecret(namespace, account))),
    others(
      guard('agent-rights'),
      `a role for ${account}`,
      create(roleFor('RoleBinding', { name: account, namespace })),
    ),
    nobody(
      'workloads',
      'a Deployment of pods without labels',
      create(workload('Deployment', namespace, {}, pod({ namespace })['spec'])),
    ),
    nobody('services', 'a Service without a selector', create(service(namespace, { ports: [{ port: 80 }] }))),
    nobody(
      'agent-services',
      'a port of every node for agents',
      create(service(namespace, { ports: [{ port: 80 }], type: 'NodePort', selector: { app: CANDIDATE } })),
    ),
    nobody('endpoints', 'an EndpointSlice by hand', create(endpointSlice(namespace))),
    nobody('agent-claims', 'a claim that many nodes write to', create(claim(namespace, 'ReadWriteMany'))),
    others(
      guard('sidecar-files'),
      'files for a sidecar',
      create({
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: {
          name: SIDECAR_FILES.agent(CANDIDATE),
          namespace,
          labels: { [LABELS.workspace]: id },
        },
        data: { 'envoy.json': '{}' },
      }),
    ),
    others(
      guard('namespaces'),
      'Pod Security of the agents’ namespace loosened',
      patch(refOf('v1', 'Namespace', namespace), {
        metadata: { labels: { 'pod-security.kubernetes.io/enforce': 'privileged' } },
      }),
    ),
    others(
      guard('interactive-access'),
      'a program run in an agent',
      (cluster) =>
        cluster.subresource('POST', refOf('v1', 'Pod', CANDIDATE, namespace), 'exec', {
          query: { command: 'id', stdout: 'true' },
        }),
      { letIn: 404 },
    ),
    others(guard('bindings'), 'a pod bound to a node by hand', create(podBinding(namespace, CANDIDATE, 'any')), {
      letIn: 404,
    }),
    nobody('label-changes', 'an agent that runs without its role', async (cluster) => {
      const labels = `${LABELS.role}=${AGENT_ROLE}`;
      const [agent] = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels });
      if (agent === undefined) throw new Unsendable(`no agent runs in ${namespace}`);
      const running = refOf('v1', 'Pod', agent.metadata.name, namespace);
      return patch(running, { metadata: { labels: { [LABELS.role]: null } } })(cluster);
    }),
  ];
}
