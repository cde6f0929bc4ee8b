import { setTimeout as sleep } from 'node:timers/promises';
import type { Cluster, LiveObject } from '../../../bridge/cluster.js';
import { changesReachability, connectionsText, reach, reachedBy, reachTable } from '../../../prove/index.js';
import { CliError, EXIT } from '../../exit-codes.js';
import type { Output } from '../../output.js';
import { adminRules, adminTierProblems } from './admin-tier.js';
import { reachProblems } from './assertions.js';
import { GUARDED, type Open } from './expected.js';

/** Every kind whose objects decide, or may decide, who reaches whom. */
const KINDS: readonly (readonly [string, string])[] = [
  ['v1', 'Pod'],
  ['v1', 'Namespace'],
  ['v1', 'Service'],
  ['apps/v1', 'ReplicaSet'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'],
  ['crd.projectcalico.org/v1', 'NetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
];

/**
 * Prints what an agent may reach, computed from the live objects and from nothing else, and returns what is not as it
 * must be while `open` is open: for this agent, every other, the platform's components and pods that could exist.
 */
export async function lookAtReach(
  cluster: Cluster,
  agent: { readonly namespace: string; readonly name: string },
  open: Open,
  output: Output,
): Promise<readonly string[]> {
  const pod = await newestPod(cluster, agent.namespace, `portarium.io/agent=${agent.name}`);
  const live = (await Promise.all(KINDS.map(([apiVersion, kind]) => cluster.list({ apiVersion, kind })))).flat();
  const there = { namespace: agent.namespace, name: pod.metadata.name };
  const { rows, notes } = reach(live, there);
  output.line(`\n  ${agent.name} may reach, by the live policies (nothing runs on kwok’s nodes: no packets are sent):`);
  for (const line of reachTable(rows).split('\n')) output.line(`    ${line}`);
  const from = reachedBy(live, there).rows.map((row) => `${row.from} ${connectionsText(row.connections)}`);
  output.line(`  and is reached by ${from.join(', ') || 'nobody'}`);
  for (const note of notes) output.line(`  note: ${note}`);

  const problems = [...reachProblems(live, open), ...adminTierProblems(live), ...foreign(live)];
  if (problems.length === 0) {
    output.line(`  exactly so, and as declared: the other agents, the platform’s components both ways, and that a pod`);
    output.line(`  without labels, in any of ${GUARDED.length} namespaces, reaches nothing and is reached by nobody`);
  }
  const tiers = live.filter(({ kind }) => kind === 'ClusterNetworkPolicy').length;
  output.line(`  in the Admin tier ${tiers} ClusterNetworkPolicy besides deny ${adminRules()}`);
  return problems;
}

/** Objects that may open something and that nobody here evaluates. */
const foreign = (live: readonly LiveObject[]): readonly string[] =>
  live
    .filter(({ apiVersion, kind }) => changesReachability(apiVersion, kind) && kind !== 'ClusterNetworkPolicy')
    .map(({ kind, metadata }) => `${kind} ${metadata.name} may open something and cannot be evaluated`);

/** The newest running pod with these labels; waits for its Deployment to bring it up. */
export async function newestPod(cluster: Cluster, namespace: string, labels: string): Promise<LiveObject> {
  const deadline = performance.now() + 20_000;
  while (performance.now() < deadline) {
    const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels });
    const [newest] = pods
      .filter(({ metadata, status }) => phaseOf(status) === 'Running' && metadata.deletionTimestamp === undefined)
      .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1));
    if (newest) return newest;
    await sleep(100);
  }
  throw new CliError(
    EXIT.error,
    `no pod with ${labels} runs in ${namespace} after 20 s; see the events of its Deployment.`,
  );
}

const phaseOf = (status: unknown): string | undefined => (status as { phase?: string } | undefined)?.phase;
