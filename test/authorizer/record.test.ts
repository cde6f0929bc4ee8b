import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Sources } from '../../src/authorizer/authz.js';
import { decide } from '../../src/authorizer/decide.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { eventOf, lineOf, recordOf, type DecisionRecord } from '../../src/authorizer/record.js';
import { ACME, NOW } from '../model/examples.js';
import {
  AGENT,
  BEARER,
  CONFIG,
  known,
  MTLS_RELAXATION,
  openfga,
  PERSON,
  PLACE,
  proposing,
  SOURCES,
  specOf,
  token,
} from './fixture.js';

const of = async (
  facts: Facts,
  in_ = known({ relaxations: [MTLS_RELAXATION] }),
  sources: Sources = SOURCES,
): Promise<DecisionRecord> =>
  recordOf(facts, await decide(facts, in_, CONFIG, NOW, sources), {
    time: NOW,
    decisionId: 'decision-1',
    latencyMs: 0.12345,
  });
const common = {
  time: '2026-10-01T12:00:00.000Z',
  decisionId: 'decision-1',
  requestId: 'req-1',
  workspaceId: 'ws-acme',
  method: 'GET',
  path: '/v1/workspaces/ws-acme/runs',
  latencyMs: 0.123,
};
const user = 'agent:ws-acme/sales-bot';
const asked = (allowed: boolean | 'no answer') => ({
  ...PLACE,
  checks: [`${user} member workspace:ws-acme: ${allowed}`, `${user} run_read workspace:ws-acme: ${allowed}`],
  contextual: [],
  consistency: 'MINIMIZE_LATENCY',
  latencyMs: 1,
});

describe('a record', () => {
  it('of what is allowed', async () => {
    expect(await of(AGENT, known())).toEqual({
      ...common,
      agentId: 'sales-bot',
      spiffeId: AGENT.principal,
      listener: 'agents',
      control: 'authz',
      mode: 'enforce',
      decision: 'allow',
      status: 200,
      route: '/v1/workspaces/{ws}/runs',
      openfga: asked(true),
      policyHash: specOf(ACME).policyHash,
    });
  });

  it('of what a Relaxation lets pass', async () => {
    expect(await of(BEARER)).toEqual({
      ...common,
      agentId: 'sales-bot',
      listener: 'bearer',
      control: 'mtls',
      mode: 'shadow',
      decision: 'would_deny',
      status: 200,
      reason: 'IdentityRequired',
      detail: '"sales-bot" came without an SVID, and mtls is in shadow in the workspace "ws-acme".',
      route: '/v1/workspaces/{ws}/runs',
      openfga: asked(true),
      policyHash: specOf(ACME).policyHash,
      relaxation: 'inc-4711',
    });
  });

  it('of a person', async () => {
    const record = await of(PERSON);
    expect(record).toMatchObject({ subject: '5f2c-alice', control: 'authz', decision: 'allow' });
    expect(record).not.toHaveProperty('agentId');
  });

  it('of a refused caller names what was claimed as a subject, never as an agent', async () => {
    const record = await of({ ...AGENT, path: '/v1/workspaces/ws-globex/runs?token=secret' });
    expect(record).toMatchObject({
      subject: 'sales-bot',
      workspaceId: 'ws-globex',
      path: '/v1/workspaces/ws-globex/runs',
      decision: 'deny',
      status: 403,
      reason: 'NotAuthorized',
      bypassAttempt: true,
    });
    for (const key of ['agentId', 'route', 'openfga']) expect(record).not.toHaveProperty(key);
  });

  it('of what could not be decided is a denial by no control', async () => {
    const record = await of({ ...AGENT, listener: 'x' });
    expect(record).toMatchObject({ decision: 'deny', status: 503, reason: 'CannotDecide' });
    expect(record).not.toHaveProperty('control');
  });

  it('holds nothing of the token but its subject, and cuts what is long', async () => {
    const facts = { ...AGENT, requestId: 'r'.repeat(500), token: token({ jti: 'secret', email: 'secret' }) };
    const record = await of(facts);
    expect(JSON.stringify(record)).not.toContain('secret');
    expect(record.requestId).toBe(`${'r'.repeat(128)}…`);
  });

  it('keeps a trace context, and nothing that only looks like one', async () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    expect((await of({ ...AGENT, traceparent })).traceparent).toBe(traceparent);
    for (const bad of ['', 'secret', `${traceparent}\n`, traceparent.toUpperCase()])
      expect(await of({ ...AGENT, traceparent: bad })).not.toHaveProperty('traceparent');
  });
});

describe('a record of a tool’s call', () => {
  const body = { toolName: 'invoice:read', parameters: { iban: 'secret' }, executionTier: 'Assisted' };

  it('names the tool and the tier that it went on with, and the body by its hash alone', async () => {
    const facts = proposing(body);
    const record = await of(facts, known());
    expect(record).toMatchObject({
      tool: 'invoice:read',
      tier: 'Assisted',
      route: '/v1/workspaces/{ws}/agent-actions:propose',
      bodyHash: createHash('sha256').update(JSON.stringify(body)).digest('hex'),
      decision: 'allow',
    });
    expect(JSON.stringify(record)).not.toContain('secret');
    expect(JSON.stringify(record)).not.toContain('iban');
    expect(await of(AGENT)).not.toHaveProperty('bodyHash');
  });

  it('cuts the name of a tool, as text for its reader', async () => {
    const record = await of(proposing({ toolName: 't'.repeat(200) }), known());
    expect(record).toMatchObject({ control: 'allowlist', decision: 'deny', reason: 'PolicyBlocked' });
    expect(record.tool).toBe(`${'t'.repeat(128)}…`);
    expect(record.detail!.length).toBeLessThan(250);
  });

  it('is there for a body that cannot be read, with the hash of it', async () => {
    const record = await of(proposing('{"secret"'), known());
    expect(record).toMatchObject({ decision: 'deny', reason: 'PolicyBlocked', detail: 'The body is not JSON.' });
    expect(record.bodyHash).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(record)).not.toContain('secret');
  });
});

describe('what a record says of OpenFGA', () => {
  it('is what it was asked and answered, also where it refuses', async () => {
    const record = await of(AGENT, known(), { ...SOURCES, openfga: openfga(() => false) });
    expect(record).toMatchObject({ control: 'authz', decision: 'deny', openfga: asked(false) });
  });

  it('is the failure where there is no answer', async () => {
    const record = await of(AGENT, known(), { ...SOURCES, openfga: openfga(() => undefined) });
    expect(record.openfga).toEqual({ ...asked('no answer'), failure: 'it does not answer' });
    expect(record).toMatchObject({ status: 503, reason: 'CannotDecide' });
  });

  it('has the contextual tuples and that no cache was asked', async () => {
    const facts = { ...PERSON, method: 'POST', path: '/v1/workspaces/ws-acme/approvals/a1/decide' };
    const records = { read: () => Promise.resolve({ initiator: 'sales-bot', runId: 'r1', tool: 'invoice:read' }) };
    const record = await of(facts, known(), { ...SOURCES, records });
    expect(record.openfga).toMatchObject({
      checks: ['user:5f2c-alice member workspace:ws-acme: true', 'user:5f2c-alice approver approval:ws-acme/a1: true'],
      contextual: [
        'workspace:ws-acme workspace run:ws-acme/r1',
        'agent:ws-acme/sales-bot initiator run:ws-acme/r1',
        'run:ws-acme/r1 run approval:ws-acme/a1',
        'user:5f2c-alice assigned_approver approval:ws-acme/a1',
      ],
      consistency: 'HIGHER_CONSISTENCY',
    });
  });
});

describe('an event', () => {
  it('is a CloudEvent about the workspace, by the replica that decided', async () => {
    const traceparent = `00-${'ab'.repeat(16)}-${'cd'.repeat(8)}-01`;
    const record = await of({ ...AGENT, traceparent });
    expect(eventOf(record, 'api-server-0')).toEqual({
      specversion: '1.0',
      id: 'decision-1',
      source: '/portarium/front/api-server-0',
      type: 'io.portarium.front.decision',
      time: '2026-10-01T12:00:00.000Z',
      subject: 'ws-acme',
      datacontenttype: 'application/json',
      traceparent,
      data: record,
    });
  });

  it('has no subject where no workspace is known: an attribute that is empty is none', async () => {
    const event = eventOf(await of({ ...AGENT, listener: 'x', path: '/x' }), 'r');
    expect(event).not.toHaveProperty('subject');
    expect(event).not.toHaveProperty('traceparent');
  });
});

describe('a line', () => {
  it('is one line of printable text that says the same, whatever a client sends', async () => {
    const nasty = fc.string({
      unit: fc.oneof(fc.constantFrom(...'\n\r\u2028\u0085\u202e\u200b\ufeff\u001b"\\'), fc.string()),
    });
    await fc.assert(
      fc.asyncProperty(nasty, nasty, nasty, async (path, sub, toolName) => {
        for (const facts of [AGENT, proposing({ toolName })]) {
          const record = await of({ ...facts, path: `${facts.path}${path}`, token: token({ sub }) });
          const line = lineOf(eventOf(record, 'r'));
          expect(line.indexOf('\n')).toBe(line.length - 1);
          expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u);
          expect((JSON.parse(line) as { data: DecisionRecord }).data).toEqual(record);
        }
      }),
    );
  });

  it('shows a tool’s name as it was sent, escaped', async () => {
    const line = lineOf(await of(proposing({ toolName: 'invoice\u202e:read' }), known()));
    expect(line).toContain('"tool":"invoice\\u202e:read"');
  });
});
