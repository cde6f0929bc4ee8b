import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { platformInOrder, workspaceInOrder } from '../../src/model/in-order.js';
import { ACME, PLATFORM } from './examples.js';
import { permuted } from './permuted.js';

describe('in order', () => {
  it('a platform and a workspace say the same whatever the order of their lists', () => {
    fc.assert(
      fc.property(permuted(PLATFORM), permuted(ACME), (platform, workspace) => {
        expect(platformInOrder(platform)).toEqual(platformInOrder(PLATFORM));
        expect(workspaceInOrder(workspace)).toEqual(workspaceInOrder(ACME));
      }),
    );
  });

  it('nothing is lost or added', () => {
    const sorted = (value: unknown): unknown =>
      Array.isArray(value)
        ? value.map((item) => JSON.stringify(sorted(item))).sort()
        : typeof value === 'object' && value !== null
          ? Object.fromEntries(Object.entries(value).map(([key, member]) => [key, sorted(member)]))
          : value;
    expect(sorted(platformInOrder(PLATFORM))).toEqual(sorted(PLATFORM));
    expect(sorted(workspaceInOrder(ACME))).toEqual(sorted(ACME));
  });

  it('a platform is put once, so that what is computed of it is found again', () => {
    expect(platformInOrder(PLATFORM)).toBe(platformInOrder(PLATFORM));
    expect(platformInOrder(platformInOrder(PLATFORM))).toBe(platformInOrder(PLATFORM));
  });
});
