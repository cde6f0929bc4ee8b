import { setTimeout as sleep } from 'node:timers/promises';
import type { DataPlane, LabPod } from '../../../lab/data-plane/data-plane.js';
import type { AttachOptions } from '../../../lab/data-plane/pod.js';
import type { Place, Probe } from '../../../lab/data-plane/place.js';
import type { Cluster } from '../../../src/bridge/cluster.js';
import type { KubeObject } from '../../../src/model/kube-object.js';

type Labels = Readonly<Record<string, string>>;

/** Creates a namespace, unless it is there. */
export const namespace = (cluster: Cluster, name: string, labels: Labels = {}): Promise<unknown> =>
  cluster.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } });

/** Creates a pod and gives it its network. */
export async function createPod(
  plane: DataPlane,
  cluster: Cluster,
  name: string,
  labels: Labels,
  inNamespace: string,
  options?: AttachOptions,
): Promise<LabPod> {
  const object: KubeObject = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace: inNamespace, labels },
    spec: { automountServiceAccountToken: false, containers: [{ name: 'main', image: 'registry.example.com/main:1' }] },
  };
  const deadline = performance.now() + 20_000;
  for (;;) {
    try {
      await cluster.create(object);
      break;
    } catch (error) {
      // A namespace gets its default service account a moment after it has been created.
      if (!/serviceaccount/.test(String(error)) || performance.now() > deadline) throw error;
      await sleep(50);
    }
  }
  return plane.attach(inNamespace, name, options);
}

/** Whether packets of a probe came back. */
export async function reaches(from: Place, probes: readonly Probe[]): Promise<Readonly<Record<string, boolean>>> {
  const results = await from.probe(probes);
  return Object.fromEntries(
    results
      .map(({ id, outcome }) => [id, outcome !== 'silent' && outcome !== 'denied'] as const)
      .sort(([a], [b]) => a.localeCompare(b)),
  );
}

/** Tries until what is reached is as expected, for at most so long, and returns what was reached at last. */
export async function settles(
  from: Place,
  probes: readonly Probe[],
  expected: Readonly<Record<string, boolean>>,
  milliseconds = 10_000,
): Promise<Readonly<Record<string, boolean>>> {
  const deadline = performance.now() + milliseconds;
  for (;;) {
    const found = await reaches(from, probes);
    const same = Object.entries(expected).every(([id, reached]) => found[id] === reached);
    if (same || performance.now() > deadline) return found;
  }
}

/** A probe by name. */
export const to = (id: string, protocol: Probe['protocol'], address: string, port: number): Probe => ({
  id,
  protocol,
  address,
  port,
});
