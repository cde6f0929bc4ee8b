import { keyOf, type KubeObject } from '../model/kube-object.js';
import { rank, type Level } from '../model/levels.js';
import type { Relaxation } from '../model/relaxation.js';
import type { Workspace } from '../model/workspace.js';
import { ClusterUnreachable } from './api-error.js';
import type { Cluster } from './cluster.js';
import { differences, isExact } from './compare.js';
import { readInventory } from './inventory.js';
import { LevelBelowReached, planHash, readLiveFacts, UNNAMED, type LiveFacts } from './live-facts.js';
import { isKept, readStack } from './ownership.js';
import { sweep } from './sweep.js';

export interface PreflightTarget {
  readonly stack: string;
  /** Absent for the platform's stack. */
  readonly workspace?: Workspace;
  /** The stack's objects, given what is known of the cluster. Called with placeholders too, to hash the plan. */
  readonly render: (facts: LiveFacts) => readonly KubeObject[];
}

export interface PreflightOptions {
  /** `refuse`: live objects of the stack that are not rendered stop it (Pulumi). `allow`: the engine prunes them. */
  readonly extras: 'refuse' | 'allow';
  /** `refuse`: drift that the engine cannot see stops it (Pulumi). @default allow, since apply repairs it */
  readonly drift?: 'refuse' | 'allow';
  /** `warn`: rendered without live facts (preview). @default error */
  readonly unreachable?: 'warn' | 'error';
  /** @default - now */
  readonly now?: Date;
}

export interface Preflight {
  readonly facts: LiveFacts;
  /** What to register or apply. */
  readonly objects: readonly KubeObject[];
  readonly warnings: readonly string[];
}

/** Something live forbids the deployment; every reason is listed. Exit code 5. */
export class PreflightRefused extends Error {
  override readonly name = 'PreflightRefused';
  constructor(readonly reasons: readonly string[]) {
    super(reasons.join('\n'));
  }
}

/**
 * What both engines check before anything is registered or written, and the objects to deploy: what the config relaxes
 * is permitted by a Relaxation in force for this very plan; the level does not fall; a workspace that rises has guards
 * that deny and no pod that violates them; and what an engine would overlook is named.
 * Throws RelaxationRefused, PreflightRefused, NotOwned, ClusterUnreachable.
 */
export async function preflight(
  cluster: Cluster,
  target: PreflightTarget,
  options: PreflightOptions,
): Promise<Preflight> {
  try {
    return await check(cluster, target, options);
  } catch (error) {
    if (error instanceof LevelBelowReached) throw new PreflightRefused([error.message]);
    if (!(error instanceof ClusterUnreachable) || options.unreachable !== 'warn') throw error;
    const warning = `${error.message} Rendered without asking the cluster: relaxations, guards and foreign changes were not checked.`;
    return { facts: {}, objects: target.render({}), warnings: [warning] };
  }
}

async function check(
  cluster: Cluster,
  { stack, workspace, render }: PreflightTarget,
  { extras, drift = 'allow', now = new Date() }: PreflightOptions,
): Promise<Preflight> {
  const facts = workspace ? await readLiveFacts(cluster, workspace, { now, ...hashOf(workspace, render) }) : {};
  const objects = render(facts);
  const reasons: string[] = [];
  if (extras === 'refuse' || drift === 'refuse') {
    const { objects: hint } = await readInventory(cluster, stack);
    const { live, extra } = await readStack(cluster, stack, objects, { hint });
    const foreign = extra.filter((object) => !isKept(object)).map(keyOf);
    if (extras === 'refuse' && foreign.length > 0) {
      reasons.push(
        `live objects of stack "${stack}" that are not in its plan: ${foreign.join(', ')}. Run: enforce apply --stack ${stack}, which prunes them.`,
      );
    }
    const overlooked =
      drift === 'refuse' ? objects.flatMap((object) => invisible(object, live.get(keyOf(object)))) : [];
    if (overlooked.length > 0) {
      reasons.push(
        `live objects of stack "${stack}" hold more than was rendered, which Pulumi does not see: ${overlooked.join(', ')}. Run: enforce apply --stack ${stack}, which repairs them.`,
      );
    }
  }
  if (workspace && rises(workspace.level, facts.reachedLevel)) reasons.push(...(await notReady(cluster, workspace)));
  if (reasons.length > 0) throw new PreflightRefused(reasons);
  return { facts, objects, warnings: [] };
}

const hashOf = (workspace: Workspace, render: PreflightTarget['render']): { planHash?: string } =>
  workspace.relaxing ? { planHash: planHash(render({ relaxation: placeholder(workspace) })) } : {};

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

/** Places where an exact object has something and we rendered nothing: what Pulumi trims before it compares. */
function invisible(desired: KubeObject, live: KubeObject | undefined): readonly string[] {
  if (live === undefined || !isExact(desired)) return [];
  return differences(desired, live)
    .filter(({ desired: wanted }) => wanted === undefined)
    .map(({ path }) => `${keyOf(desired)} ${path}`);
}
