import { ResourceHook } from '@pulumi/pulumi';
import { Cluster, type LiveObject } from './cluster.js';

/**
 * Deletes `openings`, which the update drops, right before the first workload is updated. The engine deletes last, when
 * agents that restart because egress closes would have started in an open world, with connections that survive
 * (bypass B23); by then it finds them gone. If it fails, the update stops before any agent restarts.
 */
export function closingHook(openings: readonly LiveObject[]): ResourceHook {
  let closed: Promise<void> | undefined;
  return new ResourceHook('close-before-restart', () => (closed ??= close(openings)));
}

async function close(openings: readonly LiveObject[]): Promise<void> {
  const cluster = await Cluster.connect();
  try {
    for (const object of openings) await cluster.delete(object, { uid: object.metadata.uid });
  } finally {
    cluster.close();
  }
}
