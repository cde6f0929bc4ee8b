import { describe, expect, test } from 'vitest';
import { publishedObject, publishedOf } from '../../../src/model/authorization/published.js';
import { Unreadable } from '../../../src/model/field.js';

const model = { hash: 'a'.repeat(64), storeId: '01JJJJJJJJJJJJJJJJJJJJJJJ1', modelId: '01JJJJJJJJJJJJJJJJJJJJJJJ2' };

describe('a published model', () => {
  test('is read as it was written, under its hash', () => {
    const object = publishedObject(model);
    expect(object.metadata).toEqual({ name: model.hash, namespace: 'portarium-policy' });
    expect(publishedOf(object)).toEqual(model);
  });

  test.each([
    [{ hash: 'b'.repeat(64) }, 'is not the object’s name'],
    [{ hash: 'latest' }, 'not a SHA-256 in lower-case hex'],
    [{ modelId: 'latest' }, 'spec.modelId is "latest", not an id of OpenFGA'],
    [{ storeId: undefined }, 'spec.storeId is missing'],
  ])('that says %j is not obeyed', (changes, why) => {
    const object = publishedObject(model);
    const wrong = { ...object, spec: { ...(object['spec'] as object), ...changes } };
    expect(() => publishedOf(wrong)).toThrow(Unreadable);
    expect(() => publishedOf(wrong)).toThrow(why);
  });
});
