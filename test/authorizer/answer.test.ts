import { describe, expect, it } from 'vitest';
import { answer, BODY_PENDING, IDENTITY_HEADERS } from '../../src/authorizer/answer.js';
import type { Sources } from '../../src/authorizer/authz.js';
import { decide } from '../../src/authorizer/decide.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { ACME, NOW } from '../model/examples.js';
import {
  AGENT,
  BEARER,
  CONFIG,
  known,
  MTLS_RELAXATION,
  openfga,
  PERSON,
  policyObject,
  proposing,
  SOURCES,
  specOf,
  WORKER,
} from './fixture.js';

const all = known({ relaxations: [MTLS_RELAXATION] });
const of = async (facts: Facts, in_ = all, sources: Sources = SOURCES) =>
  answer(facts, await decide(facts, in_, CONFIG, NOW, sources), 'decision-1');
const headersOf = (headers: readonly { readonly header: { key: string; value: string } }[] = []) =>
  Object.fromEntries(headers.map(({ header: { key, value } }) => [key, value]));

describe('an answer that allows', () => {
  it('tells the application who is calling, and leaves nothing of a client’s own of these names', async () => {
    const { status, okResponse, deniedResponse } = await of(AGENT);
    expect(status).toEqual({ code: 0 });
    expect(deniedResponse).toBeUndefined();
    expect(headersOf(okResponse?.headers)).toEqual({
      'x-portarium-agent': 'sales-bot',
      'x-portarium-workspace': 'ws-acme',
      'x-portarium-spiffe-id': AGENT.principal,
      'x-portarium-decision-id': 'decision-1',
    });
    expect(okResponse?.headersToRemove).toEqual([]);
    for (const { appendAction } of okResponse!.headers) expect(appendAction).toBe('OVERWRITE_IF_EXISTS_OR_ADD');
  });

  it.each<[string, Facts, readonly string[]]>([
    ['bearer has no SVID', BEARER, ['x-portarium-spiffe-id']],
    ['a workload is no agent', WORKER, ['x-portarium-agent']],
    ['a person is neither', PERSON, ['x-portarium-agent', 'x-portarium-spiffe-id']],
    ['a body is not replaced where none was judged', AGENT, []],
  ])('removes what it does not set: %s', async (_what, facts, removed) => {
    const { okResponse } = await of(facts);
    expect(okResponse?.headersToRemove).toEqual(removed);
    expect(Object.keys(headersOf(okResponse?.headers))).toEqual(
      IDENTITY_HEADERS.filter((key) => !removed.includes(key)),
    );
  });

  it('gives Envoy’s access log the decision', async () => {
    expect((await of(BEARER)).dynamicMetadata).toEqual({
      fields: Object.fromEntries(
        Object.entries({
          decision_id: 'decision-1',
          decision: 'would_deny',
          control: 'mtls',
          mode: 'shadow',
          reason: 'IdentityRequired',
          workspace_id: 'ws-acme',
          caller: 'sales-bot',
          policy_hash: specOf(ACME).policyHash,
          relaxation: 'inc-4711',
        }).map(([key, stringValue]) => [key, { stringValue }]),
      ),
    });
  });
});

describe('an answer that refuses', () => {
  it.each<[string, Facts, ReturnType<typeof known>, number, number, object]>([
    [
      'no token: 401',
      { ...AGENT, token: { header: {}, claims: {} } },
      all,
      401,
      16,
      {
        type: 'https://portarium.dev/problems/unauthorized',
        title: 'Unauthorized',
        detail: 'The token’s type is missing, not "at+jwt".',
        reason: 'InvalidToken',
      },
    ],
    [
      'no SVID: 403',
      BEARER,
      known(),
      403,
      7,
      {
        type: 'https://portarium.dev/problems/identity-required',
        title: 'Forbidden',
        detail: '"sales-bot" came without an SVID, and mtls is enforced in the workspace "ws-acme".',
        reason: 'IdentityRequired',
      },
    ],
    [
      'no policy: 403',
      PERSON,
      known({ policies: [policyObject(specOf({ ...ACME, id: 'ws-else', agents: [] }))] }),
      403,
      7,
      {
        type: 'https://portarium.dev/problems/not-authorized',
        title: 'Forbidden',
        detail: 'The workspace "ws-acme" has no policy.',
        reason: 'NotAuthorized',
      },
    ],
    [
      'cannot decide: 503',
      { ...AGENT, listener: 'x' },
      all,
      503,
      14,
      {
        type: 'https://portarium.dev/problems/service-unavailable',
        title: 'Service Unavailable',
        detail: '"x" is no listener of the front.',
        reason: 'CannotDecide',
      },
    ],
  ])('%s', async (_what, facts, in_, status, code, problem) => {
    const given = await of({ ...facts, path: `${facts.path}?secret=1` }, in_);
    expect(given.okResponse).toBeUndefined();
    expect(given.status.code).toBe(code);
    expect(given.deniedResponse?.status).toEqual({ code: status });
    expect(JSON.parse(given.deniedResponse!.body)).toEqual({
      ...problem,
      status,
      instance: facts.path,
      requestId: 'req-1',
      decisionId: 'decision-1',
    });
    expect(headersOf(given.deniedResponse?.headers)).toEqual({
      'content-type': 'application/problem+json',
      'x-portarium-reason': (problem as { reason: string }).reason,
      'x-portarium-decision-id': 'decision-1',
      ...(status === 401 && { 'www-authenticate': 'Bearer error="invalid_token"' }),
    });
  });
});

const reading = proposing({ toolName: 'invoice:read' });
const wiping = proposing({ toolName: 'disk:wipe' });
const call = (name: unknown, id: unknown = 'call-7') => ({
  ...proposing({ jsonrpc: '2.0', id, method: 'tools/call', params: { name } }),
  path: '/mcp',
});
const bodyOf = (given: Awaited<ReturnType<typeof of>>): unknown => JSON.parse(given.deniedResponse!.body);
const metadataOf = (given: Awaited<ReturnType<typeof of>>): readonly string[] =>
  Object.keys(given.dynamicMetadata?.fields ?? {});
const refusing: Sources = { ...SOURCES, openfga: openfga(() => false) };

describe('an answer about a tool', () => {
  it('that refuses it is a problem with reason PolicyBlocked, which names the tool', async () => {
    const given = await of(wiping, known());
    expect(given.deniedResponse?.status).toEqual({ code: 403 });
    expect(bodyOf(given)).toEqual({
      type: 'https://portarium.dev/problems/policy-blocked',
      title: 'Forbidden',
      status: 403,
      detail: 'The tool "disk:wipe" is not on the allowlist of the workspace "ws-acme".',
      instance: '/v1/workspaces/ws-acme/agent-actions:propose',
      reason: 'PolicyBlocked',
      tool: 'disk:wipe',
      requestId: 'req-1',
      decisionId: 'decision-1',
    });
    expect(headersOf(given.deniedResponse?.headers)).toMatchObject({
      'content-type': 'application/problem+json',
      'x-portarium-reason': 'PolicyBlocked',
    });
  });

  it('cuts the tool’s name', async () => {
    const given = await of(proposing({ toolName: 't'.repeat(200) }), known());
    expect(bodyOf(given)).toMatchObject({ tool: 't'.repeat(128) });
  });

  it('names it as well where OpenFGA refuses the call', async () => {
    expect(bodyOf(await of(reading, known(), refusing))).toMatchObject({
      reason: 'NotAuthorized',
      detail: 'agent:ws-acme/sales-bot is not member of workspace:ws-acme.',
      tool: 'invoice:read',
    });
  });

  it('that lets it pass gives Envoy the body to put in, and marks the request until that is done', async () => {
    const given = await of(reading, known());
    const { body } = given.dynamicMetadata!.fields!;
    expect(JSON.parse(body!.stringValue!)).toMatchObject({ toolName: 'invoice:read', agentId: 'sales-bot' });
    expect(headersOf(given.okResponse?.headers)[BODY_PENDING]).toBe('yes');
    expect(given.okResponse?.headersToRemove).not.toContain(BODY_PENDING);
  });

  it('gives no body where the call is refused, whoever refuses it, nor a mark where there is none', async () => {
    for (const given of [await of(wiping, known()), await of(reading, known(), refusing), await of(AGENT)]) {
      expect(metadataOf(given)).not.toContain('body');
      expect(Object.keys(headersOf(given.okResponse?.headers))).not.toContain(BODY_PENDING);
    }
    expect((await of(wiping, known())).okResponse).toBeUndefined();
    // Whatever else a decision has in it.
    const allowed = await decide(reading, known(), CONFIG, NOW, SOURCES);
    expect(allowed.body).toBeDefined();
    expect(metadataOf(answer(reading, { ...allowed, status: 403 }, 'decision-1'))).not.toContain('body');
  });
});

describe('an answer of MCP', () => {
  const problem = {
    type: 'https://portarium.dev/problems/policy-blocked',
    title: 'Forbidden',
    status: 403,
    instance: '/mcp',
    reason: 'PolicyBlocked',
    requestId: 'req-1',
    decisionId: 'decision-1',
  };

  it('that refuses is an error of JSON-RPC under the request’s id, with the problem in it', async () => {
    for (const id of ['call-7', 7, 0, '']) {
      const given = await of(call('disk:wipe', id), known());
      expect(bodyOf(given)).toEqual({
        jsonrpc: '2.0',
        id,
        error: {
          code: -32001,
          message: 'PolicyBlocked',
          data: {
            ...problem,
            detail: 'The tool "disk:wipe" is not on the allowlist of the workspace "ws-acme".',
            tool: 'disk:wipe',
          },
        },
      });
      expect(given.deniedResponse?.status).toEqual({ code: 403 });
      expect(headersOf(given.deniedResponse?.headers)['content-type']).toBe('application/json');
    }
  });

  it('has the id null where the body cannot be read', async () => {
    expect(bodyOf(await of(call(['disk:wipe']), known()))).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32001, message: 'PolicyBlocked', data: { ...problem, detail: '"params.name" is not text.' } },
    });
  });

  it('tells what cannot be decided from what is refused', async () => {
    const silent = { ...SOURCES, openfga: openfga(() => undefined) };
    const given = await of(call('invoice:read'), known(), silent);
    expect(given.deniedResponse?.status).toEqual({ code: 503 });
    expect(bodyOf(given)).toMatchObject({
      id: 'call-7',
      error: { code: -32003, message: 'CannotDecide', data: { status: 503, reason: 'CannotDecide' } },
    });
  });

  it('for want of an SVID is one as well, and for want of a token a problem, since nothing has been read', async () => {
    const bearer = { ...call('invoice:read'), listener: 'bearer', principal: '' };
    expect(bodyOf(await of(bearer, known()))).toMatchObject({ id: 'call-7', error: { message: 'IdentityRequired' } });
    const given = await of({ ...call('invoice:read'), token: { header: {}, claims: {} } }, known());
    expect(bodyOf(given)).toMatchObject({ status: 401, reason: 'InvalidToken' });
    expect(headersOf(given.deniedResponse?.headers)).toHaveProperty('www-authenticate');
  });
});
