import { LABELS } from './names.js';

/** A Kubernetes object as plain JSON: rendered, read from a file or from the API. */
export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
  readonly [field: string]: unknown;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

/** The object's identity within a cluster: `NetworkPolicy.networking.k8s.io portarium-agents/agent-deny-default`. */
export function keyOf({ apiVersion, kind, metadata }: KubeObject): string {
  const group = apiVersion.includes('/') ? `.${apiVersion.slice(0, apiVersion.indexOf('/'))}` : '';
  return `${kind}${group} ${metadata.namespace === undefined ? '' : `${metadata.namespace}/`}${metadata.name}`;
}

/**
 * Whether a rendered object is only part of one: fields that a stack applies to a workload of others, and takes away
 * again. Engines never create or delete it.
 */
export const isPatch = ({ metadata }: Pick<KubeObject, 'metadata'>): boolean =>
  metadata.labels?.[LABELS.patchedBy] !== undefined;
