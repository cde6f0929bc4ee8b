import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, formatDuration, tryDuration } from '../../src/model/duration.js';

describe('a duration', () => {
  it.each([
    ['1h', 3_600_000],
    ['25m', 1_500_000],
    ['90s', 90_000],
    ['1h30m', 5_400_000],
    ['1h0m5s', 3_605_000],
    ['168h', 604_800_000],
  ])('%s is %d ms', (text, ms) => {
    expect(duration(text)).toBe(ms);
  });

  it.each(['', 'h', '1', '1d', '-1h', '1.5h', '1m1h', '1h1h', ' 1h', '1h ', '0s', '0h0m', '1H', '9007199254740993s'])(
    '%j is none',
    (text) => {
      expect(tryDuration(text)).toBeUndefined();
      expect(() => duration(text)).toThrow(`"${text}" is not a duration. For example "1h", "25m" or "1h30m".`);
    },
  );

  it('is written so that it reads back the same, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 10_000_000 }), (seconds) => {
        expect(duration(formatDuration(seconds * 1000))).toBe(seconds * 1000);
      }),
    );
  });

  it('is rounded down, never up', () => {
    expect(formatDuration(89_999)).toBe('1m29s');
    expect(formatDuration(999)).toBe('0s');
  });
});
