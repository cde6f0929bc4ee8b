import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Cluster } from '../../../src/bridge/cluster.js';
import { destroyStack } from '../../../src/bridge/destroy.js';
import { LABELS } from '../../../src/model/names.js';
import { workerLab } from '../worker-lab.js';

describe('a dry run', () => {
  const stack = 'dry-run';
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'dry-run', namespace: 'default', labels: { [LABELS.stack]: stack } },
    data: { key: 'value' },
  };
  let cluster: Cluster;
  beforeAll(async () => {
    cluster = await Cluster.connect({ kubeconfig: workerLab().kubeconfig });
    await cluster.apply(config);
  });
  afterAll(async () => {
    await cluster.delete(config);
    cluster.close();
  });

  test('of a deletion deletes nothing', async () => {
    expect(await cluster.delete(config, { dryRun: true })).toBe(true);
    expect((await cluster.tryGet(config))?.metadata.deletionTimestamp).toBeUndefined();
    expect(await cluster.tryGet(config)).toBeDefined();
  });

  test('of a destroy names what it would delete and leaves it', async () => {
    const { deleted } = await destroyStack(cluster, stack, [], { dryRun: true });
    expect(deleted).toEqual(['ConfigMap default/dry-run']);
    expect(await cluster.tryGet(config)).toBeDefined();
  });

  test('of a creation, an apply and a replacement stores nothing', async () => {
    const other = { ...config, metadata: { ...config.metadata, name: 'never-stored' } };
    await cluster.create(other, { dryRun: true });
    await cluster.apply(other, { dryRun: true });
    expect(await cluster.tryGet(other)).toBeUndefined();
    await cluster.apply({ ...config, data: { key: 'changed' } }, { dryRun: true });
    expect((await cluster.get(config))['data']).toEqual({ key: 'value' });
  });
});
