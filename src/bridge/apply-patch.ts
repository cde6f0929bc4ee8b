import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { isAnother, isConflict, isInvalid } from './api-error.js';
import { isSettled, NotExact, type Reconciled } from './apply-object.js';
import type { Cluster, LiveObject, WriteOptions, Written } from './cluster.js';
import { differences } from './compare.js';
import { isOurUpdate, ownedParts } from './compare-managed.js';
import { PARTS, partsOf, type Parts, type PodPart } from './compare-patch.js';
import { mayPatch, patcherOf } from './ownership.js';

export interface Patched {
  /** `absent`: there is nothing to patch yet; applied alone, a patch would be half an object. */
  readonly action: Reconciled['action'] | 'absent';
  readonly warnings: readonly string[];
}

/**
 * Makes the fields of a patch what was rendered, by server-side apply, and leaves everything else to its owner.
 *
 * Server-side apply puts new list items after those of others, and the sidecar must start before them. So the first
 * apply also names the owner's init containers, after ours, which brings all into order in one rollout; the second
 * gives these names back. What others added to our own items is taken out by a PUT of the object as it was read.
 */
export async function reconcilePatch(
  cluster: Cluster,
  desired: KubeObject,
  found: LiveObject | undefined,
  options: WriteOptions = {},
): Promise<Patched> {
  let live = found;
  for (let tries = 0; ; tries += 1) {
    if (live === undefined || live.metadata.deletionTimestamp !== undefined) return { action: 'absent', warnings: [] };
    if (isSettled(desired, live) && !live.metadata.managedFields?.some(isOurUpdate))
      return { action: 'unchanged', warnings: [] };
    try {
      return await write(cluster, desired, live, options);
    } catch (error) {
      // Changed, deleted, or deleted and made anew, since it was read.
      if (!(isConflict(error) || isAnother(error)) || tries >= 10) throw error;
      await sleep(200, undefined, options.signal ? { signal: options.signal } : {});
      live = await cluster.tryGet(desired);
      if (live && !mayPatch(live, patcherOf(desired))) throw error;
    }
  }
}

async function write(
  cluster: Cluster,
  desired: KubeObject,
  live: LiveObject,
  options: WriteOptions,
): Promise<Reconciled> {
  const first = inFront(desired, live);
  const applied = await applyOver(cluster, desired, first ?? desired, live, options);
  let { object } = applied;
  const repaired = applied.replaced || differences(desired, object).length > 0;
  if (options.dryRun) return { action: repaired ? 'repaired' : 'updated', warnings: applied.warnings };
  if (differences(desired, object).length > 0) {
    ({ object } = await cluster.replace(withExactParts(desired, object), options));
  }
  if (first) ({ object } = await cluster.apply(ofUid(desired, object), options));
  object = await forgetUpdates(cluster, object, options);
  const left = differences(desired, object);
  if (left.length > 0) throw new NotExact([{ key: keyOf(desired), differences: left }]);
  return { action: repaired ? 'repaired' : 'updated', warnings: applied.warnings };
}

/** What others put into an item of ours can make both together invalid, for example a volume of two types. */
async function applyOver(
  cluster: Cluster,
  desired: KubeObject,
  patch: KubeObject,
  live: LiveObject,
  options: WriteOptions,
): Promise<Written & { readonly replaced: boolean }> {
  try {
    return { ...(await cluster.apply(ofUid(patch, live), options)), replaced: false };
  } catch (error) {
    if (!isInvalid(error) || isAnother(error) || options.dryRun) throw error;
    await cluster.replace(withExactParts(desired, live), options).catch((again: unknown) => {
      throw isInvalid(again) ? error : again;
    });
    return { ...(await cluster.apply(ofUid(patch, live), options)), replaced: true };
  }
}

/** The object without the memory of a PUT of ours: what only an apply owns, a release takes away. */
async function forgetUpdates(cluster: Cluster, object: LiveObject, options: WriteOptions): Promise<LiveObject> {
  const { managedFields } = object.metadata;
  const rest = managedFields?.filter((entry) => !isOurUpdate(entry));
  if (rest?.length === managedFields?.length) return object;
  const { object: written } = await cluster.replace(
    { ...object, metadata: { ...object.metadata, managedFields: rest } },
    options,
  );
  return written;
}

/** The object must still be the one that was read: an apply to a name that is free would make one. */
const ofUid = (object: KubeObject, { metadata: { uid } }: LiveObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, uid },
});

/** The patch with the names of the owner's init containers after ours; undefined where the order is right already. */
function inFront(desired: KubeObject, live: LiveObject): KubeObject | undefined {
  const ours = partsOf(desired, 'initContainers');
  const names = new Set(ours.map(({ name }) => name));
  const order = partsOf(live, 'initContainers').map(({ name }) => name);
  const others = order.filter((name) => !names.has(name));
  if (others.length === 0 || [...names].every((name, index) => order[index] === name)) return undefined;
  return withParts(desired, 'initContainers', [...ours, ...others.map((name) => ({ name }))]);
}

/** The live object with our items exactly as rendered, init containers in front. */
function withExactParts(desired: KubeObject, live: LiveObject): KubeObject {
  return PARTS.reduce<KubeObject>((object, list) => {
    const ours = partsOf(desired, list);
    const names = new Set(ours.map(({ name }) => name));
    const others = partsOf(live, list).filter(({ name }) => !names.has(name));
    return ours.length === 0 ? object : withParts(object, list, [...ours, ...others]);
  }, live);
}

function withParts(object: KubeObject, list: Parts, parts: readonly PodPart[]): KubeObject {
  const { spec } = object as unknown as { spec: { template: { spec: object } } };
  const { template } = spec;
  return { ...object, spec: { ...spec, template: { ...template, spec: { ...template.spec, [list]: parts } } } };
}

/**
 * Gives up every field that we applied to a live object: what nobody else owns goes, the rest stays. Undefined when it
 * is gone or another's meanwhile; `left` names our init containers and volumes that others hold on to.
 */
export async function release(
  cluster: Cluster,
  live: LiveObject,
  options: WriteOptions = {},
): Promise<{ readonly warnings: readonly string[]; readonly left: readonly string[] } | undefined> {
  const { apiVersion, kind, metadata } = live;
  const { name, namespace, uid } = metadata;
  const bare = { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }), uid } };
  try {
    const { object, warnings } = await cluster.apply(bare, options);
    const left = PARTS.flatMap((list) => {
      const ours = ownedParts(live, list);
      return partsOf(object, list)
        .filter((part) => ours.has(part.name))
        .map((part) => `${list}[${part.name}]`);
    });
    return { warnings, left };
  } catch (error) {
    if (!isConflict(error) && !isAnother(error)) throw error;
    const current = await cluster.tryGet(live);
    if (current?.metadata.uid === uid && patcherOf(current) === patcherOf(live)) throw error;
    return undefined;
  }
}
