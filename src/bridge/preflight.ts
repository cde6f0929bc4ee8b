import type { Stack } from '../config/load.js';
import type { KubeObject } from '../model/kube-object.js';
import { rank, type Level } from '../model/levels.js';
import { workspacePolicy } from '../model/policy.js';
import type { Relaxation } from '../model/relaxation.js';
import type { Workspace } from '../model/workspace.js';
import type { Cluster } from './cluster.js';
import { LevelBelowReached, planHash, readLiveFacts, UNNAMED, type LiveFacts } from './live-facts.js';
import { tryUnapproved } from './policy-approvals.js';
import { renderStack } from './render.js';
import { sweep } from './sweep.js';
import { Refused } from './refused.js';

type WorkspaceStack = Extract<Stack, { kind: 'workspace' }>;

export interface Preflight {
  readonly facts: LiveFacts;
  /** What to register or apply. */
  readonly objects: readonly KubeObject[];
}

/** Something live forbids the deployment; every reason is listed. Exit code 5. */
export class PreflightRefused extends Refused {
  override readonly name = 'PreflightRefused';
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join('\n'));
  }
}

/**
 * What both engines check before anything is registered or written, and the objects to deploy: what the config relaxes
 * is permitted by a Relaxation in force for this very plan; the level does not fall; and a workspace that rises has
 * guards that deny and no pod that violates them; above routing, what its agents may do is approved.
 * Throws RelaxationRefused, PreflightRefused, ClusterUnreachable.
 */
export async function preflight(cluster: Cluster, config: Stack): Promise<Preflight> {
  if (config.kind === 'platform') return { facts: {}, objects: renderStack(config) };
  const facts = await liveFacts(cluster, config);
  if (rises(config.workspace.level, facts.reachedLevel)) {
    const reasons = await notReady(cluster, config.workspace);
    if (reasons.length > 0) throw new PreflightRefused(reasons);
  }
  const unapproved = await tryUnapproved(
    cluster,
    workspacePolicy(config.platform, config.workspace),
    config.workspace.stack,
  );
  if (unapproved !== undefined) throw new PreflightRefused([unapproved]);
  return { facts, objects: renderStack(config, facts) };
}

/** What rendering a workspace needs to know, with what it relaxes permitted for this very plan. Throws as `preflight`. */
export async function liveFacts(cluster: Cluster, config: WorkspaceStack): Promise<LiveFacts> {
  const { workspace } = config;
  const hash = workspace.relaxing
    ? { planHash: planHash(renderStack(config, { relaxation: placeholder(workspace) })) }
    : {};
  try {
    return await readLiveFacts(cluster, workspace, hash);
  } catch (error) {
    throw error instanceof LevelBelowReached ? new PreflightRefused([error.message]) : error;
  }
}

/** Stands for a Relaxation in a render; nothing but its name gets into objects. */
const placeholder = ({ id, relaxing }: Workspace): Relaxation => ({
  name: UNNAMED,
  workspaceId: id,
  controls: relaxing?.controls ?? [],
  planHash: '',
  reason: '',
  ticket: '',
  requestedBy: '',
  state: 'requested',
  createdAt: new Date(0),
  expiresAt: new Date(0),
});

const rises = (level: Level, reached: Level = 'routing'): boolean => rank(level) > rank(reached);

/** Why the workspace may not rise above `routing` yet. */
async function notReady(cluster: Cluster, { id, namespace, level }: Workspace): Promise<readonly string[]> {
  const bindings = await cluster.list({
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
  });
  const guards = bindings.filter(({ metadata }) => metadata.name.startsWith('portarium-guard-'));
  const lax = guards
    .filter((guard) => !(guard['spec'] as { validationActions?: string[] }).validationActions?.includes('Deny'))
    .map(({ metadata }) => metadata.name);
  if (guards.length === 0 || lax.length > 0) {
    const what = guards.length === 0 ? 'there are none' : `these only warn: ${lax.join(', ')}`;
    return [
      `workspace "${id}" may not rise to "${level}" before the platform’s guards deny, and in the cluster ${what}. Deploy the platform’s stack with guards: deny first.`,
    ];
  }
  const violating = await sweep(cluster, namespace);
  return violating.map(
    ({ pod, violations }) =>
      `workspace "${id}" may not rise to "${level}" while pod ${pod} runs, which the guards would not admit: ${violations.join('; ')}. Replace it.`,
  );
}
