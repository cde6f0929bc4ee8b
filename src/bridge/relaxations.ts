import { relaxationLabels } from '../constructs/admission/relaxation-labels.js';
import type { Control } from '../model/levels.js';
import type { KubeObject } from '../model/kube-object.js';
import { API_VERSION, LABELS, NAMESPACES } from '../model/names.js';
import { relaxationOf, type LiveRelaxation } from '../model/relaxation-object.js';
import { DEFAULT_MINUTES, type RelaxationState } from '../model/relaxation.js';
import { isConflict } from './api-error.js';
import type { Cluster, ObjectRef } from './cluster.js';
import { createStamped } from './stamped-name.js';

/** What is asked for; the requester is who the API server says the caller is. */
export interface RelaxationRequest {
  readonly workspaceId: string;
  readonly controls: readonly Control[];
  /** `planHash` of the stack as it would be rendered. */
  readonly planHash: string;
  readonly reason: string;
  readonly ticket: string;
  /** From now; admission allows 240 at most. @default 60 */
  readonly minutes?: number;
}

interface Spec {
  readonly workspaceId: string;
  readonly controls: readonly Control[];
  readonly planHash: string;
  readonly reason: string;
  readonly ticket: string;
  readonly requestedBy: string;
  readonly expiresAt: string;
  readonly state: RelaxationState;
  readonly approvedBy?: string;
  readonly endedBy?: string;
  readonly endedAt?: string;
}

const KIND = { apiVersion: API_VERSION, kind: 'Relaxation', namespace: NAMESPACES.policy } as const;

const refOf = (name: string): ObjectRef => ({
  apiVersion: KIND.apiVersion,
  kind: KIND.kind,
  metadata: { name, namespace: KIND.namespace },
});

/** Asks for a Relaxation in the caller's own name: `<workspace>-<yyyymmdd>t<hhmmss>z`. */
export async function requestRelaxation(
  cluster: Cluster,
  { minutes = DEFAULT_MINUTES, ...request }: RelaxationRequest,
): Promise<LiveRelaxation> {
  const { username } = await cluster.whoAmI();
  const state = 'requested';
  const object = await createStamped(cluster, request.workspaceId, (name) => {
    const spec: Spec = {
      ...request,
      requestedBy: username,
      // Whole seconds, rounded down: admission measures from creationTimestamp, which has no fractions.
      expiresAt: new Date((Math.floor(Date.now() / 1000) + minutes * 60) * 1000).toISOString(),
      state,
    };
    const ref = refOf(name);
    return { ...ref, metadata: { ...ref.metadata, labels: relaxationLabels({ ...request, state }) }, spec };
  });
  return relaxationOf(object);
}

/** Approves in the caller's own name. Admission refuses the requester, pipelines and who is no approver. */
export const approveRelaxation = (cluster: Cluster, name: string): Promise<LiveRelaxation> =>
  change(cluster, name, 'approved', async () => ({ approvedBy: (await cluster.whoAmI()).username }));

/** Ends it in the caller's own name; anyone who may write Relaxations may. One that has ended stays as it is. */
export const endRelaxation = (cluster: Cluster, name: string): Promise<LiveRelaxation> =>
  change(cluster, name, 'ended', async () => ({
    endedBy: (await cluster.whoAmI()).username,
    endedAt: new Date().toISOString(),
  }));

/** Newest first. @param workspaceId of one workspace; absent: of all */
export async function listRelaxations(cluster: Cluster, workspaceId?: string): Promise<readonly LiveRelaxation[]> {
  const labels = workspaceId === undefined ? {} : { labels: `${LABELS.workspace}=${workspaceId}` };
  const found = (await cluster.list(KIND, labels)).map(relaxationOf);
  return found
    .filter((relaxation) => workspaceId === undefined || relaxation.workspaceId === workspaceId)
    .sort((a, b) => b.createdAt.getTime() - a.createdAt.getTime() || (a.name < b.name ? 1 : -1));
}

/** Undefined when there is none of that name. */
export async function tryRelaxation(cluster: Cluster, name: string): Promise<LiveRelaxation | undefined> {
  const live = await cluster.tryGet(refOf(name));
  return live && relaxationOf(live);
}

/** Throws ApiError (404) when there is none of that name. */
export const readRelaxation = async (cluster: Cluster, name: string): Promise<LiveRelaxation> =>
  relaxationOf(await cluster.get(refOf(name)));

/** Replaces with the version that was read, so that of two who change it at a time one is refused and reads again. */
async function change(
  cluster: Cluster,
  name: string,
  state: RelaxationState,
  also: () => Promise<Partial<Spec>>,
): Promise<LiveRelaxation> {
  const more = await also();
  for (let tries = 0; ; tries += 1) {
    const live = await cluster.get(refOf(name));
    const spec = live['spec'] as Spec;
    if (spec.state === state) return relaxationOf(live);
    const labels = { ...live.metadata.labels, ...relaxationLabels({ ...spec, state }) };
    const changed: KubeObject = { ...live, metadata: { ...live.metadata, labels }, spec: { ...spec, ...more, state } };
    try {
      return relaxationOf((await cluster.replace(changed)).object);
    } catch (error) {
      if (!isConflict(error) || tries >= 5) throw error;
    }
  }
}
