import type { KubeObject } from '../../../../src/model/kube-object.js';
import type { Call } from '../api.js';

export interface Attempt extends Call {
  /** One of the lab's users. @default mallory */
  readonly by?: string;
}

/** A request that one guard refuses, and its nearest neighbour that is let through. */
export interface Case {
  /** Name of the policy after `portarium-guard-`. */
  readonly guard: string;
  /** Index of the validation. */
  readonly refusal: number;
  readonly what: string;
  /** Part of the message, where it is not the fixed one. */
  readonly says?: string;
  readonly refused: Attempt;
  readonly permitted: Attempt;
}

const RESOURCES: Readonly<Record<string, string>> = {
  Pod: 'api/v1 pods',
  Service: 'api/v1 services',
  Endpoints: 'api/v1 endpoints',
  Secret: 'api/v1 secrets',
  ConfigMap: 'api/v1 configmaps',
  EndpointSlice: 'apis/discovery.k8s.io/v1 endpointslices',
  Deployment: 'apis/apps/v1 deployments',
  StatefulSet: 'apis/apps/v1 statefulsets',
  ReplicaSet: 'apis/apps/v1 replicasets',
  DaemonSet: 'apis/apps/v1 daemonsets',
  Job: 'apis/batch/v1 jobs',
  CronJob: 'apis/batch/v1 cronjobs',
  PersistentVolumeClaim: 'api/v1 persistentvolumeclaims',
  RoleBinding: 'apis/rbac.authorization.k8s.io/v1 rolebindings',
};

/** The path of a namespaced kind. */
export function pathOf(kind: string, namespace: string, name?: string): string {
  const [group, resource] = RESOURCES[kind]!.split(' ');
  return `/${group}/namespaces/${namespace}/${resource}${name === undefined ? '' : `/${name}`}`;
}

/** Creates an object without storing it. */
export const create = (body: KubeObject, by?: string): Attempt => ({
  method: 'POST',
  path: `${pathOf(body.kind, body.metadata.namespace!)}?dryRun=All`,
  body,
  ...(by !== undefined && { by }),
});

/** Patches an object without storing it. */
export const patch = (path: string, body: object, by?: string): Attempt => ({
  method: 'PATCH',
  path: `${path}?dryRun=All`,
  body,
  ...(by !== undefined && { by }),
});
