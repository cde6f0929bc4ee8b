import { describe, expect, test } from 'vitest';
import { Cluster } from '../../src/bridge/cluster.js';
import { readInventory, tryPrevious, writeInventory, type HistoryEntry } from '../../src/bridge/inventory.js';
import type { KubeObject } from '../../src/model/kube-object.js';
import { fakeApi } from './fake-api.js';

/** A cluster with one inventory, as data of its ConfigMap. */
function withInventory(data: Record<string, string> | undefined) {
  const state = { data, writes: 0 };
  const api = fakeApi(({ method, path, body }) => {
    if (path.endsWith('selfsubjectreviews')) return { body: { status: { userInfo: { username: 'dana' } } } };
    if (!path.includes('portarium-inventory-ws')) return undefined;
    if (method === 'PATCH') {
      state.data = (body as { data: Record<string, string> }).data;
      state.writes += 1;
    }
    return state.data === undefined ? undefined : { body: { data: state.data } };
  });
  return { cluster: new Cluster(api), state };
}

const object = (name: string): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'n', labels: {} },
});

describe('the inventory', () => {
  test('is empty where there is none, and where somebody damaged it', async () => {
    const empty = { objects: [], history: [] };
    expect(await readInventory(withInventory(undefined).cluster, 'ws')).toEqual(empty);
    expect(await readInventory(withInventory({ objects: '{', history: '7' }).cluster, 'ws')).toEqual(empty);
    expect(
      await readInventory(withInventory({ objects: '[1, {"kind": 3}]', history: '[null]' }).cluster, 'ws'),
    ).toEqual(empty);
  });

  test('notes the objects, and each level or relaxation once, by whom', async () => {
    const { cluster, state } = withInventory(undefined);
    const reached = { level: 'authz', relaxing: [] } as const;
    expect(await writeInventory(cluster, 'ws', { objects: [object('a')], reached })).toBe(true);
    expect(await writeInventory(cluster, 'ws', { objects: [object('a')], reached })).toBe(true);
    expect(state.writes).toBe(1);
    await writeInventory(cluster, 'ws', { objects: [object('b')], reached: { level: 'authz', relaxing: ['authz'] } });
    const { objects, history } = await readInventory(cluster, 'ws');
    expect(objects).toEqual([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'b', namespace: 'n' } }]);
    expect(history.map(({ level, relaxing, by }) => [level, relaxing, by])).toEqual([
      ['authz', [], 'dana'],
      ['authz', ['authz'], 'dana'],
    ]);
    expect(tryPrevious({ objects, history })).toMatchObject({ level: 'authz', relaxing: [] });
  });

  test('keeps twenty entries', async () => {
    const entry = (index: number): HistoryEntry => ({
      level: 'authz',
      relaxing: index % 2 ? ['authz'] : [],
      at: String(index),
      by: 'x',
    });
    const { cluster } = withInventory({
      history: JSON.stringify(Array.from({ length: 20 }, (_, index) => entry(index))),
    });
    await writeInventory(cluster, 'ws', { objects: [], reached: { level: 'identity', relaxing: [] } });
    const { history } = await readInventory(cluster, 'ws');
    expect(history).toHaveLength(20);
    expect(history.at(0)!.at).toBe('1');
    expect(tryPrevious({ objects: [], history })!.at).toBe('19');
  });

  test('that may not be written fails nothing', async () => {
    const refused = new Cluster(
      fakeApi(({ method }) => (method === 'PATCH' ? { status: 403, body: { reason: 'Forbidden' } } : undefined)),
    );
    expect(await writeInventory(refused, 'ws', { objects: [object('a')] })).toBe(false);
    const unreadable = new Cluster(fakeApi(({ path }) => (path.includes('inventory') ? { status: 403 } : undefined)));
    expect(await readInventory(unreadable, 'ws')).toEqual({ objects: [], history: [] });
  });
});
