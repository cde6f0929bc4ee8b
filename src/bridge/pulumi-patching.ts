import { ResourceHook } from '@pulumi/pulumi';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import { reconcilePatch } from './apply-patch.js';
import { Cluster } from './cluster.js';
import { logicalName } from './pulumi-aliases.js';

/**
 * Applies a patch right before the engine does, so that the provider's own apply finds nothing to change: by itself it
 * would put our init containers after those of others, and leave what others added to them. Undefined without patches.
 */
export function patchingHook(objects: readonly KubeObject[]): ResourceHook | undefined {
  const patches = new Map(objects.filter(isPatch).map((object) => [logicalName(object), object]));
  if (patches.size === 0) return undefined;
  return new ResourceHook('patch-in-place', ({ name }) => patch(patches.get(name)!));
}

async function patch(object: KubeObject): Promise<void> {
  const cluster = await Cluster.connect();
  try {
    const { action } = await reconcilePatch(cluster, object, await cluster.tryGet(object));
    if (action === 'absent') throw new Error(`${keyOf(object)} went while it was to be patched; update again.`);
  } finally {
    cluster.close();
  }
}
