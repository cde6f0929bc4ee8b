import type { Stack } from '../config/load.js';
import { CONTROLS, modesAt, relax, type Control, type Level, type Mode } from '../model/levels.js';
import { COMPONENTS } from '../model/edges.js';
import { AGENT_ROLE, ANNOTATIONS, API_VERSION, LABELS, NAMESPACES } from '../model/names.js';
import { tryRefusal } from '../model/relaxation.js';
import { acknowledgements, tryUnacknowledged, type Acknowledgement } from './acknowledgements.js';
import type { Cluster, LiveObject } from './cluster.js';
import { patchStates, type PatchState } from './patch-states.js';
import { planLive, type LivePlan } from './plan-live.js';
import { listRelaxations } from './relaxations.js';

/** As far as live objects and pods say. */
export type ControlVerdict = 'enforced' | 'shadow' | 'relaxed' | 'inconclusive' | 'not deployed';

export interface ControlStatus {
  readonly mode: Mode;
  readonly verdict: ControlVerdict;
  readonly note: string;
}

export interface WorkspaceStatus {
  readonly stack: string;
  readonly workspaceId: string;
  /** As the config says. */
  readonly level: Level;
  /** As the cluster says; absent when nothing is deployed. */
  readonly reached?: Level;
  readonly controls: Readonly<Record<Control, ControlStatus>>;
  /** What each replica of the front says of the policy that is live. */
  readonly replicas: readonly Acknowledgement[];
  readonly relaxations: readonly {
    readonly name: string;
    readonly controls: readonly Control[];
    readonly state: string;
    /** ISO 8601. */
    readonly expiresAt: string;
    readonly overdue: boolean;
  }[];
  /** Keys of live objects that are not as rendered, are missing, or are the stack's and not rendered. */
  readonly differing: readonly string[];
  /** Why the next update would be refused. */
  readonly refusals: readonly string[];
}

/** What is in force for one workspace, by the live cluster. */
export async function statusOf(
  cluster: Cluster,
  config: Extract<Stack, { kind: 'workspace' }>,
): Promise<WorkspaceStatus> {
  const { platform, workspace } = config;
  const plan = await planLive(cluster, workspace.stack, config);
  const labels = `${LABELS.role}=${AGENT_ROLE},${LABELS.workspace}=${workspace.id}`;
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace: workspace.namespace }, { labels });
  const patches = await patchStates(cluster, platform);
  const now = new Date();
  const replicas = await acknowledged(cluster, workspace.id, now);
  const relaxations = (await listRelaxations(cluster, workspace.id)).filter(({ state }) => state !== 'ended');
  const relaxed = workspace.relaxing?.controls ?? [];
  const modes = relax(plan.reached ?? workspace.level, relaxed);
  const status = (control: Control): ControlStatus => ({
    mode: modes[control],
    ...verdictOf(
      control,
      modes[control],
      relaxed.includes(control),
      plan,
      pods,
      patches,
      replicas,
      modesAt(plan.reached ?? workspace.level)[control],
    ),
  });
  return {
    stack: workspace.stack,
    workspaceId: workspace.id,
    level: workspace.level,
    ...(plan.reached && { reached: plan.reached }),
    controls: Object.fromEntries(CONTROLS.map((control) => [control, status(control)])) as Record<
      Control,
      ControlStatus
    >,
    replicas,
    relaxations: relaxations.map((relaxation) => ({
      name: relaxation.name,
      controls: relaxation.controls,
      state: relaxation.state,
      expiresAt: relaxation.expiresAt.toISOString(),
      overdue: relaxation.state === 'approved' && tryRefusal(relaxation, now) !== undefined,
    })),
    differing: plan.changes
      .filter(({ action }) => action !== 'unchanged')
      .map(({ key, action }) => `${key} (${action})`),
    refusals: plan.refusals,
  };
}

/** Where one sees what would be refused. */
const SHADOW: Readonly<Record<Control, string>> = {
  authz: 'what would be refused is in the front’s decision records',
  mtls: 'who still comes without an SVID is in the front’s decision records',
  allowlist: 'what would be refused is in the front’s decision records',
  egress: 'what would be denied is in the network layer’s own records, if it keeps any',
};

function verdictOf(
  control: Control,
  mode: Mode,
  relaxed: boolean,
  plan: LivePlan,
  pods: readonly LiveObject[],
  patches: readonly PatchState[],
  replicas: readonly Acknowledgement[],
  preset: Mode,
): Omit<ControlStatus, 'mode'> {
  if (plan.reached === undefined) return { verdict: 'not deployed', note: '' };
  const opening = plan.changes.filter(({ opens }) => opens === control);
  if (mode === 'shadow') {
    return relaxed && preset === 'enforce'
      ? { verdict: 'relaxed', note: `by ${plan.facts.relaxation?.name ?? 'no Relaxation in force'}` }
      : { verdict: 'shadow', note: SHADOW[control] };
  }
  const stillOpen = opening.filter(({ action }) => action === 'delete' || action === 'keep');
  if (stillOpen.length > 0) {
    return { verdict: 'inconclusive', note: `${stillOpen.length} objects still open it: ${stillOpen[0]?.key ?? ''}` };
  }
  const older = control === 'egress' ? olderThanTheClose(plan, pods) : [];
  if (older.length > 0) {
    return {
      verdict: 'inconclusive',
      note: `${older.length} of ${pods.length} agent pods are older than the close, and established flows may survive: ${older[0] ?? ''}`,
    };
  }
  const bare = control === 'mtls' ? patches.find(({ state }) => state !== 'in place') : undefined;
  if (bare) return { verdict: 'inconclusive', note: `the sidecars of ${bare.key} are ${bare.state}` };
  if (plan.changes.some(({ action }) => action !== 'unchanged')) {
    return { verdict: 'inconclusive', note: 'live objects are not as rendered' };
  }
  // The network layer alone holds egress.
  const unacknowledged = control === 'egress' ? undefined : tryUnacknowledged(replicas);
  return unacknowledged !== undefined
    ? { verdict: 'inconclusive', note: unacknowledged }
    : { verdict: 'enforced', note: 'live objects are exactly as rendered' };
}

/** What the front's pods that have not ended say of the workspace's live policy. */
async function acknowledged(cluster: Cluster, id: string, now: Date): Promise<readonly Acknowledgement[]> {
  const { namespace, labels } = COMPONENTS.apiServer;
  const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  const policy = await cluster.tryGet({
    apiVersion: API_VERSION,
    kind: 'WorkspacePolicy',
    metadata: { name: id, namespace: NAMESPACES.policy },
  });
  const pods = await cluster.list({ apiVersion: 'v1', kind: 'Pod', namespace }, { labels: selector.join(',') });
  const running = pods.filter(
    ({ status }) => !['Succeeded', 'Failed'].includes((status as { readonly phase?: string } | undefined)?.phase ?? ''),
  );
  return acknowledgements(policy, running, now);
}

/** Agent pods without the mark that the current Deployments put on theirs (bypass B23). */
function olderThanTheClose(plan: LivePlan, pods: readonly LiveObject[]): readonly string[] {
  const marks = new Set(
    plan.objects
      .filter(({ kind }) => kind === 'Deployment')
      .map((object) => {
        const { spec } = object as unknown as {
          spec: { template: { metadata: { annotations?: Record<string, string> } } };
        };
        return spec.template.metadata.annotations?.[ANNOTATIONS.egress];
      })
      .filter((mark) => mark !== undefined),
  );
  return pods
    .filter(({ metadata }) => !marks.has(metadata.annotations?.[ANNOTATIONS.egress] ?? ''))
    .map(({ metadata }) => metadata.name);
}
