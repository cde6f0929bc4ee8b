import { describe, expect, it } from 'vitest';
import { PODS, split } from '../../../src/prove/classes/pieces.js';
import {
  ANY_POD,
  classOf,
  isWithinClass,
  meetClass,
  minusClass,
  podsIn,
  witnessOf,
} from '../../../src/prove/classes/pod-class.js';

describe('classes of pods', () => {
  it('have a namespace with a name', () => {
    expect(
      classOf([{ key: 'kubernetes.io/metadata.name', operator: 'DoesNotExist', values: new Set() }], []),
    ).toBeUndefined();
    expect(witnessOf(ANY_POD).namespace).toBe('elsewhere');
  });

  it('without others: other namespaces first, then other labels in the same', () => {
    const rest = minusClass(ANY_POD, podsIn('a', { role: 'agent' }));
    expect(rest.map((part) => [witnessOf(part).namespace, [...witnessOf(part).labels]])).toEqual([
      ['elsewhere', []],
      ['a', []],
    ]);
    expect(minusClass(podsIn('b'), podsIn('a'))).toEqual([podsIn('b')]);
    expect(split(PODS, podsIn('a', { role: 'agent' }), [podsIn('b'), podsIn('a')]).outside).toEqual([]);
  });

  it('meet where both namespace and labels do', () => {
    expect(meetClass(podsIn('a', { x: '1' }), podsIn('a', { y: '1' }))).toEqual(podsIn('a', { x: '1', y: '1' }));
    expect(meetClass(podsIn('a'), podsIn('b'))).toBeUndefined();
    expect(isWithinClass(podsIn('a', { x: '1', y: '1' }), podsIn('a', { x: '1' }))).toBe(true);
    expect(isWithinClass(podsIn('a', { x: '1' }), podsIn('a', { x: '1', y: '1' }))).toBe(false);
  });
});
