import type { Cluster } from '../../../src/bridge/cluster.js';
import { LABELS } from '../../../src/model/names.js';

const POLICIES = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' };

/** Watches every deny baseline of the cluster until stopped; `stop` says which were deleted or lost their denial. */
export async function watchBaselines(cluster: Cluster): Promise<{ readonly stop: () => Promise<readonly string[]> }> {
  const ending = new AbortController();
  const lost: string[] = [];
  const labels = `${LABELS.keep}=baseline`;
  const watching = (async () => {
    for await (const { type, object } of cluster.watch(POLICIES, { labels, signal: ending.signal })) {
      const { namespace, name } = object.metadata;
      const spec = object['spec'] as { egress?: unknown[]; ingress?: unknown[] } | undefined;
      if (type === 'DELETED') lost.push(`${namespace}/${name} deleted`);
      else if (type !== 'BOOKMARK' && (spec?.egress?.length || spec?.ingress?.length))
        lost.push(`${namespace}/${name} opened`);
    }
  })();
  // The first events list what is there; give the watch a moment to begin.
  await new Promise((resolve) => setTimeout(resolve, 200));
  return {
    stop: async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      ending.abort();
      await watching;
      return lost;
    },
  };
}
