import type { CustomResourceOptions } from '@pulumi/pulumi';
import type { KubeObject } from '../model/kube-object.js';
import { FIELD_MANAGER, LABELS } from '../model/names.js';
import { aliasesOf, type Renames } from './pulumi-aliases.js';
import { groupKind, phaseOf } from './order.js';

/** Well under the five minutes that a rollback may take, so that one object that hangs cannot use them up. */
const TIMEOUT = '2m';

/** Options that follow from the object alone. */
export function optionsOf(object: KubeObject, renames?: Renames): CustomResourceOptions {
  const keep = object.metadata.labels?.[LABELS.keep];
  return {
    // Protected: a program that no longer renders the baseline, or would replace it, stops before it changes anything.
    protect: keep === 'baseline',
    // Kept in the cluster by every delete; the next deployment adopts it (upsertExistingObjects).
    retainOnDelete: keep !== undefined,
    aliases: [...aliasesOf(object, renames)],
    customTimeouts: { create: TIMEOUT, update: TIMEOUT, delete: TIMEOUT },
  };
}

/** Services wait for endpoints; those of the platform's components belong to another deployment. */
const NOT_AWAITED = new Set(['/Service']);

/**
 * What the provider reads from annotations. They reach the API server too; `enforce apply` does not set them, drops them
 * when it writes the object, and no comparison counts them. See docs/adr/0003.
 */
export function providerAnnotations(object: KubeObject): Readonly<Record<string, string>> {
  return {
    'pulumi.com/patchFieldManager': FIELD_MANAGER,
    // The provider's default, foreground, leaves the last write to the garbage collector; while anything holds that up,
    // admission for one, a policy that opens egress stays and the engine waits.
    'pulumi.com/deletionPropagationPolicy': 'background',
    // A step that fails ends the update before its deletes: an agent that cannot start would keep egress open.
    ...(phaseOf(object) === 'workloads' || NOT_AWAITED.has(groupKind(object))
      ? { 'pulumi.com/skipAwait': 'true' }
      : {}),
  };
}
