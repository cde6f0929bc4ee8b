import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { model, recordOf, store, tupleSet, tuplesOf } from '../../src/bridge/pulumi-openfga-provider.js';
import { byKey, keyOf } from '../../src/model/authorization/tuple.js';
import { MODEL_HASH } from '../../src/model/authorization/model.js';
import { workspaceTuples } from '../../src/model/authorization/tuples.js';
import { TOKEN_VARIABLE } from '../../src/openfga/server.js';
import { ACME, PLATFORM } from '../model/examples.js';

afterEach(() => vi.unstubAllEnvs());

const place = { url: 'http://127.0.0.1:9' };

describe('the tuples of a TupleSet', () => {
  test('are read from the state as they were written, usersets and conditions too', () => {
    const tuple = fc.record(
      {
        user: fc.constantFrom('user:a', 'user:a/b=c', 'agent:ws/x#registered_owner', 'workspace:ws'),
        relation: fc.constantFrom('admin', 'lease', 'extra_conflict'),
        object: fc.constantFrom('workspace:ws', 'agent:ws/x', 'credential:ws/k'),
        condition: fc.constantFrom({ name: 'c', context: { a: '1', b: '2#3@4' } }),
      },
      { requiredKeys: ['user', 'relation', 'object'] },
    );
    fc.assert(
      fc.property(fc.uniqueArray(tuple, { selector: keyOf }), (tuples) => {
        expect(tuplesOf(recordOf(tuples))).toEqual([...tuples].sort(byKey));
      }),
    );
    const real = workspaceTuples(PLATFORM, ACME);
    expect(tuplesOf(recordOf(real))).toEqual(real);
  });
});

describe('a change of', () => {
  test('a store’s name or address is another store', async () => {
    const olds = { ...place, name: 'portarium' };
    expect(await store.diff('id', olds, olds)).toEqual({ changes: false, replaces: [] });
    expect(await store.diff('id', olds, { ...olds, name: 'other' })).toEqual({ changes: true, replaces: ['name'] });
  });

  test('a model’s hash or store is another model, and only this version’s can be written', async () => {
    const olds = { ...place, storeId: 's', hash: 'a'.repeat(64) };
    const news = { ...olds, hash: MODEL_HASH };
    expect(await model.diff('id', olds, news)).toEqual({ changes: true, replaces: ['hash'] });
    expect(await model.check(olds, news)).toEqual({ inputs: news });
    expect((await model.check(news, olds)).failures).toEqual([
      { property: 'hash', reason: `is not that of this program’s model, ${MODEL_HASH}.` },
    ]);
  });

  test('a workspace’s tuples is an update, also when the server cannot be asked; of its store, another set', async () => {
    vi.stubEnv(TOKEN_VARIABLE, '');
    const olds = { ...place, storeId: 's', modelId: 'm', workspace: 'ws', tuples: {} };
    expect((await tupleSet.diff('id', olds, olds)).changes).toBe(false);
    const more = { ...olds, tuples: { 'workspace:ws#admin@user:a': '' } };
    expect((await tupleSet.diff('id', olds, more)).changes).toBe(true);
    expect(await tupleSet.diff('id', olds, { ...olds, storeId: 't' })).toEqual({
      changes: true,
      replaces: ['storeId'],
    });
  });

  test('what is deleted: stores and models stay', async () => {
    await expect(store.delete('id', { ...place, name: 'portarium' })).resolves.toBeUndefined();
    await expect(model.delete('id', { ...place, storeId: 's', hash: MODEL_HASH })).resolves.toBeUndefined();
  });
});
