import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/authorizer/decide.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { lineOf, recordOf } from '../../src/authorizer/record.js';
import { ACME, NOW } from '../model/examples.js';
import { AGENT, BEARER, CONFIG, known, MTLS_RELAXATION, PERSON, specOf, token } from './fixture.js';

const of = (facts: Facts, in_ = known({ relaxations: [MTLS_RELAXATION] })) =>
  recordOf(facts, decide(facts, in_, CONFIG, NOW), { time: NOW, decisionId: 'decision-1', latencyMs: 0.12345 });
const common = {
  time: '2026-10-01T12:00:00.000Z',
  decisionId: 'decision-1',
  requestId: 'req-1',
  workspaceId: 'ws-acme',
  method: 'POST',
  path: '/v1/workspaces/ws-acme/agent-actions:propose',
  latencyMs: 0.123,
};

describe('a record', () => {
  it('of what is allowed', () => {
    expect(of(AGENT, known())).toEqual({
      ...common,
      agentId: 'sales-bot',
      spiffeId: AGENT.principal,
      listener: 'agents',
      control: 'mtls',
      mode: 'enforce',
      decision: 'allow',
      status: 200,
      policyHash: specOf(ACME).policyHash,
    });
  });

  it('of what a Relaxation lets pass', () => {
    expect(of(BEARER)).toEqual({
      ...common,
      agentId: 'sales-bot',
      listener: 'bearer',
      control: 'mtls',
      mode: 'shadow',
      decision: 'would_deny',
      status: 200,
      reason: 'IdentityRequired',
      detail: '"sales-bot" came without an SVID, and mtls is in shadow in the workspace "ws-acme".',
      policyHash: specOf(ACME).policyHash,
      relaxation: 'inc-4711',
    });
  });

  it('of a person', () => {
    expect(of(PERSON)).toMatchObject({ subject: '5f2c-alice', control: 'identity', decision: 'allow' });
    expect(of(PERSON)).not.toHaveProperty('agentId');
  });

  it('of a refused caller names what was claimed as a subject, never as an agent', () => {
    const record = of({ ...AGENT, path: '/v1/workspaces/ws-globex/runs?token=secret' });
    expect(record).toMatchObject({
      subject: 'sales-bot',
      workspaceId: 'ws-globex',
      path: '/v1/workspaces/ws-globex/runs',
      decision: 'deny',
      status: 403,
      reason: 'NotAuthorized',
      bypassAttempt: true,
    });
    expect(record).not.toHaveProperty('agentId');
  });

  it('of what could not be decided is a denial by no control', () => {
    const record = of({ ...AGENT, listener: 'x' });
    expect(record).toMatchObject({ decision: 'deny', status: 503, reason: 'CannotDecide' });
    expect(record).not.toHaveProperty('control');
  });

  it('holds nothing of the token but its subject, and cuts what is long', () => {
    const facts = { ...AGENT, requestId: 'r'.repeat(500), token: token({ jti: 'secret', email: 'secret' }) };
    expect(JSON.stringify(of(facts))).not.toContain('secret');
    expect(of(facts).requestId).toBe(`${'r'.repeat(128)}…`);
  });
});

describe('a line', () => {
  it('is one line of printable text that says the same, whatever a client sends', () => {
    const nasty = fc.string({
      unit: fc.oneof(fc.constantFrom(...'\n\r\u2028\u0085\u202e\u200b\ufeff\u001b"\\'), fc.string()),
    });
    fc.assert(
      fc.property(nasty, nasty, (path, sub) => {
        const line = lineOf(of({ ...AGENT, path: `/${path}`, token: token({ sub }) }));
        expect(line.indexOf('\n')).toBe(line.length - 1);
        expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
        expect((JSON.parse(line) as { subject?: string }).subject).toBe(sub);
      }),
    );
  });
});
