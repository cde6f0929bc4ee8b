import { forEachLimited } from './apply-limit.js';
import type { Served } from './cluster-discovery.js';
import type { Cluster, LiveObject } from './cluster.js';

/** Lists under way at a time. */
const LIMIT = 8;

/**
 * Every object of the kinds that are wanted, of all that the cluster serves. Kinds of a group that does not answer are
 * not known: whoever concludes something from what is missing has to look at `silent`.
 */
export async function readLiveObjects(
  cluster: Cluster,
  wanted: (apiVersion: string, kind: string) => boolean,
): Promise<{ readonly objects: readonly LiveObject[]; readonly silent: Served['silent'] }> {
  const { resources, silent } = await cluster.served();
  const found = new Map<string, readonly LiveObject[]>();
  const kinds = resources.filter(({ apiVersion, kind }) => wanted(apiVersion, kind));
  await forEachLimited(kinds, LIMIT, async (kind) => {
    found.set(kind.name + kind.apiVersion, await cluster.list({ apiVersion: kind.apiVersion, kind: kind.kind }));
  });
  return { objects: kinds.flatMap((kind) => found.get(kind.name + kind.apiVersion) ?? []), silent };
}
