import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, LiveObject } from '../../bridge/cluster.js';
import { AGENT_ROLE, LABELS } from '../../model/names.js';
import type { Workspace } from '../../model/workspace.js';
import { reach, reachTable } from '../../prove/index.js';
import { CliError, EXIT } from '../exit-codes.js';
import type { Output } from '../output.js';

/** Every kind whose objects decide, or may decide, who reaches whom. */
const KINDS: readonly (readonly [string, string])[] = [
  ['v1', 'Pod'],
  ['v1', 'Namespace'],
  ['v1', 'Service'],
  ['apps/v1', 'ReplicaSet'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
];

/** Prints what one pod of an agent may reach, computed from the live objects and from nothing else. */
export async function printReach(
  cluster: Cluster,
  { namespace }: Workspace,
  agent: string,
  output: Output,
): Promise<void> {
  const pod = await agentPod(cluster, namespace, agent);
  const lists = await Promise.all(KINDS.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind })));
  const { rows, notEvaluated, notes } = reach(lists.flat(), { namespace, name: pod.metadata.name });
  output.line(`\n  ${agent} may reach, by the live NetworkPolicies:`);
  for (const line of reachTable(rows).split('\n')) output.line(`    ${line}`);
  for (const { kind, name, reason } of notEvaluated) output.line(`    not evaluated: ${kind} ${name}: ${reason}`);
  for (const note of notes) output.line(`    note: ${note}`);
}

/** The newest running pod of an agent; waits for the Deployment to bring it up. */
async function agentPod(cluster: Cluster, namespace: string, agent: string): Promise<LiveObject> {
  const labels = `${LABELS.role}=${AGENT_ROLE},${LABELS.agent}=${agent}`;
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels });
    const running = pods.filter(
      (pod) => (pod['status'] as { phase?: string }).phase === 'Running' && !pod.metadata.deletionTimestamp,
    );
    const [newest] = running.sort((a, b) =>
      (a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1,
    );
    if (newest) return newest;
    await sleep(100);
  }
  throw new CliError(
    EXIT.error,
    `no pod of ${agent} is running in ${namespace} after 10 s; see the events of its Deployment.`,
  );
}
