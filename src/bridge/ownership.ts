import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { LABELS, NAMESPACES } from '../model/names.js';
import { isForbidden } from './api-error.js';
import type { Cluster, KindRef, LiveObject, ObjectRef } from './cluster.js';
import { isApplied } from './compare-managed.js';
import { groupKind } from './order.js';
import { Refused } from './refused.js';

/** Every kind that a stack may hold, so that what an older version rendered is found too; plus those rendered now. */
const KINDS: readonly (readonly [apiVersion: string, kind: string])[] = [
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition'],
  ['v1', 'Namespace'],
  ['v1', 'ServiceAccount'],
  ['v1', 'ConfigMap'],
  ['v1', 'Service'],
  ['rbac.authorization.k8s.io/v1', 'Role'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'],
  ['admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'],
  ['networking.k8s.io/v1', 'NetworkPolicy'],
  ['cilium.io/v2', 'CiliumNetworkPolicy'],
  ['cilium.io/v2', 'CiliumClusterwideNetworkPolicy'],
  ['policy.networking.k8s.io/v1alpha2', 'ClusterNetworkPolicy'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['storage.k8s.io/v1', 'CSIDriver'],
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'Job'],
  ['spire.spiffe.io/v1alpha1', 'ClusterSPIFFEID'],
  ['spire.spiffe.io/v1alpha1', 'ClusterStaticEntry'],
  ['monitoring.coreos.com/v1', 'PodMonitor'],
  ['enforcement.portarium.io/v1alpha1', 'WorkspacePolicy'],
  ['enforcement.portarium.io/v1alpha1', 'Onboarding'],
];

/** What is live of a stack. */
export interface StackState {
  /** Live counterparts of the rendered objects, by key. */
  readonly live: ReadonlyMap<string, LiveObject>;
  /** Live objects with the stack's label that are not rendered. */
  readonly extra: readonly LiveObject[];
  /** Live workloads of others that carry a patch of the stack that is not rendered. */
  readonly unpatch: readonly LiveObject[];
}

/** Rendered objects exist already and belong to another stack, or to nobody; nothing has been written. Exit code 5. */
export class NotOwned extends Refused {
  override readonly name = 'NotOwned';
  constructor(
    readonly ofStack: string,
    readonly objects: readonly {
      readonly key: string;
      readonly owner: string | undefined;
      readonly handOver: string;
    }[],
  ) {
    const one = objects.map(
      ({ key, owner, handOver }) =>
        `  ${key} belongs to ${owner === undefined ? 'no stack' : `stack "${owner}"`}; hand it over with: ${handOver}`,
    );
    super(
      `stack "${ofStack}" would change objects that are not its own. Nothing was changed. Rename them in the other stack, or hand each over if it is meant to be this stack’s:\n${one.join('\n')}`,
    );
  }
}

export interface ReadOptions {
  /** Objects that the stack may have, from its inventory. @default none */
  readonly hint?: readonly ObjectRef[];
  readonly signal?: AbortSignal;
}

/** Reads what is live of a stack; throws NotOwned when a rendered object exists and is not the stack's to write. */
export async function readStack(
  cluster: Cluster,
  stack: string,
  objects: readonly KubeObject[],
  options: ReadOptions = {},
): Promise<StackState> {
  const state = await findStack(cluster, stack, objects, options);
  const foreign = objects.flatMap((object) => tryForeign(object, state.live.get(keyOf(object)), stack) ?? []);
  if (foreign.length > 0) throw new NotOwned(stack, foreign);
  return state;
}

/** Reads what is live of a stack, whoever owns it by now. */
export async function findStack(
  cluster: Cluster,
  stack: string,
  objects: readonly KubeObject[],
  { hint = [], signal }: ReadOptions = {},
): Promise<StackState> {
  const known = [...objects, ...hint];
  const [owned, patched] = await Promise.all([
    listLabelled(cluster, `${LABELS.stack}=${stack}`, kindsOf(known), known, signal),
    listLabelled(cluster, `${LABELS.patchedBy}=${stack}`, [PATCHED], known, signal),
  ]);
  const live = new Map<string, LiveObject>();
  await Promise.all(
    objects.map(async (object) => {
      const key = keyOf(object);
      const found = owned.get(key) ?? (await cluster.tryGet(object, signal ? { signal } : {}));
      if (found) live.set(key, found);
    }),
  );
  const rendered = new Set(objects.map(keyOf));
  const others = (found: ReadonlyMap<string, LiveObject>): readonly LiveObject[] =>
    [...found].filter(([key]) => !rendered.has(key)).map(([, object]) => object);
  return { live, extra: others(owned), unpatch: others(patched).filter(isOnlyPatched) };
}

/** The label alone proves nothing: anyone may set it, and there may be nothing to release. */
const isOnlyPatched = (object: LiveObject): boolean => ownerOf(object) === undefined && isApplied(object);

/** Whose a live object is, where it is not for the stack to write what is rendered. */
function tryForeign(
  rendered: KubeObject,
  live: LiveObject | undefined,
  stack: string,
): NotOwned['objects'][number] | undefined {
  if (live === undefined) return undefined;
  const key = keyOf(live);
  if (!isPatch(rendered)) {
    const owner = ownerOf(live);
    return owner === stack ? undefined : { key, owner, handOver: label(live, `${LABELS.stack}=${stack}`) };
  }
  if (mayPatch(live, stack)) return undefined;
  const owner = ownerOf(live) ?? patcherOf(live);
  const marked = ownerOf(live) === undefined ? LABELS.patchedBy : LABELS.stack;
  return { key, owner, handOver: label(live, `${marked}-`) };
}

export const ownerOf = (object: KubeObject): string | undefined => object.metadata.labels?.[LABELS.stack];

/** The stack that owns some of the object's fields. */
export const patcherOf = (object: KubeObject): string | undefined => object.metadata.labels?.[LABELS.patchedBy];

/**
 * Whether a stack may apply a patch to a live object. Not where a stack applies it whole, even the same one: both
 * engines have one field manager, so to apply a part would take the rest away.
 */
export const mayPatch = (live: KubeObject, stack: string | undefined): boolean =>
  ownerOf(live) === undefined && [undefined, stack].includes(patcherOf(live));

/** The kind that patches are of. */
const PATCHED: KindRef = { apiVersion: 'apps/v1', kind: 'Deployment' };

/** Kinds that are never deleted, whatever became of their labels. */
const KEPT_KINDS: ReadonlySet<string> = new Set([
  '/Namespace',
  'apiextensions.k8s.io/CustomResourceDefinition',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding',
  'enforcement.portarium.io/WorkspacePolicy',
  'enforcement.portarium.io/Onboarding',
]);

/** Whether no engine may ever delete the object. What opens something is never kept, whatever it claims. */
export const isKept = (object: KubeObject): boolean =>
  object.metadata.labels?.[LABELS.opens] === undefined &&
  (object.metadata.labels?.[LABELS.keep] !== undefined || KEPT_KINDS.has(groupKind(object)));

/**
 * By key, all live objects of some kinds with a label. Who may not list cluster-wide is asked namespace by namespace, the
 * front's among them, where a workspace's stack opens something; only what is known to be there must be readable.
 */
async function listLabelled(
  cluster: Cluster,
  labels: string,
  kinds: readonly KindRef[],
  known: readonly ObjectRef[],
  signal: AbortSignal | undefined,
): Promise<ReadonlyMap<string, LiveObject>> {
  const options = { labels, ...(signal && { signal }) };
  const places = [NAMESPACES.controlPlane, ...known.map(({ metadata }) => metadata.namespace)];
  const namespaces = [...new Set(places.filter((name) => name !== undefined))];
  const isKnown = ({ apiVersion, kind, namespace }: KindRef): boolean =>
    known.some((ref) => groupKind(ref) === groupKind({ apiVersion, kind }) && ref.metadata.namespace === namespace);
  const orNothing = async (ref: KindRef): Promise<readonly LiveObject[]> => {
    try {
      return await cluster.list(ref, options);
    } catch (error) {
      if (isForbidden(error) && !isKnown(ref)) return [];
      throw error;
    }
  };
  const lists = await Promise.all(
    kinds.map(async (kind) => {
      try {
        return await cluster.list(kind, options);
      } catch (error) {
        if (!isForbidden(error)) throw error;
        const resource = await cluster.tryResource(kind.apiVersion, kind.kind);
        if (!resource?.namespaced) return orNothing(kind);
        return (await Promise.all(namespaces.map((namespace) => orNothing({ ...kind, namespace })))).flat();
      }
    }),
  );
  return new Map(lists.flat().map((object) => [keyOf(object), object]));
}

/** The fixed kinds and those of `known`, each once, in the version that is known. */
function kindsOf(known: readonly ObjectRef[]): readonly KindRef[] {
  const fixed = KINDS.map(([apiVersion, kind]) => ({ apiVersion, kind }));
  const kinds = [...fixed, ...known.map(({ apiVersion, kind }) => ({ apiVersion, kind }))];
  return [...new Map(kinds.map((kind) => [groupKind(kind), kind])).values()];
}

/** The command that sets a label, or takes it away. */
function label(object: LiveObject, change: string): string {
  const { name, namespace } = object.metadata;
  const [group = ''] = groupKind(object).split('/');
  const kind = group === '' ? object.kind.toLowerCase() : `${object.kind.toLowerCase()}.${group}`;
  return `kubectl label${namespace === undefined ? '' : ` -n ${namespace}`} ${kind} ${name} --overwrite ${change}`;
}
