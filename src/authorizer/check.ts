import { randomUUID } from 'node:crypto';
import { answer } from './answer.js';
import type { Sources } from './authz.js';
import type { Config } from './config.js';
import { decide, refused } from './decide.js';
import type { CheckRequest, CheckResponse } from './ext-authz.js';
import type { Metrics } from './metrics.js';
import type { Policies } from './policies.js';
import { recordOf, type DecisionRecord } from './record.js';
import { factsOf } from './request.js';

export interface CheckOptions {
  readonly config: Config;
  readonly policies: Policies;
  readonly metrics: Metrics;
  readonly sources: Sources;
  /** Called before the answer is given. */
  readonly onRecord: (record: DecisionRecord) => void;
  /** Called for what should never happen; the call is answered 503. */
  readonly onFailure: (error: unknown) => void;
}

/** Answers one question of Envoy's: decides, counts, records. Never rejects, and never allows because it failed. */
export async function check(request: CheckRequest, options: CheckOptions): Promise<CheckResponse> {
  const { config, policies, metrics, sources } = options;
  const start = performance.now();
  const time = new Date();
  const decisionId = randomUUID();
  let facts = factsOf({});
  let decision;
  try {
    facts = factsOf(request);
    decision = await decide(facts, policies, config, time, sources);
  } catch (error) {
    options.onFailure(error);
    decision = refused({ reason: 'CannotDecide', detail: 'The authorizer failed; its log says how.' });
  }
  const latencyMs = performance.now() - start;
  metrics.count(facts, decision, latencyMs / 1000);
  options.onRecord(recordOf(facts, decision, { time, decisionId, latencyMs }));
  return answer(facts, decision, decisionId);
}
