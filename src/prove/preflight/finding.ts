import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';

/** Something about the cluster itself because of which a proof from its policies does not hold, or may not. */
export interface PreflightFinding {
  /** `refuted`: policies are not enforced as written. `inconclusive`: what was read does not settle whether they are. */
  readonly verdict: 'refuted' | 'inconclusive';
  /** Row of docs/threat-model.md. */
  readonly threat: 'B21' | 'B22' | 'B24' | 'B28' | 'S11';
  /** `ConfigMap kube-system/cilium-config`, `Node a`, or `cluster`. */
  readonly object: string;
  /** In the object; `""` where it is the object as a whole. */
  readonly field: string;
  readonly reason: string;
  readonly fix: string;
}

/** `Kind namespace/name`, as errors write it. */
export function nameOf({ kind, metadata }: KubeObject): string {
  const { namespace, name = '(no name)' } = metadata ?? {};
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** A DaemonSet that may be a network layer's. */
export interface DaemonSet {
  readonly object: string;
  readonly containers: readonly Container[];
  /** Undefined where the object says nothing: it was not read from a cluster. */
  readonly pods?: { readonly wanted: number; readonly ready: number };
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly env: ReadonlyMap<string, string>;
}

export function readDaemonSet(object: KubeObject): DaemonSet {
  const field = Field.of(object);
  const containers = field.at('spec').at('template').at('spec').at('containers').items().map(readContainer);
  const wanted = field.at('status').at('desiredNumberScheduled').value;
  const ready = field.at('status').at('numberReady').value;
  return {
    object: nameOf(object),
    containers,
    ...(typeof wanted === 'number' && { pods: { wanted, ready: typeof ready === 'number' ? ready : 0 } }),
  };
}

function readContainer(field: Field): Container {
  const texts = (key: string): string[] => [...field.at(key).items()].map((item) => item.text());
  const env = field
    .at('env')
    .items()
    .map((item) => [item.at('name').text(), item.at('value').optionalText() ?? ''] as const);
  return {
    name: field.at('name').text(),
    image: field.at('image').text(),
    args: [...texts('command'), ...texts('args')],
    env: new Map(env),
  };
}
