import type { CustomResourceOptions } from '@pulumi/pulumi';
import type { KubeObject } from '../model/kube-object.js';
import { FIELD_MANAGER, LABELS } from '../model/names.js';
import { aliasesOf, type Renames } from './pulumi-aliases.js';
import { groupKind, phaseOf, runsPods } from './order.js';

/** Well under the five minutes that a rollback may take, so that one object that hangs cannot use them up. */
const TIMEOUT = '2m';

/** Options that follow from the object alone. */
export function optionsOf(object: KubeObject, renames?: Renames): CustomResourceOptions {
  const keep = object.metadata.labels?.[LABELS.keep];
  const timeout = isAwaited(object) ? STATEFUL_TIMEOUT : TIMEOUT;
  const ignored = OTHERS_FIELDS[groupKind(object)];
  return {
    // Protected: a program that no longer renders the baseline, or would replace it, stops before it changes anything.
    protect: keep === 'baseline',
    // Kept in the cluster by every delete; the next deployment adopts it (upsertExistingObjects).
    retainOnDelete: keep !== undefined,
    aliases: [...aliasesOf(object, renames)],
    customTimeouts: { create: timeout, update: timeout, delete: TIMEOUT },
    ...(ignored && { ignoreChanges: [...ignored] }),
  };
}

/** A server must run, in every replica, before the daemons that ask it are changed; still under the five minutes. */
const STATEFUL_TIMEOUT = '4m';

/** What its owner in the cluster fills in, and an update must neither take away nor stumble over. */
const OTHERS_FIELDS: Readonly<Record<string, readonly string[]>> = {
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': ['webhooks[*].clientConfig.caBundle'],
};

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
    ...((runsPods(phaseOf(object)) && !isAwaited(object)) || NOT_AWAITED.has(groupKind(object))
      ? { 'pulumi.com/skipAwait': 'true' }
      : {}),
  };
}

const isAwaited = ({ kind }: KubeObject): boolean => kind === 'StatefulSet';
