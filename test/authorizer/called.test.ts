import { describe, expect, it } from 'vitest';
import { judgeCall, type CallJudgement } from '../../src/authorizer/called.js';
import { isRefusal, type Caller } from '../../src/authorizer/decision.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { tryRoute, type RouteMatch } from '../../src/model/routes.js';
import { ACME, NOW } from '../model/examples.js';
import { AGENT, known, policyObject, proposing, specOf } from './fixture.js';

const BOT: Caller = { kind: 'agent', name: 'sales-bot', workspaceId: 'ws-acme' };
const WORKLOAD: Caller = { kind: 'workload', name: 'execution-worker', workspaceId: 'ws-acme' };
const WORKSPACE = '/v1/workspaces/ws-acme';
const at = (path: string, method = 'POST'): RouteMatch => tryRoute(method, path)!;
const PROPOSE = at(`${WORKSPACE}/agent-actions:propose`);
const MCP = at('/mcp');
const judge = (body: unknown, caller = BOT, match = PROPOSE, in_ = known()): CallJudgement => {
  const judged = judgeCall(proposing(body), caller, match, in_, NOW);
  if (isRefusal(judged)) throw new Error(judged.detail);
  return judged;
};
const refusal = (facts: Facts, caller = BOT, match = PROPOSE, in_ = known()) => {
  const judged = judgeCall(facts, caller, match, in_, NOW);
  return isRefusal(judged) ? judged : 'accepted';
};
const blocked = (detail: string) => ({ reason: 'PolicyBlocked', detail });
const shadow = known({ policies: [policyObject(specOf(ACME, 'identity'))] });

describe('a route without a tool', () => {
  it('is none of this control’s business, whatever its body', () => {
    expect(judgeCall({ ...proposing('{{'), contentType: '' }, BOT, at(`${WORKSPACE}/runs`), known(), NOW)).toEqual({});
  });
});

describe('a proposal', () => {
  it('goes on with the policy’s word in it', () => {
    const { called, judgement, body } = judge({ toolName: 'invoice:create', policyIds: ['default-governance'] });
    expect(called).toEqual({ tool: 'invoice:create', tier: 'HumanApprove' });
    expect(judgement?.verdict).toEqual({ control: 'allowlist', mode: 'enforce', decision: 'allow' });
    expect(JSON.parse(body!)).toEqual({
      toolName: 'invoice:create',
      agentId: 'sales-bot',
      executionTier: 'HumanApprove',
      policyIds: ['default-governance'],
      idempotencyKey: expect.stringMatching(/^front-/),
    });
  });

  it('of a tool that is not listed is judged in the mode of the workspace', () => {
    const call = { toolName: 'disk:wipe', executionTier: 'Auto', policyIds: ['mine'] };
    expect(judge(call).judgement?.verdict).toMatchObject({ mode: 'enforce', decision: 'deny' });
    const lax = judge(call, BOT, PROPOSE, shadow);
    expect(lax.judgement?.verdict).toMatchObject({ mode: 'shadow', decision: 'would_deny' });
    expect(JSON.parse(lax.body!)).toMatchObject({ executionTier: 'HumanApprove', policyIds: ['default-governance'] });
  });

  it('has another idempotency key once the policy is another', () => {
    const key = (in_ = known()) =>
      (
        JSON.parse(judge({ toolName: 'invoice:read', idempotencyKey: 'k' }, BOT, PROPOSE, in_).body!) as {
          idempotencyKey: string;
        }
      ).idempotencyKey;
    const changed = policyObject(specOf({ ...ACME, blastRadius: [{ tool: 'x', tier: 'Auto' }] }));
    expect(key()).toBe(key());
    expect(key(known({ policies: [changed] }))).not.toBe(key());
    // A rollback is no change of policy.
    expect(key(shadow)).toBe(key());
  });

  it.each(['application/json', 'Application/JSON', 'application/json; charset=utf-8', 'application/json ;x=1'])(
    'may be %s',
    (contentType) => expect(refusal({ ...proposing({ toolName: 'x' }), contentType })).toBe('accepted'),
  );

  it.each([
    '',
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonp',
    'application/vnd.api+json',
    'text/json',
    'x, application/json',
  ])('as %j is refused', (contentType) => {
    expect(refusal({ ...proposing({ toolName: 'x' }), contentType })).toEqual(
      blocked('The body must be application/json.'),
    );
  });

  it('that can be read in two ways is refused in every mode', () => {
    for (const in_ of [known(), shadow])
      expect(refusal(proposing('{"toolName":"invoice:read","toolName":"disk:wipe"}'), BOT, PROPOSE, in_)).toEqual(
        blocked('The key "toolName" is there twice.'),
      );
    expect(refusal(AGENT)).toEqual(blocked('The body must be application/json.'));
    expect(refusal({ ...AGENT, contentType: 'application/json' })).toEqual(blocked('The body is empty.'));
  });

  it('for no workspace is refused', () => {
    expect(refusal(proposing({ toolName: 'x' }), { kind: 'workload', name: 'execution-worker' }, MCP)).toEqual(
      blocked('The call belongs to no workspace that could allow a tool.'),
    );
  });
});

describe('the agent that a proposal is for', () => {
  const speaks = (agentId: string, caller = BOT, in_ = known()) =>
    refusal(proposing({ toolName: 'invoice:read', agentId }), caller, PROPOSE, in_);
  const another = (agentId: string, name = 'sales-bot') => ({
    reason: 'NotAuthorized',
    detail: `The body speaks for the agent ${JSON.stringify(agentId)}, the caller is "${name}".`,
    bypass: true,
  });

  it('is the caller itself and no other, in every mode', () => {
    for (const in_ of [known(), shadow]) {
      expect(speaks('sales-bot', BOT, in_)).toBe('accepted');
      for (const other of ['invoice-clerk', 'support-bot', 'Sales-Bot', 'sales-bot ', ''])
        expect(speaks(other, BOT, in_)).toEqual(another(other));
    }
  });

  it('is any agent of the workspace where a workload calls, and none of another', () => {
    expect(speaks('invoice-clerk', WORKLOAD)).toBe('accepted');
    const { body } = judge({ toolName: 'invoice:read', agentId: 'invoice-clerk' }, WORKLOAD);
    expect(JSON.parse(body!)).toMatchObject({ agentId: 'invoice-clerk' });
    expect(speaks('execution-worker', WORKLOAD)).toBe('accepted');
    for (const other of ['support-bot', 'stranger'])
      expect(speaks(other, WORKLOAD)).toEqual(another(other, 'execution-worker'));
  });

  it('is named in the answer no longer than it need be', () => {
    expect(speaks('a'.repeat(500))).toEqual(another('a'.repeat(128)));
  });
});

describe('a request of MCP', () => {
  const call = { jsonrpc: '2.0', id: 'x', method: 'tools/call', params: { name: 'invoice:read', arguments: {} } };

  it('is judged by its tool, answered under its id, and goes on as it was read', () => {
    expect(judge(JSON.stringify(call, null, 1), BOT, MCP)).toEqual({
      called: { tool: 'invoice:read', tier: 'Auto', rpc: { id: 'x' } },
      judgement: { verdict: { control: 'allowlist', mode: 'enforce', decision: 'allow' }, tier: 'Auto' },
      body: JSON.stringify(call),
    });
  });

  it('without a tool is judged by no allowlist', () => {
    const ping = { jsonrpc: '2.0', id: 1, method: 'ping' };
    expect(judge(ping, BOT, MCP)).toEqual({ called: { rpc: { id: 1 } }, body: JSON.stringify(ping) });
    const note = { jsonrpc: '2.0', method: 'notifications/initialized' };
    expect(judge(note, BOT, MCP)).toEqual({ called: { rpc: { id: null } }, body: JSON.stringify(note) });
  });
});

describe('an execution', () => {
  it('is judged by the tool of its flow', () => {
    const match = at(`${WORKSPACE}/agent-actions/a1/execute`);
    const of = (flowRef: string) => judge({ flowRef }, BOT, match);
    expect(of('machine-1/invoice:read').judgement?.verdict.decision).toBe('allow');
    expect(of('invoice:read/disk:wipe')).toMatchObject({
      called: { tool: 'disk:wipe', tier: 'HumanApprove' },
      judgement: { verdict: { decision: 'deny' } },
    });
    expect(of('invoice:read/').judgement?.verdict.decision).toBe('deny');
  });
});

describe('a workspace that is pending', () => {
  const caller: Caller = { kind: 'agent', name: 'new-bot', workspaceId: 'ws-new' };
  const pending = known({ pending: ['ws-new'] });

  it('has nothing listed: every tool would be denied, passes to a person’s approval, and keeps its own policies', () => {
    const { judgement, body } = judge(
      { toolName: 'x', executionTier: 'Auto', policyIds: ['own'] },
      caller,
      PROPOSE,
      pending,
    );
    expect(judgement).toMatchObject({
      verdict: { mode: 'shadow', decision: 'would_deny' },
      refusal: blocked('The tool "x" is not on the allowlist of the workspace "ws-new".'),
    });
    expect(JSON.parse(body!)).toMatchObject({ agentId: 'new-bot', executionTier: 'HumanApprove', policyIds: ['own'] });
  });

  it('is held to who is calling all the same', () => {
    expect(refusal(proposing({ toolName: 'x', agentId: 'sales-bot' }), caller, PROPOSE, pending)).toMatchObject({
      reason: 'NotAuthorized',
      bypass: true,
    });
  });
});
