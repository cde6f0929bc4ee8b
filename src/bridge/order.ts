import { keyOf, type KubeObject } from '../model/kube-object.js';
import { API_GROUP, LABELS } from '../model/names.js';
import { SPIRE_GROUP } from '../model/spire.js';

/**
 * The order in which a stack's objects come into being. Whatever guards comes before what it guards; what allows comes
 * before the baseline that denies, so that the first apply cuts nothing off; workloads come last, into a closed world. Daemons come after the servers
 * that they ask; registrations after those who act on them, and on deletion before.
 */
export const PHASES = [
  'definitions',
  'namespaces',
  'accounts',
  'roles',
  'role bindings',
  'policy',
  'guards',
  'guard bindings',
  'services and config',
  'allow',
  'baseline',
  'admin tier',
  'workloads',
  'daemons',
  'registrations',
] as const;
export type Phase = (typeof PHASES)[number];

const BY_KIND: Readonly<Record<string, Phase>> = {
  'apiextensions.k8s.io/CustomResourceDefinition': 'definitions',
  '/Namespace': 'namespaces',
  '/ServiceAccount': 'accounts',
  'rbac.authorization.k8s.io/Role': 'roles',
  'rbac.authorization.k8s.io/ClusterRole': 'roles',
  'rbac.authorization.k8s.io/RoleBinding': 'role bindings',
  'rbac.authorization.k8s.io/ClusterRoleBinding': 'role bindings',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicy': 'guards',
  'admissionregistration.k8s.io/MutatingAdmissionPolicy': 'guards',
  'admissionregistration.k8s.io/ValidatingAdmissionPolicyBinding': 'guard bindings',
  'admissionregistration.k8s.io/MutatingAdmissionPolicyBinding': 'guard bindings',
  'networking.k8s.io/NetworkPolicy': 'allow',
  'cilium.io/CiliumNetworkPolicy': 'allow',
  'cilium.io/CiliumClusterwideNetworkPolicy': 'allow',
  'policy.networking.k8s.io/ClusterNetworkPolicy': 'admin tier',
  'policy.networking.k8s.io/AdminNetworkPolicy': 'admin tier',
  'policy.networking.k8s.io/BaselineAdminNetworkPolicy': 'admin tier',
  'apps/Deployment': 'workloads',
  'apps/StatefulSet': 'workloads',
  'apps/DaemonSet': 'daemons',
  'apps/ReplicaSet': 'workloads',
  'batch/Job': 'workloads',
  'batch/CronJob': 'workloads',
  '/Pod': 'workloads',
};

/** What starts last, into a closed world. */
export const STARTED_LAST: readonly Phase[] = ['workloads', 'daemons', 'registrations'];

/** Whether pods are made from objects of this phase. */
export const runsPods = (phase: Phase): boolean => phase === 'workloads' || phase === 'daemons';

/** `networking.k8s.io/NetworkPolicy`; `/Namespace` in the core group. */
export const groupKind = ({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): string =>
  `${apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''}/${kind}`;

/** Objects of kinds not listed come with services and config. */
export function phaseOf(object: KubeObject): Phase {
  if (object.apiVersion.startsWith(`${API_GROUP}/`)) return 'policy';
  if (object.apiVersion.startsWith(`${SPIRE_GROUP}/`)) return 'registrations';
  const phase = BY_KIND[groupKind(object)] ?? 'services and config';
  return phase === 'allow' && object.metadata.labels?.[LABELS.keep] === 'baseline' ? 'baseline' : phase;
}

/** Two objects of one kind, namespace and name: the API server would keep the one that happens to come last. */
export class DuplicateObject extends Error {
  override readonly name = 'DuplicateObject';
  constructor(readonly keys: readonly string[]) {
    super(`rendered more than once: ${keys.join(', ')}. Every object of a stack has a name of its own.`);
  }
}

/** The order of creation: by phase, then by key, whatever the order given. Throws DuplicateObject. */
export function inOrder(objects: readonly KubeObject[]): readonly KubeObject[] {
  const keyed = objects.map((object) => ({ object, key: keyOf(object), phase: PHASES.indexOf(phaseOf(object)) }));
  const seen = new Set<string>();
  const repeated = new Set(keyed.map(({ key }) => key).filter((key) => seen.size === seen.add(key).size));
  if (repeated.size > 0) throw new DuplicateObject([...repeated].sort());
  return keyed.sort((a, b) => a.phase - b.phase || (a.key < b.key ? -1 : 1)).map(({ object }) => object);
}

/** Whether the object opens something for a control that is in shadow or relaxed. */
export const opens = (object: KubeObject): boolean => object.metadata.labels?.[LABELS.opens] !== undefined;

/**
 * The order of deletion: the reverse, with what opens something last, so that a workload never meets a world that is
 * already half closed. Throws DuplicateObject.
 */
export function inDeletionOrder(objects: readonly KubeObject[]): readonly KubeObject[] {
  const reversed = [...inOrder(objects)].reverse();
  return [...reversed.filter((object) => !opens(object)), ...reversed.filter(opens)];
}
