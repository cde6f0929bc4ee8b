import { serviceAccountUser } from '../../model/identity.js';
import { deployersOf, GROUPS } from '../../model/names.js';
import type { Assumption } from './claim.js';
import type { Subject } from './write-access-rbac.js';

/** Somebody for whom a right is meant, as far as these guards narrow what can be done with it. */
export interface Principal {
  readonly subject: Subject;
  /** Full names of guards; while one of them is not in force the right is worth more than it is meant to be. */
  readonly within: readonly string[];
}

/** Somebody whom the cluster's owner trusts beside the named principals: a CNI's operator, a storage provisioner. */
export interface Trusted {
  /** A group, a user, or `system:serviceaccount:<namespace>:<name>`. */
  readonly name: string;
  readonly why: string;
}

export const group = (name: string, ...within: readonly string[]): Principal => ({
  subject: { kind: 'Group', name },
  within,
});

export const serviceAccount = (namespace: string, name: string, ...within: readonly string[]): Principal => ({
  subject: { kind: 'User', name: serviceAccountUser(namespace, name) },
  within,
});

/**
 * Principals of everything: the platform's deployers may give themselves any right (they render RBAC and the guards), and
 * break-glass may switch any guard off, which is what it is for.
 */
const OF_EVERYTHING: ReadonlySet<string> = new Set([GROUPS.platformDeployers, GROUPS.breakGlass]);

export const isOfEverything = ({ kind, name }: Subject): boolean => kind === 'Group' && OF_EVERYTHING.has(name);

/** The deployers of these workspaces. */
export const deployers = (ids: readonly string[], ...within: readonly string[]): readonly Principal[] =>
  ids.map((id) => group(deployersOf(id), ...within));

/** kube-controller-manager's accounts, each for its one loop (Kubernetes 1.36, bootstrap policy of RBAC). */
const CONTROLLERS: readonly string[] = [
  ...['attachdetach', 'certificate', 'clusterrole-aggregation', 'cronjob', 'daemon-set', 'deployment'],
  ...['device-taint-eviction', 'disruption', 'endpoint', 'endpointslice', 'endpointslicemirroring'],
  ...['ephemeral-volume', 'expand', 'job', 'namespace', 'node', 'pv-protection', 'pvc-protection', 'replicaset'],
  ...['replication', 'resource-claim', 'resourcequota', 'route', 'selinux-warning', 'service-account'],
  ...['service-cidrs', 'service', 'statefulset', 'ttl-after-finished', 'ttl', 'validatingadmissionpolicy-status'],
  'volumeattributesclass-protection',
].map((name) => `${name}-controller`);
const OTHER_ACCOUNTS = [
  ...['generic-garbage-collector', 'horizontal-pod-autoscaler', 'legacy-service-account-token-cleaner'],
  ...['persistent-volume-binder', 'pod-garbage-collector', 'root-ca-cert-publisher'],
  ...['bootstrap-signer', 'cloud-provider', 'token-cleaner'],
];

export const CONTROL_PLANE_USERS: ReadonlySet<string> = new Set([
  ...['system:apiserver', 'system:kube-controller-manager', 'system:kube-scheduler'],
  ...[...CONTROLLERS, ...OTHER_ACCOUNTS].map((name) => serviceAccountUser('kube-system', name)),
]);
/** `system:masters` passes every check by; nodes are held by their own authorizer and by NodeRestriction. */
export const CONTROL_PLANE_GROUPS: ReadonlySet<string> = new Set(['system:masters', 'system:nodes']);

/** Whether the subject is the control plane itself, whose rights no claim can do without. */
export const isControlPlane = ({ kind, name }: Subject): boolean =>
  (kind === 'Group' ? CONTROL_PLANE_GROUPS : CONTROL_PLANE_USERS).has(name);

export const CONTROL_PLANE_ASSUMPTION: Assumption = {
  assumed:
    'the control plane itself is trusted: system:masters, system:apiserver, the scheduler, kube-controller-manager with its accounts in kube-system, and nodes (Node authorizer, NodeRestriction)',
  checkedBy: 'whoever runs the cluster: who holds its signing keys, its static files and its etcd',
};

export const OF_EVERYTHING_ASSUMPTION: Assumption = {
  assumed: `members of ${[...OF_EVERYTHING].join(' and ')} do not turn against the platform: they may change all of it`,
  checkedBy: 'the API server’s audit log, and alarms on what break-glass does',
};

export const trustedAssumption = ({ name, why }: Trusted): Assumption => ({
  assumed: `${name} is trusted: ${why}`,
  checkedBy: 'the owner of the cluster, who named it',
});
