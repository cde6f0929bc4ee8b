import type { KubeObject } from './kube-object.js';

interface Owned {
  readonly ownerReferences?: readonly {
    readonly kind?: string;
    readonly name: string;
    readonly controller?: boolean;
  }[];
  readonly labels?: Readonly<Record<string, string>>;
}

/** Names what a pod belongs to, as `ns/name[Kind]`. */
export type WorkloadOf = (pod: KubeObject) => string;

/**
 * Follows controller references up through the objects at hand: pod, ReplicaSet, Deployment. Where the Deployment was
 * read and the ReplicaSet between was not, they are told to belong together by the `pod-template-hash` that the
 * Deployment put on the pod. Where neither was read, the pod belongs to what it says itself: the ReplicaSet.
 */
export function workloads(objects: readonly KubeObject[]): WorkloadOf {
  const known = new Map(
    objects.map((object) => [key(object.kind, namespaceOf(object), object.metadata?.name), object]),
  );
  return (pod) => {
    const namespace = namespaceOf(pod);
    let found = { kind: pod.kind, name: pod.metadata?.name ?? '' };
    // A cycle of owners cannot be made through the API server, but the loop must end on any input.
    const seen = new Set<string>();
    for (let object: KubeObject | undefined = pod; object !== undefined;) {
      const owner = controllerOf(object);
      // A static pod's owner is its node, which is not what runs in it.
      if (owner === undefined || owner.kind === 'Node' || seen.has(key(owner.kind, namespace, owner.name))) break;
      seen.add(key(owner.kind, namespace, owner.name));
      found = owner;
      object = known.get(key(owner.kind, namespace, owner.name));
    }
    const hash = (pod.metadata as Owned | undefined)?.labels?.['pod-template-hash'];
    if (found.kind === 'ReplicaSet' && hash !== undefined && found.name.endsWith(`-${hash}`)) {
      const name = found.name.slice(0, -hash.length - 1);
      if (known.has(key('Deployment', namespace, name))) found = { kind: 'Deployment', name };
    }
    return `${namespace}/${found.name}[${found.kind}]`;
  };
}

/** The object that manages this one, if any does; of the same kind where the reference does not say (which the API refuses). */
export function controllerOf(object: KubeObject): { readonly kind: string; readonly name: string } | undefined {
  const references = (object.metadata as Owned | undefined)?.ownerReferences ?? [];
  const found = references.find(({ controller }) => controller === true);
  return found && { kind: found.kind ?? object.kind, name: found.name };
}

function namespaceOf(object: KubeObject): string {
  return object.metadata?.namespace ?? 'default';
}

function key(kind: string, namespace: string, name: string | undefined): string {
  return `${kind} ${namespace}/${name ?? ''}`;
}
