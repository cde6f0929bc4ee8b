import type { Config } from './config.js';
import { isRefusal, statusOf, type Caller, type Decision, type Refusal } from './decision.js';
import { LISTENERS, type Facts } from './facts.js';
import { identify } from './identity.js';
import type { Known } from './known.js';
import { judgeMtls } from './mtls.js';
import { readToken } from './token.js';

/**
 * The decision about one request. Pure: everything it depends on comes in. Token first, then who is calling, then the
 * controls of the caller's workspace one after the other, until one denies.
 * Source: design, sections 3 and 7.
 */
export function decide(facts: Facts, known: Known, config: Config, now: Date): Decision {
  const listener = LISTENERS.find((each) => each === facts.listener);
  if (listener === undefined) {
    return refused({
      reason: 'CannotDecide',
      detail: `${JSON.stringify(facts.listener)} is no listener of the front.`,
    });
  }
  if (!known.complete) {
    return refused({ reason: 'CannotDecide', detail: 'The policies have not arrived from the API server yet.' });
  }
  const subject = readToken(facts.token, listener, config.tokens, now);
  if (isRefusal(subject)) return refused(subject);
  const caller = identify(facts, listener, subject, known, config);
  if (isRefusal(caller)) return refused(caller);

  const identity = { control: 'identity', mode: 'enforce', decision: 'allow' } as const;
  if (listener === 'people') return { status: 200, verdicts: [identity], caller, ...hashOf(caller, known) };
  const { verdict, refusal, relaxation } = judgeMtls(caller, listener !== 'bearer', known, now);
  return {
    status: verdict.decision === 'deny' ? 403 : 200,
    verdicts: [identity, verdict],
    caller,
    ...(refusal && { refusal }),
    ...(relaxation !== undefined && { relaxation }),
    ...hashOf(caller, known),
  };
}

/** Refused before any control of a workspace was asked. */
export const refused = (refusal: Refusal): Decision => ({
  status: statusOf(refusal),
  verdicts: refusal.reason === 'CannotDecide' ? [] : [{ control: 'identity', mode: 'enforce', decision: 'deny' }],
  refusal,
});

function hashOf({ workspaceId }: Caller, known: Known): { readonly policyHash?: string } {
  const policy = workspaceId === undefined ? undefined : known.tryPolicy(workspaceId);
  return policy === undefined ? {} : { policyHash: policy.spec.policyHash };
}
