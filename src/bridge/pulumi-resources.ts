import type { CustomResource, ProviderResource, ResourceHook } from '@pulumi/pulumi';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { dependenciesOf } from './order-dependencies.js';
import { inOrder, phaseOf, runsPods } from './order.js';
import { logicalName, type Renames } from './pulumi-aliases.js';
import { optionsOf, providerAnnotations } from './pulumi-options.js';
import { classOf } from './pulumi-types.js';

export interface RegisterOptions {
  /** The stack's cluster; there is never a default provider. */
  readonly provider: ProviderResource;
  /** Runs when everything but workloads is in place and one of them is about to change. @default - none */
  readonly beforeWorkloads?: ResourceHook;
  /** Runs before a patch is applied. @default - none */
  readonly beforePatches?: ResourceHook;
  /** @default RENAMES */
  readonly renames?: Renames;
}

/**
 * Registers one Pulumi resource per object, each after those it needs, by `keyOf`. Throws DuplicateObject, before
 * anything is registered, when two objects share kind, namespace and name.
 */
export function registerObjects(
  objects: readonly KubeObject[],
  { provider, beforeWorkloads, beforePatches, renames }: RegisterOptions,
): ReadonlyMap<string, CustomResource> {
  const resources = new Map<string, CustomResource>();
  for (const object of inOrder(objects)) {
    const dependsOn = dependenciesOf(object, objects).map((needed) => resources.get(keyOf(needed))!);
    const Resource = classOf(object);
    const patching = beforePatches && isPatch(object) ? [beforePatches] : [];
    const closing = beforeWorkloads && runsPods(phaseOf(object)) ? [beforeWorkloads] : [];
    const hooks = { beforeCreate: patching, beforeUpdate: [...closing, ...patching] };
    const options = { ...optionsOf(object, renames), provider, dependsOn, hooks };
    resources.set(keyOf(object), new Resource(logicalName(object), argsOf(object) as never, options));
  }
  return resources;
}

/** The resource's inputs: the object, with what the provider must know. The SDK's class marks a Secret's values. */
const argsOf = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: {
    ...object.metadata,
    annotations: { ...object.metadata.annotations, ...providerAnnotations(object) },
  },
});
