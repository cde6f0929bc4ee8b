import { setTimeout as sleep } from 'node:timers/promises';
import { keyOf, type KubeObject } from '../model/kube-object.js';
import type { Cluster } from './cluster.js';

const TIMEOUT = 120_000;

interface StatefulSetStatus {
  readonly observedGeneration?: number;
  readonly updatedReplicas?: number;
  readonly readyReplicas?: number;
}

/** Waits, 120 s at most, until every replica of a StatefulSet runs what was last written and is ready. */
export async function rolledOut(
  cluster: Cluster,
  server: KubeObject,
  signal: AbortSignal | undefined,
): Promise<undefined> {
  const { replicas = 1 } = server['spec'] as { replicas?: number };
  const deadline = performance.now() + TIMEOUT;
  for (;;) {
    const live = await cluster.get(server);
    const {
      observedGeneration = 0,
      updatedReplicas = 0,
      readyReplicas = 0,
    } = (live['status'] ?? {}) as StatefulSetStatus;
    const isObserved = observedGeneration >= Number(live.metadata['generation'] ?? 0);
    if (isObserved && updatedReplicas >= replicas && readyReplicas >= replicas) return undefined;
    if (performance.now() > deadline) {
      throw new Error(
        `${keyOf(server)} was not rolled out within ${TIMEOUT / 1000} s: ${readyReplicas} of ${replicas} ready, ${updatedReplicas} of them new; see its pods and their events. What asks it was left as it is: it must not be newer than the server.`,
      );
    }
    await sleep(200, undefined, signal ? { signal } : {});
  }
}
