import type { Config } from './config.js';
import type { Refusal } from './decision.js';
import type { Facts, Listener } from './facts.js';

/** What Envoy's jwt_authn allows by default; both judge the same clock. */
const CLOCK_SKEW_SECONDS = 60;

export interface Subject {
  /** `sub`. */
  readonly name: string;
  /** The workspace that the token names. */
  readonly workspaceId?: string;
}

/**
 * Whom the token is about. Envoy has verified the signature and these same claims; they are looked at again, since one
 * left-out line in its configuration would otherwise let any token of the issuer in.
 */
export function readToken(
  token: Facts['token'],
  listener: Listener,
  tokens: Config['tokens'],
  now: Date,
): Subject | Refusal {
  if (token === undefined) return invalid('There is no verified token.');
  const { header, claims } = token;
  const { sub, iss, exp, nbf } = claims;
  const seconds = now.getTime() / 1000;
  if (mediaType(header['typ']) !== mediaType(tokens.type)) {
    return invalid(`The token’s type is ${show(header['typ'])}, not "${tokens.type}".`);
  }
  if (iss !== tokens.issuer) return invalid('The token is of another issuer.');
  if (typeof exp !== 'number') return invalid('The token has no expiry.');
  if (!(seconds < exp + CLOCK_SKEW_SECONDS)) return invalid('The token has expired.');
  if (nbf !== undefined && !(typeof nbf === 'number' && nbf - CLOCK_SKEW_SECONDS <= seconds)) {
    return invalid('The token is not valid yet.');
  }
  const aud = Array.isArray(claims['aud']) ? (claims['aud'] as readonly unknown[]) : [claims['aud']];
  if (listener === 'people') {
    if (!aud.includes(tokens.peopleAudience)) return invalid('The token is not of the audience of people.');
  } else {
    if (!aud.includes(tokens.audience)) return invalid('The token is not of the audience of agents and workloads.');
    if (aud.includes(tokens.peopleAudience)) return invalid('The token is of the audience of people.');
  }
  if (typeof sub !== 'string' || sub === '') return invalid('The token has no subject.');
  const workspaceId = claims[tokens.workspaceClaim];
  if (workspaceId === undefined) return { name: sub };
  if (typeof workspaceId !== 'string' || workspaceId === '') {
    return invalid(`The token’s claim "${tokens.workspaceClaim}" is no workspace.`);
  }
  return { name: sub, workspaceId };
}

const invalid = (detail: string): Refusal => ({ reason: 'InvalidToken', detail });

/** `typ` is a media type: case does not matter, and `application/` may be left out (RFC 7515, section 4.1.9). */
const mediaType = (value: unknown): unknown =>
  typeof value === 'string' ? value.toLowerCase().replace(/^application\//, '') : value;

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value).slice(0, 40));
