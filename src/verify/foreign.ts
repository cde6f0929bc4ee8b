import type { Cluster, LiveObject, Resource } from '../bridge/cluster.js';
import { keyOf } from '../model/kube-object.js';
import { changesReachability } from '../prove/not-evaluated.js';
import type { Agents } from './agents.js';
import { checkOf, inconclusive, type Check, type Finding } from '../model/check.js';
import { tryIsAbout } from './subjects.js';

/** Every served kind whose objects may decide who reaches whom, and the groups that do not say what they serve. Throws ApiError. */
export async function policyKinds(
  cluster: Cluster,
): Promise<{ readonly kinds: readonly Resource[]; readonly silent: readonly string[] }> {
  const { resources, silent } = await cluster.served();
  return {
    kinds: resources.filter(
      ({ apiVersion, kind }) => kind === 'NetworkPolicy' || changesReachability(apiVersion, kind),
    ),
    silent: silent.map(({ apiVersion, problem }) => `${apiVersion}: ${problem}`),
  };
}

/**
 * Finds policies of any kind that select agents, running or possible, and that no stack renders: policies add up, so
 * each may open what the stack closes (bypass B4). An object whose kind or selector is not understood leaves the check inconclusive.
 *
 * @param rendered keys of what all stacks render
 */
export async function foreignPolicies(cluster: Cluster, agents: Agents, rendered: ReadonlySet<string>): Promise<Check> {
  const name = `policies of others on agents of ${agents.workspaceId}`;
  const { kinds, silent } = await policyKinds(cluster);
  const live = (await Promise.all(kinds.map((kind) => cluster.list(kind)))).flat();
  const strangers = live.filter((object) => !rendered.has(keyOf(object)));
  const findings = [
    ...strangers.flatMap((object) => ofPolicy(object, agents)),
    ...silent.map((group): Finding => ({ object: group, problem: `${UNKNOWN}: its kinds are not known` })),
  ];
  const note = `${live.length} policies of ${kinds.length} kinds, ${strangers.length} of them no stack’s`;
  return findings.length > 0 && findings.every(({ problem }) => problem.startsWith(UNKNOWN))
    ? inconclusive(name, note, findings)
    : checkOf(name, findings, note);
}

const UNKNOWN = 'may select agents';

/** What is to be said of a policy that no stack renders. */
export function ofPolicy(object: LiveObject, agents: Agents): readonly Finding[] {
  const found = object['spec'] ?? object['specs'];
  const finding = (problem: string): readonly Finding[] => [{ object: keyOf(object), found, problem }];
  try {
    const about = tryIsAbout(object, agents);
    if (about === undefined) return finding(`${UNKNOWN}: ${object.apiVersion} ${object.kind} is not understood`);
    return about ? finding('selects agents and is no stack’s') : [];
  } catch (error) {
    return finding(`${UNKNOWN}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** The workspace's agents as they run. */
export async function agentsIn(cluster: Cluster, namespace: string, workspaceId: string): Promise<Agents> {
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace });
  return { namespace, workspaceId, pods: pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined) };
}
