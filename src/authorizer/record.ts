import { createHash } from 'node:crypto';
import { deciding, type Decision } from './decision.js';
import type { Facts } from './facts.js';
import type { Asked } from './openfga.js';
import { pathOf, tryWorkspaceOf } from './path.js';

/** One decision, for auditors. No token, no query, no body, no header but the request's id. */
export interface DecisionRecord {
  readonly time: string;
  readonly decisionId: string;
  readonly requestId: string;
  /** The caller's; of a refused caller, what the path claims. */
  readonly workspaceId?: string;
  readonly agentId?: string;
  /** Of a workload or a person; of a refused caller, what the token claims. */
  readonly subject?: string;
  readonly spiffeId?: string;
  readonly listener: string;
  readonly method: string;
  readonly path: string;
  /** Absent when nothing could be decided. */
  readonly control?: string;
  readonly mode?: string;
  readonly decision: 'allow' | 'deny' | 'would_deny';
  readonly status: number;
  readonly reason?: string;
  readonly detail?: string;
  readonly bypassAttempt?: true;
  /** The route's template. */
  readonly route?: string;
  readonly tool?: string;
  /** The tier that the call went on with. */
  readonly tier?: string;
  /** What OpenFGA was asked, by which model, and what it said. */
  readonly openfga?: {
    readonly storeId: string;
    readonly modelId: string;
    readonly checks: readonly string[];
    readonly contextual: readonly string[];
    readonly consistency: 'HIGHER_CONSISTENCY' | 'MINIMIZE_LATENCY';
    readonly failure?: string;
    readonly latencyMs: number;
  };
  /** SHA-256 of the body that came; nothing else of it is kept. */
  readonly bodyHash?: string;
  /** W3C trace context. */
  readonly traceparent?: string;
  readonly policyHash?: string;
  readonly relaxation?: string;
  readonly latencyMs: number;
}

export interface When {
  readonly time: Date;
  readonly decisionId: string;
  readonly latencyMs: number;
}

export function recordOf(facts: Facts, decision: Decision, { time, decisionId, latencyMs }: When): DecisionRecord {
  const { caller, refusal, status, policyHash, relaxation, route, called, asked } = decision;
  const verdict = deciding(decision);
  const path = pathOf(facts.path);
  const claimed = facts.token?.claims['sub'];
  const subject = caller === undefined ? (typeof claimed === 'string' ? claimed : undefined) : caller.name;
  const workspaceId = caller === undefined ? tryWorkspaceOf(path) : caller.workspaceId;
  return {
    time: time.toISOString(),
    decisionId,
    requestId: cut(facts.requestId, 128),
    ...(workspaceId !== undefined && { workspaceId: cut(workspaceId, 128) }),
    ...(subject !== undefined && { [caller?.kind === 'agent' ? 'agentId' : 'subject']: cut(subject, 256) }),
    ...(facts.principal !== '' && { spiffeId: cut(facts.principal, 2048) }),
    listener: cut(facts.listener, 64),
    method: cut(facts.method, 32),
    path: cut(path, 2048),
    ...(verdict && { control: verdict.control, mode: verdict.mode }),
    decision: status === 200 ? (verdict?.decision ?? 'allow') : 'deny',
    status,
    ...(refusal && { reason: refusal.reason, detail: refusal.detail }),
    ...(refusal?.bypass && { bypassAttempt: true as const }),
    ...(route !== undefined && { route }),
    ...(called?.tool !== undefined && { tool: cut(called.tool, 128) }),
    ...(called?.tier !== undefined && { tier: called.tier }),
    ...(asked && { openfga: openfgaOf(asked) }),
    ...(facts.body.length > 0 && { bodyHash: createHash('sha256').update(facts.body).digest('hex') }),
    ...(TRACEPARENT.test(facts.traceparent) && { traceparent: facts.traceparent }),
    ...(policyHash !== undefined && { policyHash }),
    ...(relaxation !== undefined && { relaxation }),
    latencyMs: rounded(latencyMs),
  };
}

const openfgaOf = (asked: Asked): NonNullable<DecisionRecord['openfga']> => ({
  storeId: asked.storeId,
  modelId: asked.modelId,
  checks: asked.checks.map(
    ({ user, relation, object, allowed }) =>
      `${user} ${relation} ${object}: ${allowed === undefined ? 'no answer' : allowed}`,
  ),
  contextual: asked.contextual.map(({ user, relation, object }) => `${user} ${relation} ${object}`),
  consistency: asked.fresh ? 'HIGHER_CONSISTENCY' : 'MINIMIZE_LATENCY',
  ...(asked.failure !== undefined && { failure: cut(asked.failure, 256) }),
  latencyMs: rounded(asked.milliseconds),
});

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

const rounded = (milliseconds: number): number => Math.round(milliseconds * 1000) / 1000;

/** A record as a CloudEvent (CloudEvents 1.0, JSON format). @param replica which of the authorizers decided */
export const eventOf = (record: DecisionRecord, replica: string) => ({
  specversion: '1.0',
  id: record.decisionId,
  source: `/portarium/front/${replica}`,
  type: 'io.portarium.front.decision',
  time: record.time,
  ...(record.workspaceId !== undefined && { subject: record.workspaceId }),
  datacontenttype: 'application/json',
  ...(record.traceparent !== undefined && { traceparent: record.traceparent }),
  data: record,
});

const cut = (text: string, length: number): string => (text.length > length ? `${text.slice(0, length)}…` : text);

/**
 * One line of JSON. What a terminal or a log viewer could take for more than text (controls of C1, separators,
 * directions of writing) is escaped as well.
 */
export const lineOf = (record: object): string =>
  `${JSON.stringify(record).replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )}\n`;
