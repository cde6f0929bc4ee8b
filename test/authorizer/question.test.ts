import { describe, expect, it } from 'vitest';
import type { Caller } from '../../src/authorizer/decision.js';
import { tryQuestion, trySubject, type Subjected } from '../../src/authorizer/question.js';
import type { AppRecord } from '../../src/authorizer/records.js';
import { ROUTES, type RouteCheck } from '../../src/model/routes.js';
import { ACME, NOW } from '../model/examples.js';
import { specOf, WORKER } from './fixture.js';

const policy = specOf({ ...ACME, separationOfDuties: { financialTools: ['invoice:create'] } });
const ALICE = 'user:5f2c-alice';
const BOT = 'agent:ws-acme/sales-bot';
const workspace = 'workspace:ws-acme';
const ask = (check: RouteCheck, about: Partial<Subjected> = {}, user = ALICE) =>
  tryQuestion(user, check, { workspaceId: 'ws-acme', policy, ...about }, NOW);
const member = { user: ALICE, relation: 'member', object: workspace };

describe('who is asked about', () => {
  const subject = (caller: Omit<Caller, 'workspaceId'>) => trySubject({ ...caller, workspaceId: 'ws-acme' }, 'ws-acme');

  it('is an agent of the workspace, a workload by its SPIFFE ID, a person by the token’s subject', () => {
    expect(subject({ kind: 'agent', name: 'sales-bot' })).toBe(BOT);
    expect(subject({ kind: 'workload', name: 'execution-worker', spiffeId: WORKER.principal })).toBe(
      'workload:portarium.io/ns/portarium-execution/sa/execution-worker',
    );
    expect(subject({ kind: 'person', name: '5f2c-alice' })).toBe(ALICE);
  });

  it.each(['', 'alice@example.com', 'user:alice', '*', 'a#member', 'a b', 'x'.repeat(129), 'é', '\n'])(
    'is nobody for the subject %j, which OpenFGA would take for something else or not take',
    (name) => expect(subject({ kind: 'person', name })).toBeUndefined(),
  );

  it('is nobody for a workload without a SPIFFE ID', () => {
    expect(subject({ kind: 'workload', name: 'x' })).toBeUndefined();
    expect(subject({ kind: 'workload', name: 'x', spiffeId: 'https://portarium.io/ns/a' })).toBeUndefined();
  });
});

describe('every question', () => {
  const about: Partial<Subjected> = { id: 'x1', record: { initiator: '77aa-bob', runId: 'r1', tool: 'invoice:read' } };

  it('asks for membership of the workspace first, and of objects of that workspace alone', () => {
    for (const { check } of ROUTES) {
      const question = ask(check, about)!;
      expect(question.checks[0]).toEqual(member);
      for (const { user, object } of question.checks) {
        expect(user).toBe(ALICE);
        expect(object).toMatch(/^(workspace:ws-acme$|(run|approval|agent|credential):ws-acme\/)/);
      }
      for (const { object } of question.contextual) expect(object).toMatch(/^(run|approval|agent):ws-acme\//);
      expect(question.context).toEqual({ actor: ALICE, current_time: '2026-10-01T12:00:00.000Z' });
    }
  });

  it('goes past the caches for credentials and for what changes an approval, and only there', () => {
    const fresh = ROUTES.filter(({ check }) => ask(check, about)!.fresh).map(
      ({ method, template }) => `${method} ${template}`,
    );
    expect(fresh).toEqual([
      'POST /v1/workspaces/{ws}/approvals/{id}/decide',
      'POST /v1/workspaces/{ws}/agent-actions/{id}/execute',
      'GET /v1/workspaces/{ws}/credential-grants/{id}',
    ]);
  });
});

describe('a question', () => {
  const checked = (check: RouteCheck, about?: Partial<Subjected>) => {
    const { checks, contextual, fresh } = ask(check, about)!;
    return { checks, contextual, fresh };
  };
  const both = (relation: string, object: string) => [member, { user: ALICE, relation, object }];

  it('about the workspace is asked of it, and membership once', () => {
    expect(checked({ object: 'workspace', relation: 'run_read' })).toEqual({
      checks: both('run_read', workspace),
      contextual: [],
      fresh: false,
    });
    expect(checked({ object: 'workspace', relation: 'member' }).checks).toEqual([member]);
  });

  it('about oneself is membership alone', () => {
    expect(checked({ object: 'self' }, { id: 'sales-bot' })).toEqual({
      checks: [member],
      contextual: [],
      fresh: false,
    });
  });

  it('about a new run or agent is asked of one that cannot be, in this workspace', () => {
    for (const [object, relation] of [
      ['run', 'operator'],
      ['agent', 'owner'],
    ] as const) {
      const made = `${object}:ws-acme/~new`;
      expect(checked({ object: `new-${object}`, relation })).toEqual({
        checks: both(relation, made),
        contextual: [{ user: workspace, relation: 'workspace', object: made }],
        fresh: false,
      });
    }
  });

  it('about an agent or a credential rests on what is stored', () => {
    expect(checked({ object: 'agent', relation: 'viewer' }, { id: 'sales-bot' })).toEqual({
      checks: both('viewer', 'agent:ws-acme/sales-bot'),
      contextual: [],
      fresh: false,
    });
    expect(checked({ object: 'credential', relation: 'reader' }, { id: 'c1' })).toEqual({
      checks: both('reader', 'credential:ws-acme/c1'),
      contextual: [],
      fresh: true,
    });
  });

  it('about a run has its workspace and who began it, from its record', () => {
    const of = (initiator: string) =>
      checked({ object: 'run', relation: 'operator' }, { id: 'r1', record: { initiator } });
    expect(of('77aa-bob')).toEqual({
      checks: both('operator', 'run:ws-acme/r1'),
      contextual: [
        { user: workspace, relation: 'workspace', object: 'run:ws-acme/r1' },
        { user: 'user:77aa-bob', relation: 'initiator', object: 'run:ws-acme/r1' },
      ],
      fresh: false,
    });
    expect(of('sales-bot').contextual[1]).toMatchObject({ user: BOT });
    // An agent of another workspace is none of this one.
    expect(of('support-bot').contextual[1]).toMatchObject({ user: 'user:support-bot' });
  });

  it('about a run is not asked where the record does not say who began it, or says what nobody can be', () => {
    const run: RouteCheck = { object: 'run', relation: 'viewer' };
    expect(ask(run, { id: 'r1', record: {} })).toBeUndefined();
    expect(ask(run, { id: 'r1' })).toBeUndefined();
    expect(ask(run, { id: 'r1', record: { initiator: 'bob@example.com' } })).toBeUndefined();
  });
});

describe('a question about an approval', () => {
  const RUN = 'run:ws-acme/r1';
  const APPROVAL = 'approval:ws-acme/a1';
  const decide: RouteCheck = { object: 'approval', relation: 'approver' };
  const asked = (record: AppRecord, run?: AppRecord, user = ALICE, of: Partial<Subjected> = {}) =>
    ask(decide, { id: 'a1', record, ...(run && { run }), ...of }, user);
  const tuples = (...args: Parameters<typeof asked>) => asked(...args)!.contextual;
  const assigned = (user: string, initiator: string) => ({
    user,
    relation: 'assigned_approver',
    object: APPROVAL,
    condition: { name: 'separate_duties', context: { initiator } },
  });
  const conflict = (user: string) => ({ user, relation: 'extra_conflict', object: APPROVAL });
  const parents = (initiator: string) => [
    { user: workspace, relation: 'workspace', object: RUN },
    { user: initiator, relation: 'initiator', object: RUN },
    { user: RUN, relation: 'run', object: APPROVAL },
  ];

  it('has its run, who began that, and who may decide unless it is the initiator', () => {
    expect(tuples({ initiator: '77aa-bob', runId: 'r1', tool: 'invoice:read' }, { initiator: '77aa-bob' })).toEqual([
      ...parents('user:77aa-bob'),
      assigned(ALICE, 'user:77aa-bob'),
    ]);
    expect(asked({ initiator: '77aa-bob', runId: 'r1' })?.checks).toEqual([
      member,
      { user: ALICE, relation: 'approver', object: APPROVAL },
    ]);
  });

  it('is the assignee’s alone to decide, where there is one', () => {
    const record = { initiator: '77aa-bob', runId: 'r1', tool: 'invoice:read', assignee: '99cc-carol' };
    expect(tuples(record)).toEqual([...parents('user:77aa-bob'), assigned('user:99cc-carol', 'user:77aa-bob')]);
  });

  it('is nobody’s to decide where the assignee can be nobody, or an agent asks', () => {
    const record = { initiator: '77aa-bob', runId: 'r1', tool: 'invoice:read' };
    expect(tuples({ ...record, assignee: 'carol@example.com' })).toEqual(parents('user:77aa-bob'));
    expect(tuples(record, undefined, BOT)).toEqual(parents('user:77aa-bob'));
    expect(tuples(record, undefined, 'workload:portarium.io/ns/a/sa/b')).toEqual(parents('user:77aa-bob'));
  });

  it('excludes who asked for it, where that is not who began the run', () => {
    expect(tuples({ initiator: '77aa-bob', runId: 'r1', tool: 'invoice:read' }, { initiator: '88bb-dave' })).toEqual([
      ...parents('user:88bb-dave'),
      assigned(ALICE, 'user:88bb-dave'),
      conflict('user:77aa-bob'),
    ]);
    expect(tuples({ initiator: 'sales-bot', runId: 'r1', tool: 'invoice:read' }, { initiator: '88bb-dave' })).toEqual([
      ...parents('user:88bb-dave'),
      assigned(ALICE, 'user:88bb-dave'),
      conflict(BOT),
    ]);
  });

  it('takes the requester for the initiator, where the run is none that can be read', () => {
    expect(tuples({ initiator: 'sales-bot', runId: 'r1', tool: 'invoice:read' })).toEqual([
      ...parents(BOT),
      assigned(ALICE, BOT),
    ]);
  });

  it('of a financial tool excludes the owner of the agent that asked', () => {
    const record = { initiator: 'sales-bot', runId: 'r1', tool: 'invoice:create' };
    const owner = conflict(`${BOT}#registered_owner`);
    expect(tuples(record)).toEqual([...parents(BOT), assigned(ALICE, BOT), owner]);
    expect(tuples({ ...record, tool: 'invoice:read' })).not.toContainEqual(owner);
    // A person has no owner.
    expect(tuples({ ...record, initiator: '77aa-bob' })).toEqual([
      ...parents('user:77aa-bob'),
      assigned(ALICE, 'user:77aa-bob'),
    ]);
  });

  it('of a financial tool excludes the owner of the agent that began the run, when another asked', () => {
    const record = { initiator: '77aa-bob', runId: 'r1', tool: 'invoice:create' };
    expect(tuples(record, { initiator: 'sales-bot' })).toEqual([
      ...parents(BOT),
      assigned(ALICE, BOT),
      conflict('user:77aa-bob'),
      conflict(`${BOT}#registered_owner`),
    ]);
    const both = tuples({ ...record, initiator: 'invoice-clerk' }, { initiator: 'sales-bot' });
    expect(both).toContainEqual(conflict(`${BOT}#registered_owner`));
    expect(both).toContainEqual(conflict('agent:ws-acme/invoice-clerk#registered_owner'));
  });

  it('excludes the agent that a proposal is for, and its owner, whoever proposed and whether it still has a row', () => {
    const record = { initiator: 'worker', runId: 'r1', tool: 'invoice:create', agent: 'former-bot' };
    expect(tuples(record)).toEqual([
      ...parents('user:worker'),
      assigned(ALICE, 'user:worker'),
      conflict('agent:ws-acme/former-bot'),
      conflict('agent:ws-acme/former-bot#registered_owner'),
    ]);
  });

  it('of an unknown tool, or without a policy, is taken for financial', () => {
    const owner = conflict(`${BOT}#registered_owner`);
    expect(tuples({ initiator: 'sales-bot', runId: 'r1' })).toContainEqual(owner);
  });

  it.each<[string, AppRecord, AppRecord | undefined]>([
    ['no requester', { runId: 'r1' }, undefined],
    ['no requester, but a run that says who began', { runId: 'r1' }, { initiator: '77aa-bob' }],
    ['no run', { initiator: '77aa-bob' }, undefined],
    ['a run that is no id', { initiator: '77aa-bob', runId: 'r1/../r2' }, undefined],
    ['a run that does not exist yet', { initiator: '77aa-bob', runId: '~new' }, undefined],
    ['a run that does not say who began it', { initiator: '77aa-bob', runId: 'r1' }, {}],
    ['a requester that nobody can be', { initiator: 'bob@example.com', runId: 'r1' }, undefined],
    ['a run begun by one that nobody can be', { initiator: '77aa-bob', runId: 'r1' }, { initiator: 'a b' }],
  ])('is not asked with %s', (_what, record, run) => {
    expect(asked(record, run)).toBeUndefined();
  });

  it('is not asked about what is no id', () => {
    const record = { initiator: '77aa-bob', runId: 'r1' };
    for (const id of ['', '~new', 'a:b', 'a#b', 'a/b', 'x'.repeat(129)])
      for (const object of ['run', 'approval', 'credential', 'agent'] as const)
        expect(ask({ object, relation: 'viewer' }, { id, record })).toBeUndefined();
  });

  it('is not asked without its record', () => expect(ask(decide, { id: 'a1' })).toBeUndefined());

  it('that is only looked at may come from the caches', () => {
    const about = { id: 'a1', record: { initiator: '77aa-bob', runId: 'r1' } };
    expect(ask({ object: 'approval', relation: 'viewer' }, about)?.fresh).toBe(false);
    expect(ask({ object: 'approval', relation: 'executor' }, about)?.fresh).toBe(true);
  });

  it('never has a tuple twice, since OpenFGA refuses the whole question then', () => {
    const names = ['sales-bot', 'invoice-clerk', '77aa-bob', '5f2c-alice'];
    for (const initiator of names)
      for (const began of [...names, undefined])
        for (const tool of ['invoice:create', 'invoice:read', undefined])
          for (const assignee of ['5f2c-alice', '77aa-bob', undefined]) {
            const record = { initiator, runId: 'r1', ...(tool && { tool }), ...(assignee && { assignee }) };
            const keys = tuples(record, began === undefined ? undefined : { initiator: began }).map(
              ({ user, relation, object }) => `${user} ${relation} ${object}`,
            );
            expect(new Set(keys).size).toBe(keys.length);
          }
  });
});
