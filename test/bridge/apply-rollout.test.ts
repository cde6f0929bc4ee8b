import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { rolledOut } from '../../src/bridge/apply-rollout.js';
import { Cluster } from '../../src/bridge/cluster.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { fakeApi } from './fake-api.js';

const server: KubeObject = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'spire-server', namespace: 'control-plane' },
  spec: { replicas: 2 },
};
const resources = [{ kind: 'StatefulSet', name: 'statefulsets', namespaced: true }];

/** A cluster in which the StatefulSet has these statuses, one a look; the last one stays. */
function withStatuses(...statuses: readonly object[]): { cluster: Cluster; looks: () => number } {
  let looks = 0;
  const api = fakeApi(({ path }) => {
    if (path === '/apis/apps/v1') return { body: { resources } };
    if (!path.endsWith('/statefulsets/spire-server')) return undefined;
    const status = statuses[Math.min(looks, statuses.length - 1)];
    looks += 1;
    return { body: { ...server, metadata: { ...server.metadata, generation: 3 }, status } };
  });
  return { cluster: new Cluster(api), looks: () => looks };
}
const done = { observedGeneration: 3, updatedReplicas: 2, readyReplicas: 2 };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance'] });
});
afterEach(() => {
  vi.useRealTimers();
});

test.each([
  ['the controller has not seen the change', { ...done, observedGeneration: 2 }],
  ['a replica is of the old version', { ...done, updatedReplicas: 1 }],
  ['a replica is not ready', { ...done, readyReplicas: 1 }],
  ['there is no status yet', {}],
])('waits while %s', async (_what, status) => {
  const { cluster, looks } = withStatuses(status, status, done);
  await rolledOut(cluster, server, undefined);
  expect(looks()).toBe(3);
});

test('goes on at once where everything is rolled out', async () => {
  const { cluster, looks } = withStatuses(done);
  await rolledOut(cluster, server, undefined);
  expect(looks()).toBe(1);
});

test('gives up after two minutes and says what is left as it was', async () => {
  const { cluster } = withStatuses({ ...done, readyReplicas: 1 });
  const waiting = rolledOut(cluster, server, undefined);
  vi.advanceTimersByTime(120_001);
  await expect(waiting).rejects.toThrow(
    'StatefulSet.apps control-plane/spire-server was not rolled out within 120 s: 1 of 2 ready, 2 of them new; see its pods and their events. What asks it was left as it is: it must not be newer than the server.',
  );
});
