import { ApiError } from '../../bridge/api-error.js';
import type { Cluster } from '../../bridge/cluster.js';
import type { KubeObject } from '../../model/kube-object.js';
import { LABELS } from '../../model/names.js';
import type { Workspace } from '../../model/workspace.js';
import type { Output } from '../output.js';

/** Something that someone who is an admin of the agents' namespace tries, and whether it must be refused. */
interface Attempt {
  readonly what: string;
  readonly run: (cluster: Cluster) => Promise<unknown>;
}

const pod = (
  namespace: string,
  metadata: { name: string; labels?: Record<string, string> },
  spec: object = {},
): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { namespace, ...metadata },
  spec: {
    automountServiceAccountToken: false,
    securityContext: { runAsNonRoot: true, runAsUser: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name: 'x',
        image: 'registry.example.com/x:1',
        securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
      },
    ],
    ...spec,
  },
});

const allowAll = (namespace: string, name: string, labels: Record<string, string>): KubeObject => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: { name, namespace, labels },
  spec: { podSelector: {}, policyTypes: ['Egress'], egress: [{}] },
});

const attempts = ({ id, namespace, stack }: Workspace): readonly Attempt[] => [
  {
    what: 'a pod without the agents’ labels',
    run: (cluster) => cluster.create(pod(namespace, { name: 'unlabelled' }), { dryRun: true }),
  },
  {
    what: 'a pod that claims to be the control plane',
    run: (cluster) =>
      cluster.create(pod(namespace, { name: 'relay', labels: { [LABELS.component]: 'api-server' } }), { dryRun: true }),
  },
  {
    what: 'a pod on the host’s network',
    run: (cluster) => cluster.create(pod(namespace, { name: 'host' }, { hostNetwork: true }), { dryRun: true }),
  },
  {
    what: 'a NetworkPolicy of one’s own that allows everything',
    run: (cluster) => cluster.create(allowAll(namespace, 'allow-all', {}), { dryRun: true }),
  },
  {
    what: 'deleting the deny baseline',
    run: (cluster) =>
      cluster.delete(
        {
          apiVersion: 'networking.k8s.io/v1',
          kind: 'NetworkPolicy',
          metadata: { name: `agent-deny-default-${id}`, namespace },
        },
        { dryRun: true },
      ),
  },
  {
    what: 'an opening that names no Relaxation',
    run: (cluster) =>
      cluster.create(
        allowAll(namespace, 'agents-open', {
          [LABELS.stack]: stack,
          [LABELS.workspace]: id,
          [LABELS.opens]: 'egress',
        }),
        { dryRun: true },
      ),
  },
];

/** Tries each, as a dry run, and prints what the API server said. Returns how many were admitted. */
export async function printAttempts(
  cluster: Cluster,
  workspace: Workspace,
  output: Output,
): Promise<readonly string[]> {
  output.line('\n  what the API server says to an admin of the namespace:');
  const admitted: string[] = [];
  for (const { what, run } of attempts(workspace)) {
    try {
      await run(cluster);
      admitted.push(what);
      output.line(`    admitted  ${what}`);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      output.line(`    refused   ${what}\n              ${reason(error)}`);
    }
  }
  return admitted;
}

/** The guard's own sentence, without what the API server puts around it. */
const reason = ({ message }: ApiError): string => {
  const [, said] = /denied request: (.*)$/s.exec(message) ?? [];
  const text = (said ?? message).replaceAll(/\s+/g, ' ');
  return text.length > 160 ? `${text.slice(0, 157)}...` : text;
};
