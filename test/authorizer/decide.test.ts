import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/authorizer/decide.js';
import { deciding, type Decision, type Reason } from '../../src/authorizer/decision.js';
import { LISTENERS, type Facts } from '../../src/authorizer/facts.js';
import type { Known } from '../../src/authorizer/known.js';
import type { Check } from '../../src/authorizer/openfga.js';
import type { RecordRef } from '../../src/authorizer/records.js';
import type { Sources } from '../../src/authorizer/authz.js';
import { KINDS, Policies } from '../../src/authorizer/policies.js';
import { MODEL_HASH } from '../../src/model/authorization/model.js';
import { atLeast, CONTROLS, LEVELS, modesAt, rank } from '../../src/model/levels.js';
import { effectiveModes, type Relaxation } from '../../src/model/relaxation.js';
import { ACME, GLOBEX, minutes, NOW, RELAXATION } from '../model/examples.js';
import {
  AGENT,
  BEARER,
  CONFIG,
  known,
  modelObject,
  MTLS_RELAXATION,
  onboardingObject,
  openfga,
  proposing,
  relaxationObject,
  SOURCES,
  person,
  PERSON,
  policyObject,
  specOf,
  svid,
  token,
  WORKER,
} from './fixture.js';

const ask = (facts: Facts, of: Known = known(), now: Date = NOW, sources = SOURCES): Promise<Decision> =>
  decide(facts, of, CONFIG, now, sources);
const at = (level: (typeof LEVELS)[number]) => ({
  policies: [policyObject(specOf(ACME, level)), policyObject(specOf(GLOBEX))],
});
const GLOBEX_PATH = '/v1/workspaces/ws-globex/runs';

describe('what agrees is allowed', () => {
  const hash = specOf(ACME).policyHash;
  const identity = { control: 'identity', mode: 'enforce', decision: 'allow' };
  const mtls = { control: 'mtls', mode: 'enforce', decision: 'allow' };
  const authz = { control: 'authz', mode: 'enforce', decision: 'allow' };
  const worker = { kind: 'workload', name: 'execution-worker', spiffeId: WORKER.principal };
  const runs = '/v1/workspaces/{ws}/runs';
  const asked = expect.objectContaining({ checks: expect.any(Array) });

  it('an agent with its own SVID and token', async () => {
    expect(await ask(AGENT)).toEqual({
      status: 200,
      verdicts: [identity, mtls, authz],
      caller: { kind: 'agent', name: 'sales-bot', workspaceId: 'ws-acme' },
      route: runs,
      asked,
      policyHash: hash,
    });
  });

  it('an agent by a method of gRPC, which names no workspace', async () => {
    expect(await ask({ ...AGENT, listener: 'grpc', path: '/portarium.v1.Runs/Start' })).toEqual({
      status: 200,
      verdicts: [identity, mtls, authz],
      caller: { kind: 'agent', name: 'sales-bot', workspaceId: 'ws-acme' },
      route: '/portarium.v1.Runs/Start',
      asked,
      policyHash: hash,
    });
  });

  it('a workload for any workspace that has a policy, whether its token names it or not', async () => {
    for (const workspaceId of ['ws-acme', undefined]) {
      expect(await ask({ ...WORKER, token: token({ sub: 'execution-worker', workspaceId }) })).toEqual({
        status: 200,
        verdicts: [identity, mtls, authz],
        caller: { ...worker, workspaceId: 'ws-acme' },
        route: runs,
        asked,
        policyHash: hash,
      });
    }
    expect((await ask({ ...WORKER, path: GLOBEX_PATH })).caller?.workspaceId).toBe('ws-globex');
  });

  it('a person in the workspace of the token, without any word about mtls', async () => {
    expect(await ask(PERSON)).toEqual({
      status: 200,
      verdicts: [identity, authz],
      caller: { kind: 'person', name: '5f2c-alice', workspaceId: 'ws-acme' },
      route: runs,
      asked,
      policyHash: hash,
    });
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
const STATUS = { InvalidToken: 401, IdentityRequired: 403, NotAuthorized: 403, PolicyBlocked: 403, CannotDecide: 503 };

describe('what does not agree is refused at every level, shadow included', () => {
  it.each(refused)('%s', async (_what, facts, reason, detail) => {
    for (const level of LEVELS) {
      const decision = await ask(facts, known(at(level)));
      expect(decision.refusal).toMatchObject({ reason, detail });
      expect(decision.status).toBe(STATUS[reason]);
      expect(decision.caller).toBeUndefined();
      expect(deciding(decision)).toEqual(
        reason === 'CannotDecide' ? undefined : { control: 'identity', mode: 'enforce', decision: 'deny' },
      );
    }
  });

  it('counts as an attempt to bypass what can only be another’s identity', async () => {
    const attempts: string[] = [];
    for (const [what, facts] of refused) if ((await ask(facts)).refusal?.bypass) attempts.push(what);
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

  it('a workspace whose policy has been deleted', async () => {
    const all = known();
    all.remove('policies', 'ws-acme');
    expect((await ask(AGENT, all)).refusal?.detail).toBe('"sales-bot" is no known agent or workload.');
    expect((await ask(PERSON, all)).refusal?.detail).toBe('The workspace "ws-acme" has no policy.');
    expect((await ask(WORKER, all)).refusal?.detail).toBe('The workspace "ws-acme" has no policy.');
  });

  it('an agent’s name that is in two policies, for both', async () => {
    const twin = { ...GLOBEX, agents: [{ ...GLOBEX.agents[0]!, name: 'sales-bot' }] };
    const all = known({ policies: [policyObject(specOf(ACME)), policyObject(specOf(twin))] });
    const detail = 'More than one agent has the name "sales-bot": none of them is served.';
    expect((await ask(AGENT, all)).refusal).toEqual({ reason: 'IdentityRequired', detail });
    const other = { principal: svid('sales-bot', GLOBEX.namespace), path: GLOBEX_PATH };
    expect((await ask({ ...AGENT, ...other, token: token({ workspaceId: 'ws-globex' }) }, all)).refusal?.detail).toBe(
      detail,
    );
    expect((await ask(BEARER, all)).refusal).toEqual({ reason: 'NotAuthorized', detail });
  });

  it('a SPIFFE ID that two agents have, for both, in one policy or in two that share a namespace', async () => {
    const detail = 'The agent "sales-bot" shares its SPIFFE ID: it is not served.';
    const spec = specOf(ACME);
    const shared = spec.agents.map((agent) => ({ ...agent, serviceAccount: 'sales-bot', spiffeId: svid('sales-bot') }));
    expect((await ask(AGENT, known({ policies: [policyObject(spec, { agents: shared })] }))).refusal?.detail).toBe(
      detail,
    );
    const beta = { ...specOf({ ...ACME, id: 'ws-beta' }), agents: [{ ...shared[0]!, name: 'beta-bot' }] };
    expect((await ask(AGENT, known({ policies: [policyObject(spec), policyObject(beta)] }))).refusal?.detail).toBe(
      detail,
    );
  });

  it('an agent that has the SPIFFE ID of a workload; the workload is served', async () => {
    const spec = specOf({ ...ACME, namespace: 'portarium-execution' });
    const agents = [{ ...spec.agents[0]!, serviceAccount: 'execution-worker', spiffeId: WORKER.principal }];
    const all = known({ policies: [policyObject(spec, { agents })] });
    const facts = { ...AGENT, principal: WORKER.principal, token: token({ sub: agents[0]!.name }) };
    expect((await ask(facts, all)).refusal?.detail).toBe(
      'The agent "invoice-clerk" shares its SPIFFE ID: it is not served.',
    );
    expect((await ask(WORKER, all)).status).toBe(200);
  });

  it('an agent that has the name of a workload; the workload is served', async () => {
    const agents = [{ ...ACME.agents[0]!, name: 'execution-worker' }];
    const all = known({ policies: [policyObject(specOf({ ...ACME, agents }))] });
    const facts = { ...AGENT, principal: svid('execution-worker'), token: token({ sub: 'execution-worker' }) };
    expect((await ask(facts, all)).refusal).toMatchObject({ reason: 'IdentityRequired', bypass: true });
    expect((await ask(WORKER, all)).status).toBe(200);
  });
});

describe('a call by bearer', () => {
  const enforced = 'mtls is enforced in the workspace "ws-acme".';

  it('passes below the level identity, is counted as one that would be denied, and is refused from there on', async () => {
    for (const level of LEVELS) {
      const decision = await ask(BEARER, known(at(level)));
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

  it('passes by an approved Relaxation of mtls, which is named', async () => {
    expect(await ask(BEARER, known({ relaxations: [MTLS_RELAXATION] }))).toMatchObject({
      status: 200,
      verdicts: [
        { control: 'identity' },
        { control: 'mtls', mode: 'shadow', decision: 'would_deny' },
        { control: 'authz', mode: 'enforce', decision: 'allow' },
      ],
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
  ])('is refused under a Relaxation of %s', async (_what, changes) => {
    const decision = await ask(BEARER, known({ relaxations: [{ ...MTLS_RELAXATION, ...changes }] }));
    expect(decision.status).toBe(403);
    expect(decision).not.toHaveProperty('relaxation');
  });

  it('is refused from the very moment at which the Relaxation expires, without a word from the API server', async () => {
    const all = known({ relaxations: [MTLS_RELAXATION] });
    const expiry = MTLS_RELAXATION.expiresAt.getTime();
    const facts = { ...BEARER, token: token({ exp: expiry }) };
    expect((await ask(facts, all, new Date(expiry - 1))).status).toBe(200);
    expect((await ask(facts, all, new Date(expiry))).status).toBe(403);
  });

  it('is refused once the API server has been silent for contactSeconds, and a level in shadow stays in shadow', async () => {
    let silence = 0;
    const relaxed = known({ relaxations: [MTLS_RELAXATION] }, () => silence);
    const shadow = known(at('authz'), () => silence);
    silence = 29_999;
    expect((await ask(BEARER, relaxed)).status).toBe(200);
    silence = 30_000;
    expect((await ask(BEARER, relaxed)).status).toBe(403);
    expect((await ask(AGENT, relaxed)).status).toBe(200);
    expect((await ask(BEARER, shadow)).status).toBe(200);
    for (const kind of KINDS) {
      expect((await ask(BEARER, relaxed)).status).toBe(403);
      relaxed.heard(kind);
    }
    expect((await ask(BEARER, relaxed)).status).toBe(200);
  });

  it('is refused when the newest policy cannot be read, whatever the last one said; the last one’s agents stay', async () => {
    const all = known({ ...at('routing'), relaxations: [MTLS_RELAXATION] });
    all.put('policies', policyObject(specOf(ACME, 'routing'), { modes: {} }));
    expect((await ask(BEARER, all)).status).toBe(403);
    expect((await ask(AGENT, all)).status).toBe(200);
    all.put('policies', policyObject(specOf(ACME, 'routing')));
    expect((await ask(BEARER, all)).status).toBe(200);
  });

  it('of a workload is judged by the workspace that is called, and refused where there is none', async () => {
    const all = known(at('routing'));
    const facts = { ...WORKER, listener: 'bearer', principal: '' };
    expect((await ask(facts, all)).status).toBe(200);
    expect((await ask({ ...facts, path: GLOBEX_PATH }, all)).status).toBe(403);
    const nowhere = { ...facts, token: token({ sub: 'execution-worker', workspaceId: undefined }), path: '/mcp' };
    expect(await ask(nowhere, all)).toMatchObject({
      status: 403,
      refusal: {
        reason: 'IdentityRequired',
        detail: '"execution-worker" came without an SVID, and the call belongs to no workspace that could permit that.',
      },
    });
  });
});

describe('before all lists have arrived', () => {
  it('nothing is decided', async () => {
    const all = new Policies({ trustDomain: CONFIG.trustDomain, contactLasts: 30_000 });
    const reason = { reason: 'CannotDecide', detail: 'The policies have not arrived from the API server yet.' };
    for (const facts of [AGENT, BEARER, PERSON, WORKER])
      expect(await ask(facts, all)).toMatchObject({ status: 503, refusal: reason });
    all.replace('policies', [policyObject(specOf(ACME))]);
    all.replace('relaxations', []);
    all.replace('onboarding', []);
    expect((await ask(AGENT, all)).refusal).toEqual(reason);
    all.replace('models', [modelObject(MODEL_HASH)]);
    expect((await ask(AGENT, all)).status).toBe(200);
  });
});

const LISTED = { toolName: 'invoice:read' };
const UNLISTED = { toolName: 'disk:wipe' };
const controlsOf = ({ verdicts }: Decision) => verdicts.map(({ control }) => control);

/** OpenFGA and records that say what they were asked. */
function watched(allowed: (check: Check) => boolean | undefined = () => true) {
  const fga = openfga(allowed);
  const read: RecordRef[] = [];
  const sources: Sources = {
    openfga: fga,
    records: {
      read: (ref) => {
        read.push(ref);
        return Promise.resolve({ initiator: '77aa-bob', runId: 'r1' });
      },
    },
  };
  return { sources, asked: () => fga.questions.length + read.length };
}

describe('the controls are asked in order, and none after the first that denies', () => {
  const bearer = proposing(UNLISTED, BEARER);

  it('the SVID before the tool before OpenFGA', async () => {
    const { sources, asked } = watched(() => false);
    const enforced = await ask(bearer, known(), NOW, sources);
    expect(enforced).toMatchObject({ status: 403, refusal: { reason: 'IdentityRequired' } });
    expect(controlsOf(enforced)).toEqual(['identity', 'mtls']);
    expect(asked()).toBe(0);

    const tool = await ask(proposing(UNLISTED), known(), NOW, sources);
    expect(tool).toMatchObject({ status: 403, refusal: { reason: 'PolicyBlocked' } });
    expect(controlsOf(tool)).toEqual(['identity', 'mtls', 'allowlist']);
    expect(asked()).toBe(0);

    const listed = await ask(proposing(LISTED), known(), NOW, sources);
    expect(listed).toMatchObject({ status: 403, refusal: { reason: 'NotAuthorized' } });
    expect(controlsOf(listed)).toEqual(['identity', 'mtls', 'allowlist', 'authz']);
    expect(asked()).toBe(1);
  });

  it('and no record is read for a caller whom an earlier one denies', async () => {
    const { sources, asked } = watched();
    const execute = { ...bearer, path: '/v1/workspaces/ws-acme/agent-actions/a1/execute' };
    const facts = { ...execute, body: Buffer.from('{"flowRef":"m/disk:wipe"}') };
    expect((await ask(facts, known(), NOW, sources)).status).toBe(403);
    expect((await ask({ ...facts, ...identityOf(AGENT) }, known(), NOW, sources)).status).toBe(403);
    expect(asked()).toBe(0);
  });

  it('all of them where each lets pass, and the first reason stands', async () => {
    const { sources } = watched(() => false);
    const decision = await ask(bearer, known(at('routing')), NOW, sources);
    expect(decision).toMatchObject({ status: 200, refusal: { reason: 'IdentityRequired' } });
    expect(decision.verdicts.map(({ control, decision: each }) => `${control} ${each}`)).toEqual([
      'identity allow',
      'mtls would_deny',
      'allowlist would_deny',
      'authz would_deny',
    ]);
  });

  it('a denial’s reason stands for the whole, whatever shadow let pass before', async () => {
    const { sources } = watched(() => false);
    const decision = await ask(bearer, known(at('authz')), NOW, sources);
    expect(decision).toMatchObject({ status: 403, refusal: { reason: 'NotAuthorized' } });
    expect(deciding(decision)).toEqual({ control: 'authz', mode: 'enforce', decision: 'deny' });
    expect(decision).not.toHaveProperty('body');
  });
});

describe('a tool', () => {
  it('passes when it is listed, with the policy’s tier, and goes on as it was judged', async () => {
    expect(await ask(proposing({ ...LISTED, agentId: 'sales-bot' }))).toMatchObject({
      status: 200,
      called: { tool: 'invoice:read', tier: 'Auto' },
      body: expect.stringContaining('"policyIds":["default-governance"]'),
    });
  });

  it('that is not listed is refused where the allowlist is enforced, and recorded below', async () => {
    for (const level of LEVELS) {
      const enforce = rank(level) >= rank('allowlist');
      const decision = await ask(proposing(UNLISTED), known(at(level)));
      expect(decision).toMatchObject({ status: enforce ? 403 : 200, refusal: { reason: 'PolicyBlocked' } });
      expect(deciding(decision)).toEqual({
        control: 'allowlist',
        mode: enforce ? 'enforce' : 'shadow',
        decision: enforce ? 'deny' : 'would_deny',
      });
    }
  });

  it('passes by rollback to level 2, to the tier of tools that nothing is said of, and is refused when it is over', async () => {
    const rollback: Relaxation = { ...RELAXATION, controls: ['allowlist', 'egress'] };
    const all = known({ relaxations: [rollback] });
    const decision = await ask(proposing({ ...UNLISTED, executionTier: 'Auto' }), all);
    expect(decision).toMatchObject({
      status: 200,
      relaxation: 'inc-4711',
      called: { tool: 'disk:wipe', tier: 'HumanApprove' },
    });
    expect(decision.body).toContain('"executionTier":"HumanApprove"');
    all.put('relaxations', relaxationObject({ ...rollback, state: 'ended' }));
    expect(await ask(proposing(UNLISTED), all)).toMatchObject({ status: 403, refusal: { reason: 'PolicyBlocked' } });
  });

  it('called for another agent is refused in every mode, as an attempt to bypass', async () => {
    for (const level of LEVELS) {
      const { sources, asked } = watched();
      const facts = proposing({ ...LISTED, agentId: 'invoice-clerk' });
      expect(await ask(facts, known(at(level)), NOW, sources)).toMatchObject({
        status: 403,
        caller: { name: 'sales-bot' },
        verdicts: [{ control: 'identity', mode: 'enforce', decision: 'deny' }],
        refusal: { reason: 'NotAuthorized', bypass: true },
      });
      expect(asked()).toBe(0);
    }
  });

  it('called in a body that can be read in two ways is refused in every mode', async () => {
    for (const level of LEVELS)
      for (const body of ['{"toolName":"invoice:read","ToolName":"disk:wipe"}', '[{}]', '{', ''])
        expect(await ask(proposing(body), known(at(level)))).toMatchObject({
          status: 403,
          verdicts: [{ control: 'allowlist', mode: 'enforce', decision: 'deny' }],
          refusal: { reason: 'PolicyBlocked' },
        });
  });

  it('by MCP is judged as by the other way', async () => {
    const mcp = (name: string) => ({
      ...proposing({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name } }),
      path: '/mcp',
    });
    expect((await ask(mcp('invoice:read'))).status).toBe(200);
    expect(await ask(mcp('disk:wipe'))).toMatchObject({ status: 403, called: { tool: 'disk:wipe', rpc: { id: 1 } } });
    const workload = { ...mcp('invoice:read'), principal: WORKER.principal, token: WORKER.token! };
    expect(await ask(workload)).toMatchObject({
      status: 403,
      refusal: { detail: 'The call belongs to no workspace that could allow a tool.' },
    });
  });
});

describe('a route', () => {
  it('that is in no table is refused in every mode, and counted as unmapped', async () => {
    const { sources, asked } = watched();
    for (const level of LEVELS)
      for (const facts of [AGENT, BEARER, PERSON, WORKER])
        for (const path of [
          '/healthz',
          '/v1/workspaces/ws-acme/secrets',
          '/v1/workspaces/ws-acme/runs/',
          '/V1/workspaces',
        ])
          expect(await ask({ ...facts, path }, known(at(level)), NOW, sources)).toMatchObject({
            status: 403,
            refusal: {
              reason: 'NotAuthorized',
              unmapped: true,
              detail: `The route "GET ${path}" is none that the front lets through.`,
            },
            verdicts: [{ control: 'identity', decision: 'deny' }],
          });
    expect(asked()).toBe(0);
    expect((await ask({ ...AGENT, method: 'TRACE' })).refusal?.unmapped).toBe(true);
  });

  it('of people is refused to agents and workloads in every mode, and one of agents to people', async () => {
    const people = [
      ['GET', 'policies'],
      ['POST', 'users'],
      ['POST', 'approvals/a1/decide'],
      ['POST', 'human-tasks/t1/complete'],
    ] as const;
    for (const level of LEVELS) {
      for (const [method, path] of people)
        for (const facts of [AGENT, BEARER, WORKER]) {
          const decision = await ask({ ...facts, method, path: `/v1/workspaces/ws-acme/${path}` }, known(at(level)));
          expect(decision).toMatchObject({ status: 403, refusal: { reason: 'NotAuthorized' } });
          expect(decision.refusal?.detail).toMatch(/ is not for a caller that is an? (agent|workload)\.$/);
          expect(decision.refusal).not.toHaveProperty('unmapped');
        }
      expect((await ask(proposing(LISTED, PERSON), known(at(level)))).refusal?.detail).toMatch(/is a person\.$/);
    }
  });

  it('of gRPC is a method that the configuration names, for agents and workloads, and no other', async () => {
    const grpc = { ...AGENT, listener: 'grpc' };
    const decision = await ask({ ...grpc, path: '/portarium.v1.Runs/Start' });
    expect(decision.asked?.checks[1]).toMatchObject({ relation: 'run_start', object: 'workspace:ws-acme' });
    for (const path of ['/portarium.v1.Runs/start', '/portarium.v1.Runs/Stop', '/portarium.v1.Runs', AGENT.path])
      expect(await ask({ ...grpc, path })).toMatchObject({
        status: 403,
        refusal: { unmapped: true, detail: `The method "${path}" is none that the front lets through.` },
      });
    // Nor is a method of gRPC a route of the other listeners.
    expect((await ask({ ...AGENT, method: 'POST', path: '/portarium.v1.Runs/Start' })).refusal?.unmapped).toBe(true);
  });
});

describe('a workspace without a policy', () => {
  const claims = { sub: 'new-bot', workspaceId: 'ws-new' };
  const path = '/v1/workspaces/ws-new/runs';
  const fresh = { ...BEARER, path, token: token(claims) };

  it('that is pending is served, and what would be denied recorded', async () => {
    const all = known({ pending: ['ws-new'] });
    const decision = await ask(fresh, all);
    expect(decision).toMatchObject({
      status: 200,
      caller: { kind: 'agent', name: 'new-bot', workspaceId: 'ws-new' },
      verdicts: [
        { control: 'identity', mode: 'enforce', decision: 'allow' },
        { control: 'mtls', mode: 'shadow', decision: 'would_deny' },
        { control: 'authz', mode: 'shadow', decision: 'would_deny' },
      ],
    });
    expect(decision).not.toHaveProperty('policyHash');
    expect((await ask({ ...PERSON, path, token: person({ workspaceId: 'ws-new' }) }, all)).status).toBe(200);
    expect((await ask({ ...WORKER, path }, all)).status).toBe(200);
  });

  it('and is not pending is refused, at once when the list shrinks', async () => {
    const all = known({ pending: ['ws-new'] });
    all.put('onboarding', onboardingObject([]));
    for (const facts of [fresh, { ...PERSON, path, token: person({ workspaceId: 'ws-new' }) }, { ...WORKER, path }])
      expect(await ask(facts, all)).toMatchObject({ status: 403, refusal: { reason: 'NotAuthorized' } });
  });

  it('that is pending does not serve the agents of others, nor lets its own in elsewhere', async () => {
    const all = known({ pending: ['ws-new'] });
    // Its token claims the workspace, but its name is a row of another.
    expect(await ask({ ...fresh, token: token({ ...claims, sub: 'sales-bot' }) }, all)).toMatchObject({ status: 403 });
    expect(await ask({ ...fresh, path: AGENT.path }, all)).toMatchObject({ status: 403, refusal: { bypass: true } });
    expect((await ask({ ...fresh, token: token({ sub: 'new-bot' }) }, all)).status).toBe(403);
  });

  it('that is pending serves nobody with the SVID of another', async () => {
    const all = known({ pending: ['ws-new'] });
    const bySvid = (principal: string) => ask({ ...fresh, listener: 'agents', principal }, all);
    expect((await bySvid(svid('new-bot', 'portarium-agents-new'))).status).toBe(200);
    for (const principal of [svid('sales-bot'), WORKER.principal])
      expect(await bySvid(principal)).toMatchObject({
        status: 403,
        refusal: { reason: 'IdentityRequired', bypass: true },
      });
  });
});

describe('what cannot be asked', () => {
  it.each<[string, Sources, Facts]>([
    ['OpenFGA', { ...SOURCES, openfga: openfga(() => undefined) }, AGENT],
    [
      'a run’s record',
      { ...SOURCES, records: { read: () => Promise.reject(new Error('refused')) } },
      { ...AGENT, path: '/v1/workspaces/ws-acme/runs/r1' },
    ],
  ])('%s is 503 where authz is enforced, and passes recorded in shadow', async (_what, sources, facts) => {
    for (const level of LEVELS) {
      const enforce = rank(level) >= rank('authz');
      expect(await ask(facts, known(at(level)), NOW, sources)).toMatchObject({
        status: enforce ? 503 : 200,
        refusal: { reason: 'CannotDecide' },
      });
    }
    const all = known({ relaxations: [{ ...RELAXATION, controls: ['authz'] }] });
    expect(await ask(facts, all, NOW, sources)).toMatchObject({ status: 200, relaxation: 'inc-4711' });
  });

  it('a model that is not published, likewise', async () => {
    for (const level of ['routing', 'enforced'] as const) {
      const all = known(at(level));
      all.remove('models', MODEL_HASH);
      expect(await ask(AGENT, all)).toMatchObject({
        status: level === 'enforced' ? 503 : 200,
        refusal: { reason: 'CannotDecide' },
      });
    }
  });
});

describe('whatever is enforced, and whatever fails', () => {
  it('a call passes only if every control that enforces allows it', async () => {
    const part = fc.constantFrom('allows' as const, 'refuses' as const, 'fails' as const);
    const passed = { enforced: 0, all: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...LEVELS),
        fc.subarray(['mtls', 'allowlist', 'authz'] as const),
        fc.record({ bySvid: fc.boolean(), listed: fc.boolean(), fga: part, record: part, published: fc.boolean() }),
        fc.boolean(),
        async (level, relaxed, { bySvid, listed, fga, record, published }, execute) => {
          const relaxations = relaxed.length === 0 ? [] : [{ ...RELAXATION, controls: relaxed }];
          const all = known({ ...at(level), relaxations });
          if (!published) all.remove('models', MODEL_HASH);
          const sources: Sources = {
            openfga: openfga(() => (fga === 'fails' ? undefined : fga === 'allows')),
            records: {
              read: () =>
                record === 'fails'
                  ? Promise.reject(new Error('refused'))
                  : Promise.resolve(record === 'refuses' ? 'absent' : { initiator: '77aa-bob', runId: 'r1' }),
            },
          };
          const toolName = listed ? 'invoice:read' : 'disk:wipe';
          const caller = bySvid ? AGENT : BEARER;
          const facts = execute
            ? {
                ...proposing({ flowRef: `machine-1/${toolName}` }, caller),
                path: '/v1/workspaces/ws-acme/agent-actions/a1/execute',
              }
            : proposing({ toolName }, caller);
          const decision = await ask(facts, all, NOW, sources);

          const modes = effectiveModes('ws-acme', level, relaxations, NOW);
          const says = {
            mtls: bySvid ? 200 : 403,
            allowlist: listed ? 200 : 403,
            authz: !published
              ? 503
              : execute && record !== 'allows'
                ? record === 'fails'
                  ? 503
                  : 403
                : fga === 'fails'
                  ? 503
                  : fga === 'allows'
                    ? 200
                    : 403,
          };
          const first = (['mtls', 'allowlist', 'authz'] as const).find(
            (control) => modes[control] === 'enforce' && says[control] !== 200,
          );
          expect(decision.status).toBe(first === undefined ? 200 : says[first]);
          expect(decision.body !== undefined).toBe(decision.status === 200);
          for (const { control, mode, decision: each } of decision.verdicts.slice(1)) {
            expect(mode).toBe(modes[control as keyof typeof modes]);
            const word =
              says[control as keyof typeof says] === 200 ? 'allow' : mode === 'enforce' ? 'deny' : 'would_deny';
            expect(each).toBe(word);
          }
          if (decision.status === 200) passed[first === undefined && level !== 'routing' ? 'enforced' : 'all'] += 1;
        },
      ),
      { numRuns: 600 },
    );
    expect(passed.enforced).toBeGreaterThan(20);
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
    path: fc.constantFrom(
      '/portarium.v1.Runs/Start',
      '/mcp',
      '/v1/workspaces/ws-acme/runs',
      GLOBEX_PATH,
      '/v1/workspaces/ws-new',
      '/a//b',
    ),
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
  const bare = new Map(LEVELS.map((each) => [each, known(at(each))]));
  const rows = new Map([
    ['sales-bot', { id: svid('sales-bot'), workspace: 'ws-acme' }],
    ['support-bot', { id: svid('support-bot', GLOBEX.namespace), workspace: 'ws-globex' }],
    ['execution-worker', { id: WORKER.principal, workspace: undefined }],
  ]);

  it('nothing is allowed to whom SVID, token, row and workspace do not agree on', async () => {
    let allowed = 0;
    await fc.assert(
      fc.asyncProperty(facts, level, fc.array(relaxation, { maxLength: 3 }), async (asked, reached, relaxations) => {
        const all =
          relaxations.length === 0 ? bare.get(reached) : known({ ...at(reached), relaxations: named(relaxations) });
        const decision = await ask(asked, all);
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
      { numRuns: 2000 },
    );
    expect(allowed).toBeGreaterThan(200);
  });

  it('mtls is in the mode that the model says, and a bearer passes exactly in shadow', async () => {
    await fc.assert(
      fc.asyncProperty(
        level,
        fc.array(relaxation, { maxLength: 4 }),
        fc.boolean(),
        async (reached, relaxations, contact) => {
          const given = named(relaxations);
          let silence = 0;
          const all = known({ ...at(reached), relaxations: given }, () => silence);
          if (!contact) silence = 60_000;
          const decision = await ask(BEARER, all);
          const { mtls } = contact ? effectiveModes('ws-acme', reached, given, NOW) : modesAt(reached);
          expect(deciding(decision)?.mode).toBe(mtls);
          expect(decision.status).toBe(mtls === 'shadow' ? 200 : 403);
        },
      ),
    );
  });

  it('is never answered more leniently at a stricter level', async () => {
    await fc.assert(
      fc.asyncProperty(facts, level, level, async (asked, a, b) => {
        fc.pre(atLeast(modesAt(a), modesAt(b)));
        if ((await ask(asked, bare.get(a))).status === 200) expect((await ask(asked, bare.get(b))).status).toBe(200);
      }),
    );
  });

  it('is decided by claims of any shape without a failure', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.string(),
        async (claims, path, principal) => {
          for (const listener of LISTENERS) {
            const decision = await ask(
              { ...AGENT, listener, principal, path, token: token(claims) },
              bare.get('enforced'),
            );
            expect([200, 401, 403, 503]).toContain(decision.status);
          }
        },
      ),
    );
  });
});

const named = (relaxations: readonly Relaxation[]): readonly Relaxation[] =>
  relaxations.map((each, index) => ({ ...each, name: `inc-${index}` }));

function without<T extends object, K extends PropertyKey>(key: K, value: T): Omit<T, K> {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key)) as Omit<T, K>;
}

/** How a caller came, without what it asks. */
function identityOf({ listener, principal, token: verified }: Facts): Pick<Facts, 'listener' | 'principal' | 'token'> {
  return { listener, principal, ...(verified && { token: verified }) };
}

it('a heartbeat in another agent’s name is refused at every level, and OpenFGA is not asked', async () => {
  for (const level of LEVELS) {
    const fga = openfga();
    const facts = { ...AGENT, method: 'POST', path: '/v1/workspaces/ws-acme/agents/invoice-clerk/heartbeat' };
    const decision = await decide(facts, known(at(level)), CONFIG, NOW, { ...SOURCES, openfga: fga });
    expect(decision).toMatchObject({
      status: 403,
      refusal: { detail: 'The path is of the agent "invoice-clerk", the caller is "sales-bot".', bypass: true },
    });
    expect(fga.questions).toEqual([]);
  }
});
