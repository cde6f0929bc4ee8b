import type { KubeObject } from '../../../src/prove/kube-object.js';
import { object } from '../objects.js';

/** RBAC as the API returns it, in one line each. */
const API = 'rbac.authorization.k8s.io/v1';

export interface RbacSubject {
  readonly kind: string;
  readonly name: string;
  readonly namespace?: string;
}

export const user = (name: string): RbacSubject => ({ kind: 'User', name });
export const group = (name: string): RbacSubject => ({ kind: 'Group', name });
export const serviceAccount = (namespace: string, name: string): RbacSubject => ({
  kind: 'ServiceAccount',
  name,
  namespace,
});

export const rule = (apiGroup: string, resources: readonly string[], verbs: readonly string[]) => ({
  apiGroups: [apiGroup],
  resources,
  verbs,
});

export const clusterRole = (name: string, rules: readonly object[], labels: Record<string, string> = {}): KubeObject =>
  object(API, 'ClusterRole', { metadata: { name, labels }, rules });

export const role = (name: string, namespace: string, rules: readonly object[]): KubeObject =>
  object(API, 'Role', { metadata: { name, namespace }, rules });

export const bindAll = (name: string, to: string, ...subjects: readonly RbacSubject[]): KubeObject =>
  object(API, 'ClusterRoleBinding', { metadata: { name }, roleRef: { kind: 'ClusterRole', name: to }, subjects });

export const bindIn = (
  name: string,
  namespace: string,
  kind: 'Role' | 'ClusterRole',
  to: string,
  ...subjects: readonly RbacSubject[]
): KubeObject => object(API, 'RoleBinding', { metadata: { name, namespace }, roleRef: { kind, name: to }, subjects });
