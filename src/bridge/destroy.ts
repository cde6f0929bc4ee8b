import { keyOf, type KubeObject } from '../model/kube-object.js';
import { ApplyStopped, heldByOthers, type Change } from './apply.js';
import { release } from './apply-patch.js';
import type { Cluster, LiveObject } from './cluster.js';
import { readInventory } from './inventory.js';
import { inDeletionOrder } from './order.js';
import { isKept, readStack } from './ownership.js';

export interface DestroyOptions {
  readonly onProgress?: (change: Change) => void;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
}

export interface DestroyResult {
  /** Keys in the order of deletion. */
  readonly deleted: readonly string[];
  /** Baseline, guards, namespaces, definitions and the workspace's policy: the next deployment adopts them. */
  readonly kept: readonly string[];
  /** Workloads of others that lost the stack's patch. */
  readonly released: readonly string[];
  readonly notes: readonly string[];
  readonly ms: number;
}

/**
 * Deletes what a stack owns: workloads first, what opens something last. What is kept stays, so that a workspace without
 * its stack is closed, not open; workloads of others only lose the stack's patch. `rendered` says what that is, whatever became of the live labels.
 * Throws ApplyStopped half-way; the next run finishes it.
 */
export async function destroyStack(
  cluster: Cluster,
  stack: string,
  rendered: readonly KubeObject[],
  { onProgress, dryRun = false, signal }: DestroyOptions = {},
): Promise<DestroyResult> {
  const started = performance.now();
  const { objects: hint } = await readInventory(cluster, stack);
  const abort = signal ? { signal } : {};
  // Rendered objects are only a hint here: what has been handed over to another stack is not ours to delete.
  const { extra: all, unpatch } = await readStack(cluster, stack, [], { hint: [...rendered, ...hint], ...abort });
  const keep = new Set(rendered.filter(isKept).map(keyOf));
  const stays = (object: KubeObject): boolean => isKept(object) || keep.has(keyOf(object));
  const patched = new Set<KubeObject>(unpatch);
  const doomed = inDeletionOrder([...all.filter((object) => !stays(object)), ...unpatch]);
  const changes: Change[] = [];
  const notes: string[] = [];
  const record = (key: string, action: 'pruned' | 'released' | 'kept', ms: number): void => {
    const change = { key, action, ms: Math.round(ms), warnings: [] };
    changes.push(change);
    onProgress?.(change);
  };
  for (const object of doomed) {
    const began = performance.now();
    const key = keyOf(object);
    try {
      signal?.throwIfAborted();
      if (patched.has(object)) {
        const released = await release(cluster, object as LiveObject, { dryRun, ...abort });
        if (released && released.left.length > 0) notes.push(heldByOthers(object, released.left));
      } else {
        await cluster.delete(object, { uid: (object as LiveObject).metadata.uid, dryRun, ...abort });
      }
    } catch (error) {
      throw new ApplyStopped(stack, key, changes, doomed.length, error);
    }
    record(key, patched.has(object) ? 'released' : 'pruned', performance.now() - began);
  }
  for (const object of all.filter(stays)) record(keyOf(object), 'kept', 0);
  const keys = (action: Change['action']): readonly string[] =>
    changes.filter((change) => change.action === action).map(({ key }) => key);
  return {
    deleted: keys('pruned'),
    kept: keys('kept'),
    released: keys('released'),
    notes,
    ms: Math.round(performance.now() - started),
  };
}
