import { duration } from './duration.js';

const WEEK = duration('168h');

/**
 * The longest lifetime that every SVID gets, milliseconds: a sixth of the CA's, a week at most. The next CA is prepared
 * at half of the CA's lifetime and active at five sixths, so an SVID with more could outlive the CA that signs it, and
 * the server cuts it short with no more than a warning.
 * Source: SPIRE, pkg/server/ca/manager (MaxSVIDTTL).
 */
export const longestSvidTtl = (caTtl: string): number => Math.min(duration(caTtl) / 6, WEEK);

/** The share of an SVID's lifetime that is always left: it is renewed at half of it, give or take a tenth of that. */
const ALWAYS_LEFT = 0.45;

/**
 * How long every SVID outlives a server that goes down at the worst moment, milliseconds.
 * Source: SPIRE, pkg/agent/manager/cache (rotation at half of the lifetime, with jitter).
 */
export const longestOutage = (x509Ttl: string): number => Math.floor(duration(x509Ttl) * ALWAYS_LEFT);
