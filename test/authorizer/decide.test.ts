import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/authorizer/decide.js';
import { deciding, type Decision, type Reason } from '../../src/authorizer/decision.js';
import { LISTENERS, type Facts } from '../../src/authorizer/facts.js';
import type { Known } from '../../src/authorizer/known.js';
import { Policies } from '../../src/authorizer/policies.js';
import { atLeast, CONTROLS, LEVELS, modesAt, rank } from '../../src/model/levels.js';
import { effectiveModes, type Relaxation } from '../../src/model/relaxation.js';
import { ACME, GLOBEX, minutes, NOW, RELAXATION } from '../model/examples.js';
import {
  AGENT,
  BEARER,
  CONFIG,
  known,
  MTLS_RELAXATION,
  person,
  PERSON,
  policyObject,
  specOf,
  svid,
  token,
  WORKER,
} from './fixture.js';

const ask = (facts: Facts, of: Known = known(), now: Date = NOW): Decision => decide(facts, of, CONFIG, now);
const at = (level: (typeof LEVELS)[number]) => ({
  policies: [policyObject(specOf(ACME, level)), policyObject(specOf(GLOBEX))],
});
const GLOBEX_PATH = '/v1/workspaces/ws-globex/runs';

describe('what agrees is allowed', () => {
  const hash = specOf(ACME).policyHash;
  const identity = { control: 'identity', mode: 'enforce', decision: 'allow' };
  const mtls = { control: 'mtls', mode: 'enforce', decision: 'allow' };

  it.each(['agents', 'grpc'])('an agent with its own SVID and token, on the listener %s', (listener) => {
    expect(ask({ ...AGENT, listener })).toEqual({
      status: 200,
      verdicts: [identity, mtls],
      caller: { kind: 'agent', name: 'sales-bot', workspaceId: 'ws-acme' },
      policyHash: hash,
    });
  });

  it('an agent on a path that names no workspace, such as a method of gRPC', () => {
    expect(ask({ ...AGENT, listener: 'grpc', path: '/portarium.v1.Runs/Start' }).caller?.workspaceId).toBe('ws-acme');
  });

  it('a workload for any workspace that has a policy, whether its token names it or not', () => {
    for (const workspaceId of ['ws-acme', undefined]) {
      expect(ask({ ...WORKER, token: token({ sub: 'execution-worker', workspaceId }) })).toEqual({
        status: 200,
        verdicts: [identity, mtls],
        caller: { kind: 'workload', name: 'execution-worker', workspaceId: 'ws-acme' },
        policyHash: hash,
      });
    }
    expect(ask({ ...WORKER, path: GLOBEX_PATH }).caller?.workspaceId).toBe('ws-globex');
    expect(ask({ ...WORKER, path: '/healthz' })).toMatchObject({
      status: 200,
      caller: { kind: 'workload', name: 'execution-worker' },
    });
  });

  it('a person in the workspace of the token, without any word about mtls', () => {
    expect(ask(PERSON)).toEqual({
      status: 200,
      verdicts: [identity],
      caller: { kind: 'person', name: '5f2c-alice', workspaceId: 'ws-acme' },
      policyHash: hash,
    });
    expect(ask({ ...PERSON, path: '/auth/session', token: person({ workspaceId: undefined }) }).status).toBe(200);
  });
});

const refused: readonly (readonly [what: string, facts: Facts, reason: Reason, detail: string])[] = [
  ['no verified token', without('token', AGENT), 'InvalidToken', 'There is no verified token.'],
  ['no SVID on the listener of agents', { ...AGENT, principal: '' }, 'IdentityRequired', 'There is no SVID.'],
  [
    'the SVID of another agent of the same workspace',
    { ...AGENT, principal: svid('invoice-clerk') },
    'IdentityRequired',
    'The SVID "spiffe://portarium.io/ns/portarium-agents/sa/invoice-clerk" is not the one of "sales-bot", whom the token names.',
  ],
  [
    'the SVID of a workload with the token of an agent',
    { ...AGENT, principal: WORKER.principal },
    'IdentityRequired',
    `The SVID "${WORKER.principal}" is not the one of "sales-bot", whom the token names.`,
  ],
  [
    'the SVID of an agent with the token of a workload',
    { ...WORKER, principal: AGENT.principal },
    'IdentityRequired',
    `The SVID "${AGENT.principal}" is not the one of "execution-worker", whom the token names.`,
  ],
  [
    'an agent that no policy names',
    { ...AGENT, token: token({ sub: 'stranger' }) },
    'IdentityRequired',
    '"stranger" is no known agent or workload.',
  ],
  [
    'an agent that no policy names, by bearer',
    { ...BEARER, token: token({ sub: 'stranger' }) },
    'NotAuthorized',
    '"stranger" is no known agent or workload.',
  ],
  [
    'a token for another workspace',
    { ...AGENT, token: token({ workspaceId: 'ws-globex' }) },
    'NotAuthorized',
    'The token names the workspace "ws-globex", which is not that of "sales-bot".',
  ],
  [
    'a token for no workspace',
    { ...AGENT, token: token({ workspaceId: undefined }) },
    'NotAuthorized',
    'The token of "sales-bot" names no workspace.',
  ],
  [
    'a path of another workspace',
    { ...AGENT, path: GLOBEX_PATH },
    'NotAuthorized',
    'The path is of the workspace "ws-globex", the caller of "ws-acme".',
  ],
  [
    'a workload’s path of another workspace than its token’s',
    { ...WORKER, token: token({ sub: 'execution-worker' }), path: GLOBEX_PATH },
    'NotAuthorized',
    'The path is of the workspace "ws-globex", the caller of "ws-acme".',
  ],
  [
    'a workload in a workspace without a policy',
    { ...WORKER, path: '/v1/workspaces/ws-new/runs' },
    'NotAuthorized',
    'The workspace "ws-new" has no policy.',
  ],
  [
    'a person in another workspace than the token’s',
    { ...PERSON, path: GLOBEX_PATH },
    'NotAuthorized',
    'The path is of the workspace "ws-globex", the caller of "ws-acme".',
  ],
  [
    'a person whose token names no workspace, in one',
    { ...PERSON, token: person({ workspaceId: undefined }) },
    'NotAuthorized',
    'The token of "5f2c-alice" names no workspace.',
  ],
  [
    'a person in a workspace without a policy',
    { ...PERSON, token: person({ workspaceId: 'ws-new' }), path: '/v1/workspaces/ws-new/runs' },
    'NotAuthorized',
    'The workspace "ws-new" has no policy.',
  ],
  [
    'an agent on the listener of people',
    { ...PERSON, token: person({ sub: 'sales-bot' }) },
    'NotAuthorized',
    '"sales-bot" is no person. Agents and workloads have listeners of their own.',
  ],
  [
    'a workload on the listener of people',
    { ...PERSON, token: person({ sub: 'execution-worker' }) },
    'NotAuthorized',
    '"execution-worker" is no person. Agents and workloads have listeners of their own.',
  ],
  [
    'a path that Envoy has not normalised',
    { ...AGENT, path: '/v1//workspaces/ws-globex/runs' },
    'NotAuthorized',
    'The path is not in its normal form.',
  ],
  [
    'a listener that the front does not have',
    { ...AGENT, listener: 'admin' },
    'CannotDecide',
    '"admin" is no listener of the front.',
  ],
  [
    'a certificate on a listener that takes none',
    { ...BEARER, principal: svid('sales-bot') },
    'CannotDecide',
    'The listener "bearer" takes no certificate, and yet there is one.',
  ],
];
const STATUS = { InvalidToken: 401, IdentityRequired: 403, NotAuthorized: 403, CannotDecide: 503 };

describe('what does not agree is refused at every level, shadow included', () => {
  it.each(refused)('%s', (_what, facts, reason, detail) => {
    for (const level of LEVELS) {
      const decision = ask(facts, known(at(level)));
      expect(decision.refusal).toMatchObject({ reason, detail });
      expect(decision.status).toBe(STATUS[reason]);
      expect(decision.caller).toBeUndefined();
      expect(deciding(decision)).toEqual(
        reason === 'CannotDecide' ? undefined : { control: 'identity', mode: 'enforce', decision: 'deny' },
      );
    }
  });

  it('counts as an attempt to bypass what can only be another’s identity', () => {
    const attempts = refused.filter(([, facts]) => ask(facts).refusal?.bypass).map(([what]) => what);
    expect(attempts).toEqual([
      'the SVID of another agent of the same workspace',
      'the SVID of a workload with the token of an agent',
      'the SVID of an agent with the token of a workload',
      'a token for another workspace',
      'a path of another workspace',
      'a workload’s path of another workspace than its token’s',
      'a person in another workspace than the token’s',
      'an agent on the listener of people',
      'a workload on the listener of people',
    ]);
  });

  it('a workspace whose policy has been deleted', () => {
    const all = known();
    all.remove('policies', 'ws-acme');
    expect(ask(AGENT, all).refusal?.detail).toBe('"sales-bot" is no known agent or workload.');
    expect(ask(PERSON, all).refusal?.detail).toBe('The workspace "ws-acme" has no policy.');
    expect(ask(WORKER, all).refusal?.detail).toBe('The workspace "ws-acme" has no policy.');
  });

  it('an agent’s name that is in two policies, for both', () => {
    const twin = { ...GLOBEX, agents: [{ ...GLOBEX.agents[0]!, name: 'sales-bot' }] };
    const all = known({ policies: [policyObject(specOf(ACME)), policyObject(specOf(twin))] });
    const detail = 'More than one agent has the name "sales-bot": none of them is served.';
    expect(ask(AGENT, all).refusal).toEqual({ reason: 'IdentityRequired', detail });
    const other = { principal: svid('sales-bot', GLOBEX.namespace), path: GLOBEX_PATH };
    expect(ask({ ...AGENT, ...other, token: token({ workspaceId: 'ws-globex' }) }, all).refusal?.detail).toBe(detail);
    expect(ask(BEARER, all).refusal).toEqual({ reason: 'NotAuthorized', detail });
  });

  it('a SPIFFE ID that two agents have, for both, in one policy or in two that share a namespace', () => {
    const detail = 'The agent "sales-bot" shares its SPIFFE ID: it is not served.';
    const spec = specOf(ACME);
    const shared = spec.agents.map((agent) => ({ ...agent, serviceAccount: 'sales-bot', spiffeId: svid('sales-bot') }));
    expect(ask(AGENT, known({ policies: [policyObject(spec, { agents: shared })] })).refusal?.detail).toBe(detail);
    const beta = { ...specOf({ ...ACME, id: 'ws-beta' }), agents: [{ ...shared[0]!, name: 'beta-bot' }] };
    expect(ask(AGENT, known({ policies: [policyObject(spec), policyObject(beta)] })).refusal?.detail).toBe(detail);
  });

  it('an agent that has the SPIFFE ID of a workload; the workload is served', () => {
    const spec = specOf({ ...ACME, namespace: 'portarium-execution' });
    const agents = [{ ...spec.agents[0]!, serviceAccount: 'execution-worker', spiffeId: WORKER.principal }];
    const all = known({ policies: [policyObject(spec, { agents })] });
    const facts = { ...AGENT, principal: WORKER.principal, token: token({ sub: agents[0]!.name }) };
    expect(ask(facts, all).refusal?.detail).toBe('The agent "invoice-clerk" shares its SPIFFE ID: it is not served.');
    expect(ask(WORKER, all).status).toBe(200);
  });

  it('an agent that has the name of a workload; the workload is served', () => {
    const agents = [{ ...ACME.agents[0]!, name: 'execution-worker' }];
    const all = known({ policies: [policyObject(specOf({ ...ACME, agents }))] });
    const facts = { ...AGENT, principal: svid('execution-worker'), token: token({ sub: 'execution-worker' }) };
    expect(ask(facts, all).refusal).toMatchObject({ reason: 'IdentityRequired', bypass: true });
    expect(ask(WORKER, all).status).toBe(200);
  });
});

describe('a call by bearer', () => {
  const enforced = 'mtls is enforced in the workspace "ws-acme".';

  it('passes below the level identity, is counted as one that would be denied, and is refused from there on', () => {
    for (const level of LEVELS) {
      const decision = ask(BEARER, known(at(level)));
      const enforce = rank(level) >= rank('identity');
      expect(decision.status).toBe(enforce ? 403 : 200);
      expect(deciding(decision)).toEqual({
        control: 'mtls',
        mode: enforce ? 'enforce' : 'shadow',
        decision: enforce ? 'deny' : 'would_deny',
      });
      expect(decision.refusal).toEqual({
        reason: 'IdentityRequired',
        detail: `"sales-bot" came without an SVID, and ${enforce ? enforced : 'mtls is in shadow in the workspace "ws-acme".'}`,
      });
      expect(decision.caller).toEqual({ kind: 'agent', name: 'sales-bot', workspaceId: 'ws-acme' });
    }
  });

  it('passes by an approved Relaxation of mtls, which is named', () => {
    expect(ask(BEARER, known({ relaxations: [MTLS_RELAXATION] }))).toMatchObject({
      status: 200,
      verdicts: [{ control: 'identity' }, { control: 'mtls', mode: 'shadow', decision: 'would_deny' }],
      relaxation: 'inc-4711',
    });
  });

  it.each<[string, Partial<Relaxation>]>([
    ['another control', { controls: ['egress', 'authz', 'allowlist'] }],
    ['another workspace', { workspaceId: 'ws-globex' }],
    ['one that nobody approved', { state: 'requested' }],
    ['one that was approved by its requester', { approvedBy: 'alice' }],
    ['one that has expired', { expiresAt: minutes(-1) }],
    ['one that has been ended', { state: 'ended' }],
  ])('is refused under a Relaxation of %s', (_what, changes) => {
    const decision = ask(BEARER, known({ relaxations: [{ ...MTLS_RELAXATION, ...changes }] }));
    expect(decision.status).toBe(403);
    expect(decision).not.toHaveProperty('relaxation');
  });

  it('is refused from the very moment at which the Relaxation expires, without a word from the API server', () => {
    const all = known({ relaxations: [MTLS_RELAXATION] });
    const expiry = MTLS_RELAXATION.expiresAt.getTime();
    const facts = { ...BEARER, token: token({ exp: expiry }) };
    expect(ask(facts, all, new Date(expiry - 1)).status).toBe(200);
    expect(ask(facts, all, new Date(expiry)).status).toBe(403);
  });

  it('is refused once the API server has been silent for contactSeconds, and a level in shadow stays in shadow', () => {
    let silence = 0;
    const relaxed = known({ relaxations: [MTLS_RELAXATION] }, () => silence);
    const shadow = known(at('authz'), () => silence);
    silence = 29_999;
    expect(ask(BEARER, relaxed).status).toBe(200);
    silence = 30_000;
    expect(ask(BEARER, relaxed).status).toBe(403);
    expect(ask(AGENT, relaxed).status).toBe(200);
    expect(ask(BEARER, shadow).status).toBe(200);
    relaxed.heard('policies');
    expect(ask(BEARER, relaxed).status).toBe(403);
    relaxed.heard('relaxations');
    expect(ask(BEARER, relaxed).status).toBe(200);
  });

  it('is refused when the newest policy cannot be read, whatever the last one said; the last one’s agents stay', () => {
    const all = known({ ...at('routing'), relaxations: [MTLS_RELAXATION] });
    all.put('policies', policyObject(specOf(ACME, 'routing'), { modes: {} }));
    expect(ask(BEARER, all).status).toBe(403);
    expect(ask(AGENT, all).status).toBe(200);
    all.put('policies', policyObject(specOf(ACME, 'routing')));
    expect(ask(BEARER, all).status).toBe(200);
  });

  it('of a workload is judged by the workspace that is called, and refused where there is none', () => {
    const all = known(at('routing'));
    const facts = { ...WORKER, listener: 'bearer', principal: '' };
    expect(ask(facts, all).status).toBe(200);
    expect(ask({ ...facts, path: GLOBEX_PATH }, all).status).toBe(403);
    expect(ask({ ...facts, path: '/healthz' }, all)).toMatchObject({
      status: 403,
      refusal: {
        reason: 'IdentityRequired',
        detail: '"execution-worker" came without an SVID, and the call belongs to no workspace that could permit that.',
      },
    });
  });
});

describe('before both lists have arrived', () => {
  it('nothing is decided', () => {
    const all = new Policies({ trustDomain: CONFIG.trustDomain, contactLasts: 30_000 });
    const reason = { reason: 'CannotDecide', detail: 'The policies have not arrived from the API server yet.' };
    for (const facts of [AGENT, BEARER, PERSON, WORKER])
      expect(ask(facts, all)).toMatchObject({ status: 503, refusal: reason });
    all.replace('policies', [policyObject(specOf(ACME))]);
    expect(ask(AGENT, all).status).toBe(503);
    all.replace('relaxations', []);
    expect(ask(AGENT, all).status).toBe(200);
  });
});

/** What agrees, with up to three things changed. */
const facts: fc.Arbitrary<Facts> = fc
  .record({
    facts: fc.constantFrom(AGENT, BEARER, PERSON, WORKER),
    changes: fc.subarray(['listener', 'principal', 'path'], { maxLength: 2 }),
    listener: fc.constantFrom(...LISTENERS, 'other'),
    principal: fc.constantFrom(
      '',
      svid('sales-bot'),
      svid('support-bot', GLOBEX.namespace),
      WORKER.principal,
      svid('x'),
    ),
    path: fc.constantFrom('/healthz', '/v1/workspaces/ws-acme/runs', GLOBEX_PATH, '/v1/workspaces/ws-new', '/a//b'),
    claimed: fc.subarray(['sub', 'aud', 'workspaceId', 'exp'], { maxLength: 1 }),
    sub: fc.constantFrom('sales-bot', 'invoice-clerk', 'support-bot', 'execution-worker', '5f2c-alice', 'stranger', ''),
    aud: fc.subarray(['portarium', 'portarium-people', 'else']),
    workspaceId: fc.constantFrom('ws-acme', 'ws-globex', 'ws-new', undefined),
    exp: fc.constantFrom(undefined, NOW.getTime() / 1000 - 3600),
  })
  .map(({ facts: right, changes, claimed, ...values }) => {
    const pick = (keys: readonly string[]) =>
      Object.fromEntries(Object.entries(values).filter(([key]) => keys.includes(key)));
    const claims = { ...right.token!.claims, workspaceId: right.token!.claims['workspaceId'], ...pick(claimed) };
    return { ...right, ...pick(changes), token: token(claims) };
  });
const relaxation: fc.Arbitrary<Relaxation> = fc
  .record({
    workspaceId: fc.constantFrom('ws-acme', 'ws-globex'),
    controls: fc.subarray([...CONTROLS], { minLength: 1 }),
    approvedBy: fc.constantFrom('alice', 'bob', 'system:serviceaccount:ci:deployer'),
    state: fc.constantFrom('requested' as const, 'approved' as const, 'ended' as const),
    expiresAt: fc.constantFrom(minutes(-1), minutes(1), minutes(50)),
  })
  .map((changes) => ({ ...RELAXATION, ...changes }));
const level = fc.constantFrom(...LEVELS);

describe('whatever Envoy says', () => {
  const rows = new Map([
    ['sales-bot', { id: svid('sales-bot'), workspace: 'ws-acme' }],
    ['support-bot', { id: svid('support-bot', GLOBEX.namespace), workspace: 'ws-globex' }],
    ['execution-worker', { id: WORKER.principal, workspace: undefined }],
  ]);

  it('nothing is allowed to whom SVID, token, row and workspace do not agree on', () => {
    let allowed = 0;
    fc.assert(
      fc.property(facts, level, fc.array(relaxation, { maxLength: 3 }), (asked, reached, relaxations) => {
        const decision = ask(asked, known({ ...at(reached), relaxations: named(relaxations) }));
        if (decision.status !== 200) return;
        allowed += 1;
        const { sub, workspaceId, exp, aud } = asked.token!.claims as Record<string, string & number & string[]>;
        const called = /^\/v1\/workspaces\/([^/]+)/.exec(asked.path)?.[1];
        expect(exp! * 1000).toBeGreaterThan(NOW.getTime());
        expect(['ws-acme', 'ws-globex', undefined]).toContain(called ?? workspaceId);
        if (workspaceId !== undefined && called !== undefined) expect(called).toBe(workspaceId);
        if (asked.listener === 'people') {
          expect(aud).toContain('portarium-people');
          expect(asked.principal).toBe('');
          expect(rows.has(sub!)).toBe(false);
          expect(sub).not.toBe('invoice-clerk');
          return;
        }
        expect(aud).toContain('portarium');
        expect(aud).not.toContain('portarium-people');
        const row = rows.get(sub!) ?? { id: svid(sub!), workspace: 'ws-acme' };
        expect([...rows.keys(), 'invoice-clerk']).toContain(sub);
        if (row.workspace !== undefined) expect(workspaceId).toBe(row.workspace);
        expect(asked.principal).toBe(asked.listener === 'bearer' ? '' : row.id);
      }),
      { numRuns: 5000 },
    );
    expect(allowed).toBeGreaterThan(500);
  });

  it('mtls is in the mode that the model says, and a bearer passes exactly in shadow', () => {
    fc.assert(
      fc.property(level, fc.array(relaxation, { maxLength: 4 }), fc.boolean(), (reached, relaxations, contact) => {
        const given = named(relaxations);
        let silence = 0;
        const all = known({ ...at(reached), relaxations: given }, () => silence);
        if (!contact) silence = 60_000;
        const decision = ask(BEARER, all);
        const { mtls } = contact ? effectiveModes('ws-acme', reached, given, NOW) : modesAt(reached);
        expect(deciding(decision)?.mode).toBe(mtls);
        expect(decision.status).toBe(mtls === 'shadow' ? 200 : 403);
      }),
    );
  });

  it('is never answered more leniently at a stricter level', () => {
    fc.assert(
      fc.property(facts, level, level, (asked, a, b) => {
        fc.pre(atLeast(modesAt(a), modesAt(b)));
        if (ask(asked, known(at(a))).status === 200) expect(ask(asked, known(at(b))).status).toBe(200);
      }),
    );
  });

  it('is decided by claims of any shape without a failure', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.string(), (claims, path, principal) => {
        for (const listener of LISTENERS) {
          const decision = ask({ ...AGENT, listener, principal, path, token: token(claims) });
          expect([200, 401, 403, 503]).toContain(decision.status);
        }
      }),
    );
  });
});

const named = (relaxations: readonly Relaxation[]): readonly Relaxation[] =>
  relaxations.map((each, index) => ({ ...each, name: `inc-${index}` }));

function without<T extends object, K extends PropertyKey>(key: K, value: T): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key)) as Omit<T, K>;
}
