import type { KubeObject } from '../src/model/kube-object.js';
import type { NotEvaluated } from '../src/prove/index.js';
import { inputOfCluster, type Input } from '../src/prove/input/input.js';

/** What is read of a resource that the engine hands to a policy. */
export interface Resource {
  /** As `kubernetes:networking.k8s.io/v1:NetworkPolicy`. */
  readonly type: string;
  readonly urn: string;
  readonly name: string;
  /** Reading a value that only the update will tell throws. */
  readonly props: Readonly<Record<string, unknown>>;
}

/** The Kubernetes objects among the resources of a stack. Those that are not known before the update are named. */
export function inputOfResources(resources: readonly Resource[]): Input {
  const read = resources.filter(({ type }) => type.startsWith('kubernetes:')).flatMap((one) => objectOf(one) ?? []);
  return inputOfCluster(read.filter(isObject), read.filter(isUnknown));
}

const isUnknown = (read: KubeObject | NotEvaluated): read is NotEvaluated => 'reason' in read;
const isObject = (read: KubeObject | NotEvaluated): read is KubeObject => !isUnknown(read);

/** Undefined for a component, whose objects are resources of their own. */
function objectOf({ type, name, props }: Resource): KubeObject | NotEvaluated | undefined {
  const unknown = (reason: string): NotEvaluated => ({ kind: type, name, reason });
  if (RELEASE.test(type)) return unknown('what it installs is not among the resources of the stack');
  try {
    const own = Object.keys(props).filter((key) => !key.startsWith('__'));
    const object = JSON.parse(JSON.stringify(Object.fromEntries(own.map((key) => [key, props[key]])))) as KubeObject;
    return typeof object.kind === 'string' && typeof object.apiVersion === 'string' ? object : undefined;
  } catch (error) {
    return unknown((error as Error).message);
  }
}

/** A chart that the provider hands to Helm, which makes the objects. */
const RELEASE = /^kubernetes:helm\.sh\/v\d+:Release$/;
