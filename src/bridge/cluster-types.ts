import type { KubeObject } from '../model/kube-object.js';

/** An object as the API server returns it: with uid, resourceVersion and everything else it holds. */
export interface LiveObject extends KubeObject {
  readonly metadata: KubeObject['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly ManagedFields[];
  };
}

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly subresource?: string;
  readonly fieldsV1?: Readonly<Record<string, unknown>>;
}

/** An object by name; `namespace` for namespaced kinds only. */
export type ObjectRef = Pick<KubeObject, 'apiVersion' | 'kind'> & {
  readonly metadata: { readonly name: string; readonly namespace?: string };
};

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
  /** @default - every namespace */
  readonly namespace?: string;
}

/** What a write answered. */
export interface Written {
  readonly object: LiveObject;
  readonly created: boolean;
  /** The API server's warnings, among them those of admission guards in audit. */
  readonly warnings: readonly string[];
}

export interface WriteOptions {
  /** @default FIELD_MANAGER, that of both engines */
  readonly fieldManager?: string;
  /** Admission and validation run, nothing is stored. @default false */
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface DeleteOptions extends WriteOptions {
  /** Refused (409) when the object of that name is another by now. */
  readonly uid?: string;
  /** @default Background */
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan';
}

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK';
  readonly object: LiveObject;
}

export interface ListOptions {
  readonly labels?: string;
  readonly fields?: string;
  readonly signal?: AbortSignal;
}
