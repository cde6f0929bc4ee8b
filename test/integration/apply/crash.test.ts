import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyStack } from '../../../src/bridge/apply.js';
import { Cluster } from '../../../src/bridge/cluster.js';
import { connection } from '../../../src/bridge/cluster-connection.js';
import { differences } from '../../../src/bridge/compare.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { keyOf } from '../../../src/model/kube-object.js';
import { watchBaselines } from './baseline-watch.js';
import { crashing } from './faults.js';
import { BASELINE, connect, liveOf, smallStack, unique } from './fixture.js';
import { workerLab } from '../worker-lab.js';

let cluster: Cluster;
let baselines: Awaited<ReturnType<typeof watchBaselines>>;
beforeAll(async () => {
  cluster = await connect();
  baselines = await watchBaselines(cluster);
});
afterAll(() => cluster.close());

/** What is rendered, one way and the other. */
const transitions: [string, (stack: string) => { from?: KubeObject[]; to: KubeObject[] }][] = [
  ['the first apply', (stack) => ({ to: smallStack(stack) })],
  ['tightening', (stack) => ({ from: smallStack(stack), to: smallStack(stack, { open: false, version: 'two' }) })],
  ['opening', (stack) => ({ from: smallStack(stack, { open: false }), to: smallStack(stack, { version: 'two' }) })],
  [
    'an object dropped and one renamed',
    (stack) => ({
      from: smallStack(stack),
      to: smallStack(stack, { without: ['agent-allow-front'] }).map((object) =>
        object.kind === 'ConfigMap' ? { ...object, metadata: { ...object.metadata, name: 'agent-dns-2' } } : object,
      ),
    }),
  ],
];

/** Holds at every moment of every transition, however far it got. */
async function expectSafe(objects: readonly KubeObject[]): Promise<void> {
  const [baseline, allow, workload] = await Promise.all([
    liveOf(cluster, objects, 'NetworkPolicy', BASELINE),
    liveOf(cluster, smallStack(objects[0]!.metadata.namespace!), 'NetworkPolicy', 'agent-allow-front'),
    liveOf(cluster, objects, 'Deployment', 'agent'),
  ]);
  if (workload) expect(baseline, 'a workload without its baseline').toBeDefined();
  if (baseline && objects.some(({ metadata }) => metadata.name === 'agent-allow-front')) {
    expect(allow, 'a baseline that cuts off').toBeDefined();
  }
}

describe.each(transitions)('%s, stopped at every write', (_what, make) => {
  test.each(['before', 'after'] as const)('%s the server does it: the next apply finishes', async (when) => {
    const real = await connection({ kubeconfig: workerLab().kubeconfig });
    let n = 1;
    for (; ; n += 1) {
      const stack = unique('crash');
      const { from, to } = make(stack);
      if (from) await applyStack(cluster, stack, from);
      const broken = crashing(real, n, when);
      const outcome = await applyStack(new Cluster(broken), stack, to).then(
        () => 'finished',
        (error: unknown) => (error as Error).name,
      );
      await expectSafe(to);
      if (outcome === 'finished') break;
      expect(outcome).toBe('ApplyStopped');
      if (from) expect(await liveOf(cluster, from, 'NetworkPolicy', BASELINE), `write ${n}`).toBeDefined();
      await applyStack(cluster, stack, to);
      for (const object of to) expect(differences(object, await cluster.get(object)), keyOf(object)).toEqual([]);
      const again = await applyStack(cluster, stack, to);
      expect(again.unchanged, `write ${n}`).toHaveLength(to.length);
      expect(again.pruned).toEqual([]);
    }
    expect(n).toBeGreaterThan(2);
    real.close();
  });
});

test('no deny baseline was ever deleted or opened while all this went on', async () => {
  expect(await baselines.stop()).toEqual([]);
});
