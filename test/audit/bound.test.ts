import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { boundOfPopulation, boundOfShare } from '../../src/audit/index.js';

describe('boundOfShare', () => {
  it.each([
    [0, 100, 0.95, 0.0295],
    [0, 100, 0.99, 0.045],
    [1, 100, 0.95, 0.0466],
    [2, 100, 0.95, 0.0616],
    [0, 59, 0.95, 0.0495],
    [0, 299, 0.95, 0.00997],
    [100, 100, 0.95, 1],
  ])('%i of %i at %f: %f', (found, size, confidence, share) =>
    expect(boundOfShare(found, size, confidence)).toBeCloseTo(share, 4),
  );

  it('is the closed form where nothing was found', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2000 }), (size) => {
        expect(boundOfShare(0, size, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / size), 9);
      }),
    );
  });
});

describe('boundOfPopulation', () => {
  it.each([
    [0, 100, 500, 13],
    [0, 100, 1000, 28],
    [0, 100, 100, 0],
    [3, 100, 100, 3],
    [0, 100, 10_000, 293],
    [0, 100, 100_000, 2949],
    [5, 5, 9, 9],
  ])('%i of %i of %i: %i', (found, size, population, bad) =>
    expect(boundOfPopulation(found, size, population, 0.95)).toBe(bad),
  );

  it('is the number before the first that draws so few in one case of twenty or less', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(), fc.nat(), (population, a, b) => {
        const size = 1 + (a % population);
        const found = b % (size + 1);
        const bad = boundOfPopulation(found, size, population, 0.95);
        if (bad > found) expect(chance(found, size, bad, population)).toBeGreaterThan(0.05);
        if (bad < population - (size - found))
          expect(chance(found, size, bad + 1, population)).toBeLessThanOrEqual(0.05);
      }),
    );
  });
});

/** By whole numbers. */
function chance(found: number, size: number, bad: number, population: number): number {
  const choose = (n: number, k: number): bigint => {
    if (k < 0 || k > n) return 0n;
    let result = 1n;
    for (let i = 1; i <= k; i += 1) result = (result * BigInt(n - k + i)) / BigInt(i);
    return result;
  };
  let ways = 0n;
  for (let k = 0; k <= found; k += 1) ways += choose(bad, k) * choose(population - bad, size - k);
  return Number((ways * 10n ** 15n) / choose(population, size)) / 1e15;
}
