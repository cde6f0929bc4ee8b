import type { Principal } from './write-access-principals.js';

/** Requests that write a resource, as RBAC knows them. */
export interface Access {
  readonly group: string;
  /** With their subresource: `pods/exec`. */
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** Only objects with these names are meant. @default every name */
  readonly names?: readonly string[];
}

/** Something that P to D rest on, and who may change it. */
export interface Protected {
  /** As it stands in a sentence: `network policies among agents`. */
  readonly name: string;
  /** What a stranger could do with it; ends the sentence “with it one …”. */
  readonly worth: string;
  readonly access: readonly Access[];
  /** `cluster`: it has no namespace. */
  readonly namespaces: readonly string[] | 'cluster';
  /** Beside those of everything. */
  readonly principals: readonly Principal[];
  /**
   * Full names of guards that together take it from everybody but the principals, whatever RBAC says; or that leave of
   * it only what the other claims are quantified over. Empty: RBAC alone holds it.
   */
  readonly heldBy: readonly string[];
}

export interface ProtectedFacts {
  readonly workspaces: readonly { readonly id: string; readonly namespace: string }[];
  /** As `platformNamespaces` gives them. */
  readonly platformNamespaces: readonly string[];
  /** Where service accounts stand that are trusted beside the control plane's. @default none */
  readonly trustedNamespaces?: readonly string[];
}

export const WRITE = ['create', 'update', 'patch', 'delete', 'deletecollection'];
/** What makes an object or changes it. */
export const CHANGE = ['create', 'update', 'patch'];
export const READ = ['get', 'list', 'watch'];
/** The verb of a connection is that of its HTTP method. */
export const CONNECT = ['get', 'create', 'update', 'patch', 'delete'];

export const on = (group: string, resources: readonly string[], verbs: readonly string[] = WRITE): Access => ({
  group,
  resources,
  verbs,
});

/** Whatever makes pods. */
export const WORKLOADS: readonly Access[] = [
  on('', ['pods', 'replicationcontrollers', 'podtemplates'], CHANGE),
  on('apps', ['deployments', 'replicasets', 'statefulsets', 'daemonsets', 'controllerrevisions'], CHANGE),
  on('batch', ['jobs', 'cronjobs'], CHANGE),
];
