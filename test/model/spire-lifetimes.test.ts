import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { duration, formatDuration } from '../../src/model/duration.js';
import { longestOutage, longestSvidTtl } from '../../src/model/spire-lifetimes.js';

describe('the longest lifetime of an SVID', () => {
  it.each([
    ['24h', '4h'],
    ['6h', '1h'],
    ['168h', '28h'],
    ['1008h', '168h'],
    ['8760h', '168h'],
  ])('under a CA of %s is %s', (caTtl, longest) => {
    expect(longestSvidTtl(caTtl)).toBe(duration(longest));
  });
});

describe('the longest outage', () => {
  it('of the runbook’s hour is 27 minutes, so that 25 are tolerated and 30 are not', () => {
    expect(longestOutage('1h')).toBe(duration('27m'));
  });

  /** SPIRE's agent looks every five seconds whether less is left than half of the lifetime, give or take a tenth of it. */
  it('is left to an SVID that is renewed at the last moment, whatever the dice say', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 100_000 }),
        fc.double({ min: 0.9, max: 1.1, noNaN: true }),
        (seconds, dice) => {
          // Issued ten seconds back in time (SPIRE's allowance for clocks), so that its lifetime is longer than its TTL.
          const leftWhenRenewed = ((seconds + 10) / 2) * dice - 5;
          expect(leftWhenRenewed * 1000).toBeGreaterThanOrEqual(longestOutage(formatDuration(seconds * 1000)) - 500);
        },
      ),
    );
  });
});
