import { ApiObject, type ApiObjectMetadata } from 'cdk8s';
import type { Construct } from 'constructs';
import { LABELS } from '../model/names.js';

/** What an engine must never prune, replace or destroy (design: engines). */
export type Keep = 'baseline' | 'guard' | 'namespace' | 'definition' | 'policy' | 'csi-driver';

export interface ObjectProps {
  readonly apiVersion: string;
  readonly kind: string;
  /** Explicit: the names cdk8s derives from the path turn a refactor into a delete. */
  readonly name: string;
  /** @default - the object is cluster-scoped */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** @default - the engine may prune it */
  readonly keep?: Keep;
  /** Everything beside apiVersion, kind and metadata. */
  readonly content: Readonly<Record<string, unknown>>;
}

/** One Kubernetes object with an explicit name; the chart adds the stack's label. */
export function object(scope: Construct, id: string, props: ObjectProps): ApiObject {
  const metadata: ApiObjectMetadata = {
    name: props.name,
    ...(props.namespace === undefined ? {} : { namespace: props.namespace }),
    labels: { ...props.labels, ...(props.keep && { [LABELS.keep]: props.keep }) },
    ...(props.annotations && { annotations: { ...props.annotations } }),
  };
  return new ApiObject(scope, id, { apiVersion: props.apiVersion, kind: props.kind, metadata, ...props.content });
}
