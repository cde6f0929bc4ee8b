import { describe, expect, it } from 'vitest';
import { answer, IDENTITY_HEADERS } from '../../src/authorizer/answer.js';
import { decide } from '../../src/authorizer/decide.js';
import type { Facts } from '../../src/authorizer/facts.js';
import { ACME, NOW } from '../model/examples.js';
import { AGENT, BEARER, CONFIG, known, MTLS_RELAXATION, PERSON, policyObject, specOf, WORKER } from './fixture.js';

const all = known({ relaxations: [MTLS_RELAXATION] });
const of = (facts: Facts, in_ = all) => answer(facts, decide(facts, in_, CONFIG, NOW), 'decision-1');
const headersOf = (headers: readonly { readonly header: { key: string; value: string } }[] = []) =>
  Object.fromEntries(headers.map(({ header: { key, value } }) => [key, value]));

describe('an answer that allows', () => {
  it('tells the application who is calling, and leaves nothing of a client’s own of these names', () => {
    const { status, okResponse, deniedResponse } = of(AGENT);
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
    ['a call may belong to no workspace', { ...WORKER, path: '/x' }, ['x-portarium-agent', 'x-portarium-workspace']],
  ])('removes what it does not set: %s', (_what, facts, removed) => {
    const { okResponse } = of(facts);
    expect(okResponse?.headersToRemove).toEqual(removed);
    expect(Object.keys(headersOf(okResponse?.headers))).toEqual(
      IDENTITY_HEADERS.filter((key) => !removed.includes(key)),
    );
  });

  it('gives Envoy’s access log the decision', () => {
    expect(of(BEARER).dynamicMetadata).toEqual({
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
  ])('%s', (_what, facts, in_, status, code, problem) => {
    const given = of({ ...facts, path: `${facts.path}?secret=1` }, in_);
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
