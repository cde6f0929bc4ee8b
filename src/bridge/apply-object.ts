import { setTimeout as sleep } from 'node:timers/promises';
import { canonicalJson } from '../model/canonical.js';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import { isAnother, isConflict, isForbidden, isNotFound } from './api-error.js';
import type { Cluster, LiveObject, WriteOptions, Written } from './cluster.js';
import { differences, isExact, isOurKey } from './compare.js';
import { EXACT } from './compare-defaults.js';
import { hasField, isApplied, leftovers } from './compare-managed.js';
import { contentOf, type Difference } from './compare-values.js';
import { groupKind } from './order.js';
import { ownerOf } from './ownership.js';

export interface Reconciled {
  readonly action: 'created' | 'updated' | 'repaired' | 'unchanged';
  readonly warnings: readonly string[];
}

/** What does not stay as it was written. */
export interface Inexact {
  readonly key: string;
  readonly differences: readonly Difference[];
}

/**
 * Something on the server keeps changing objects back: a webhook, a controller, a default that is not known here.
 * Everything else has been done. Exit code 7.
 */
export class NotExact extends Error {
  override readonly name = 'NotExact';
  constructor(readonly objects: readonly Inexact[]) {
    const shown = objects.flatMap(({ key, differences: found }) => [
      `${key} does not stay as it was written; a mutating webhook or another controller changes it:`,
      ...found.map(({ path, desired, live }) => `  ${path}: wanted ${show(desired)}, the server keeps ${show(live)}`),
    ]);
    super(shown.join('\n'));
  }
}

const show = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value)).slice(0, 200);

/** Whether there is nothing to write: equal, and already under our field manager. */
export const isSettled = (desired: KubeObject, live: LiveObject): boolean =>
  live.metadata.deletionTimestamp === undefined &&
  isApplied(live) &&
  differences(desired, live).length === 0 &&
  (isExact(desired) || leftovers(desired, live).length === 0);

/**
 * Makes one live object what was rendered: nothing when it is, server-side apply with force when not, and a PUT of the
 * exact object where fields of others survive that (an added `matchLabel`, a rule that `egress: []` does not own).
 */
export async function reconcile(
  cluster: Cluster,
  desired: KubeObject,
  found: LiveObject | undefined,
  options: WriteOptions = {},
): Promise<Reconciled> {
  const live = await untilGone(cluster, found, options);
  if (live && isSettled(desired, live)) return { action: 'unchanged', warnings: [] };
  const written = await onceParametersArrived(() => applyOwned(cluster, desired, live, options));
  const stale = live ? leftovers(desired, live) : [];
  const takenOver = live !== undefined && !isApplied(live);
  const remains = (object: LiveObject): boolean =>
    differences(desired, object).length > 0 || stale.some((path) => hasField(object, path));
  const action = written.created ? 'created' : 'updated';
  if (!remains(written.object) && !takenOver) return { action, warnings: written.warnings };
  if (options.dryRun) return { action: remains(written.object) ? 'repaired' : action, warnings: written.warnings };
  const exact = await replaceExactly(cluster, desired, written, options);
  if (remains(exact.object))
    throw new NotExact([{ key: keyOf(desired), differences: differences(desired, exact.object) }]);
  const changed = canonicalJson(withoutStatus(exact.object)) !== canonicalJson(withoutStatus(written.object));
  return { action: changed ? 'repaired' : action, warnings: [...new Set([...written.warnings, ...exact.warnings])] };
}

const PARAMETER_LAG = 2000;

/**
 * Admission reads WorkspacePolicies and Relaxations from a cache that follows by some milliseconds, and refuses an
 * object whose parameter it has not seen yet. Trying again opens nothing: whoever must be refused is refused again.
 */
async function onceParametersArrived<Result>(write: () => Promise<Result>): Promise<Result> {
  const deadline = Date.now() + PARAMETER_LAG;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (
        !isForbidden(error) ||
        !/ValidatingAdmissionPolicy 'portarium-/.test(String(error)) ||
        Date.now() > deadline
      ) {
        throw error;
      }
      await sleep(100);
    }
  }
}

const withoutStatus = (object: LiveObject): unknown => [
  contentOf(object),
  object.metadata.labels,
  object.metadata.annotations,
];

/** Applies unless the object has become another's since it was read. */
async function applyOwned(
  cluster: Cluster,
  desired: KubeObject,
  live: LiveObject | undefined,
  options: WriteOptions,
): Promise<Written> {
  let current = live;
  for (let tries = 0; ; tries += 1) {
    const { uid } = current?.metadata ?? {};
    const body = uid === undefined ? desired : { ...desired, metadata: { ...desired.metadata, uid } };
    try {
      return await cluster.apply(body, options);
    } catch (error) {
      // Deleted, or deleted and made anew, meanwhile. 404: a namespace that has just been created.
      if (!(isConflict(error) || isAnother(error) || isNotFound(error)) || tries >= 10) throw error;
      await sleep(200, undefined, options.signal ? { signal: options.signal } : {});
      current = await cluster.tryGet(desired);
      if (current && ownerOf(current) !== ownerOf(desired)) throw error;
    }
  }
}

async function replaceExactly(
  cluster: Cluster,
  desired: KubeObject,
  written: Written,
  options: WriteOptions,
): Promise<Written> {
  let current = written.object;
  for (let tries = 0; ; tries += 1) {
    try {
      return await cluster.replace(exactly(desired, current), options);
    } catch (error) {
      if (!isConflict(error) || tries >= 5) throw error;
      current = await cluster.get(desired);
    }
  }
}

/** The whole object as it must be, with what the server allocated and the labels and annotations of others. */
export function exactly(desired: KubeObject, live: LiveObject): KubeObject {
  const { uid, resourceVersion, ownerReferences, finalizers } = live.metadata;
  const others = (given: Readonly<Record<string, string>> | undefined): Record<string, string> =>
    Object.fromEntries(Object.entries(given ?? {}).filter(([key]) => !isOurKey(key)));
  return {
    apiVersion: desired.apiVersion,
    kind: desired.kind,
    metadata: {
      ...desired.metadata,
      uid,
      resourceVersion,
      labels: { ...others(live.metadata.labels), ...desired.metadata.labels },
      annotations: { ...others(live.metadata.annotations), ...desired.metadata.annotations },
      ...(ownerReferences !== undefined && { ownerReferences }),
      ...(finalizers !== undefined && { finalizers }),
    },
    // A namespace's content is its finalizers.
    ...(desired.kind === 'Namespace' ? contentOf(live) : withAllocated(desired, live)),
    ...(live['status'] !== undefined && { status: live['status'] }),
  };
}

function withAllocated(desired: KubeObject, live: LiveObject): Readonly<Record<string, unknown>> {
  const content = structuredClone(contentOf(desired)) as Record<string, unknown>;
  for (const path of EXACT[groupKind(desired)]?.allocated ?? []) fillIn(content, live, path.split('.'));
  return content;
}

/** Copies what `live` has at the path, and the content has not; `[]` after a member: in each item of both lists. */
function fillIn(content: unknown, live: unknown, [step = '', ...rest]: readonly string[]): void {
  if (typeof content !== 'object' || content === null || typeof live !== 'object' || live === null) return;
  const name = step.replace('[]', '');
  const [into, from] = [content as Record<string, unknown>, (live as Record<string, unknown>)[name]];
  if (rest.length === 0) {
    if (from !== undefined) into[name] ??= from;
  } else if (step.endsWith('[]')) {
    const items = (from ?? []) as readonly unknown[];
    ((into[name] ?? []) as readonly unknown[]).forEach((item, index) => fillIn(item, items[index], rest));
  } else {
    fillIn((into[name] ??= {}), from, rest);
  }
}

/** An object that is being deleted would take what we apply to it along; waits up to 15 s until it is gone. */
async function untilGone(
  cluster: Cluster,
  live: LiveObject | undefined,
  { dryRun, signal }: WriteOptions,
): Promise<LiveObject | undefined> {
  let current = live;
  for (let tries = 0; current?.metadata.deletionTimestamp !== undefined && !dryRun; tries += 1) {
    if (tries >= 60) {
      const finalizers = current.metadata.finalizers ?? [];
      throw new Error(
        `${keyOf(current)} is being deleted since ${current.metadata.deletionTimestamp} and does not go${finalizers.length === 0 ? '' : `; its finalizers: ${finalizers.join(', ')}`}. Find out who deletes it, then run the same command again.`,
      );
    }
    await sleep(250, undefined, signal ? { signal } : {});
    current = await cluster.tryGet(current);
  }
  return current;
}
