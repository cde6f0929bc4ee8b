import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as intervals from '../../src/model/intervals.js';
import type { IntervalSet } from '../../src/model/intervals.js';

const universe = { from: 0, end: 40 };
const set = fc
  .array(fc.tuple(fc.nat(40), fc.nat(40)), { maxLength: 8 })
  .map((pairs) => intervals.intervalSet(pairs.map(([from, end]) => ({ from, end }))));

/** The meaning of a set of intervals: its members. */
const members = (s: IntervalSet<number>): number[] =>
  Array.from({ length: 40 }, (_, i) => i).filter((i) => s.some(({ from, end }) => from <= i && i < end));

const canonical = (s: IntervalSet<number>): boolean =>
  s.every(({ from, end }, i) => from < end && (i === 0 || s[i - 1]!.end < from));

describe('sets of intervals', () => {
  it('mean what sets of their members mean', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        const inB = new Set(members(b));
        expect(members(intervals.union(a, b))).toEqual([...new Set([...members(a), ...inB])].sort((x, y) => x - y));
        expect(members(intervals.intersect(a, b))).toEqual(members(a).filter((i) => inB.has(i)));
        expect(members(intervals.subtract(a, b))).toEqual(members(a).filter((i) => !inB.has(i)));
        for (let i = 0; i < 40; i++) expect(intervals.includes(a, i)).toBe(members(a).includes(i));
      }),
      { numRuns: 2000 },
    );
  });

  it('stay canonical, so that equal sets are equal values', () => {
    fc.assert(
      fc.property(set, set, (a, b) => {
        for (const made of [intervals.union(a, b), intervals.intersect(a, b), intervals.subtract(a, b)]) {
          expect(canonical(made)).toBe(true);
        }
        expect(intervals.equal(a, b)).toBe(members(a).join() === members(b).join());
      }),
    );
  });

  it('obey the laws of a Boolean algebra', () => {
    const not = (s: IntervalSet<number>): IntervalSet<number> => intervals.complement(s, universe);
    fc.assert(
      fc.property(set, set, set, (a, b, c) => {
        expect(not(not(a))).toEqual(a);
        expect(not(intervals.union(a, b))).toEqual(intervals.intersect(not(a), not(b)));
        expect(not(intervals.intersect(a, b))).toEqual(intervals.union(not(a), not(b)));
        expect(intervals.subtract(a, b)).toEqual(intervals.intersect(a, not(b)));
        expect(intervals.intersect(a, intervals.union(b, c))).toEqual(
          intervals.union(intervals.intersect(a, b), intervals.intersect(a, c)),
        );
      }),
      { numRuns: 2000 },
    );
  });
});
