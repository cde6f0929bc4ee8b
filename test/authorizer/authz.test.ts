import { describe, expect, it } from 'vitest';
import { judgeAuthz, type Sources } from '../../src/authorizer/authz.js';
import type { Caller } from '../../src/authorizer/decision.js';
import type { Question } from '../../src/authorizer/openfga.js';
import type { AppRecord, RecordRef } from '../../src/authorizer/records.js';
import { MODEL_HASH } from '../../src/model/authorization/model.js';
import { tryRoute } from '../../src/model/routes.js';
import { NOW } from '../model/examples.js';
import { known, modelObject, openfga, PLACE, WORKER } from './fixture.js';

const BOT: Caller = { kind: 'agent', name: 'sales-bot', workspaceId: 'ws-acme' };
const ALICE: Caller = { kind: 'person', name: '5f2c-alice', workspaceId: 'ws-acme' };
const WORKLOAD: Caller = {
  kind: 'workload',
  name: 'execution-worker',
  workspaceId: 'ws-acme',
  spiffeId: WORKER.principal,
};
const MODES = ['enforce', 'shadow'] as const;
interface Changes {
  readonly caller?: Caller;
  readonly mode?: (typeof MODES)[number];
  readonly in_?: ReturnType<typeof known>;
  readonly sources?: Partial<Sources>;
}
const RECORDS: Readonly<Record<string, AppRecord>> = {
  'run/r1': { initiator: '77aa-bob' },
  'approval/a1': { initiator: 'sales-bot', runId: 'r1', tool: 'invoice:read' },
  'approval/a2': { initiator: 'sales-bot', runId: 'proposal-2', tool: 'invoice:read' },
  'approval/unowned': { runId: 'r1' },
  'run/unowned': {},
};
function recordsOf(of: Readonly<Record<string, AppRecord>> = RECORDS) {
  const refs: RecordRef[] = [];
  return {
    refs,
    read(ref: RecordRef): Promise<AppRecord | 'absent'> {
      refs.push(ref);
      return Promise.resolve(of[`${ref.kind}/${ref.id}`] ?? 'absent');
    },
  };
}
function judge(call: string, { caller = BOT, mode = 'enforce', in_ = known(), sources = {} }: Changes = {}) {
  const [method = '', path = ''] = call.split(' ');
  const match = tryRoute(method, path === '/mcp' ? path : `/v1/workspaces/ws-acme${path}`)!;
  return judgeAuthz(caller, match, in_, mode, NOW, { openfga: openfga(), records: recordsOf(), ...sources });
}
const denied = { control: 'authz', mode: 'enforce', decision: 'deny' };
const wouldDeny = { control: 'authz', mode: 'shadow', decision: 'would_deny' };
const cannot = (detail: string) => ({ reason: 'CannotDecide', detail });
const not = (detail: string) => ({ reason: 'NotAuthorized', detail });

describe('what OpenFGA allows', () => {
  it('is allowed in either mode, by the model that the policy pins', async () => {
    for (const mode of MODES) {
      const judged = await judge('GET /runs', { mode });
      expect(judged).toEqual({
        verdict: { control: 'authz', mode, decision: 'allow' },
        asked: expect.objectContaining({ ...PLACE, fresh: false }),
      });
      expect(judged.asked?.checks).toEqual([
        { user: 'agent:ws-acme/sales-bot', relation: 'member', object: 'workspace:ws-acme', allowed: true },
        { user: 'agent:ws-acme/sales-bot', relation: 'run_read', object: 'workspace:ws-acme', allowed: true },
      ]);
    }
  });

  it('is asked once, and no record is read where none is needed', async () => {
    const [fga, records] = [openfga(), recordsOf()];
    for (const call of ['GET /runs', 'POST /runs', 'GET /agents/sales-bot', 'GET /workflows/w1'])
      await judge(call, { sources: { openfga: fga, records } });
    expect(fga.questions).toHaveLength(4);
    expect(records.refs).toEqual([]);
  });

  it('is asked of the workload by its own name in OpenFGA', async () => {
    const judged = await judge('GET /credential-grants/c1', { caller: WORKLOAD });
    expect(judged.verdict.decision).toBe('allow');
    expect(judged.asked?.checks[1]).toMatchObject({
      user: 'workload:portarium.io/ns/portarium-execution/sa/execution-worker',
      object: 'credential:ws-acme/c1',
    });
  });
});

describe('what OpenFGA refuses', () => {
  it('is refused with the relation that is missing, and in shadow recorded with the same', async () => {
    const sources = { openfga: openfga(({ relation }) => relation === 'member') };
    const refusal = not('agent:ws-acme/sales-bot is not run_read of workspace:ws-acme.');
    expect(await judge('GET /runs', { sources })).toMatchObject({ verdict: denied, refusal });
    expect(await judge('GET /runs', { sources, mode: 'shadow' })).toMatchObject({ verdict: wouldDeny, refusal });
  });

  it('is refused to who is no member, whatever else is allowed', async () => {
    const sources = { openfga: openfga(({ relation }) => relation !== 'member') };
    expect(await judge('GET /runs', { sources })).toMatchObject({
      verdict: denied,
      refusal: not('agent:ws-acme/sales-bot is not member of workspace:ws-acme.'),
    });
  });
});

describe('no answer of OpenFGA', () => {
  it.each<[string, Partial<Sources>]>([
    ['to all', { openfga: openfga(() => undefined) }],
    ['to one check', { openfga: openfga(({ relation }) => (relation === 'member' ? true : undefined)) }],
    ['beside a no', { openfga: openfga(({ relation }) => (relation === 'member' ? false : undefined)) }],
    [
      'to fewer checks than were asked, without a word on it',
      {
        openfga: {
          ask: async (place, question: Question) => {
            const asked = await openfga().ask(place, question);
            return { ...asked, checks: asked.checks.slice(0, 1) };
          },
        },
      },
    ],
  ])('%s cannot be decided: refused when enforced, recorded in shadow', async (_what, sources) => {
    const refusal = cannot('OpenFGA gives no answer, so it cannot be said whether the call is permitted.');
    const enforced = await judge('GET /runs', { sources });
    expect(enforced).toMatchObject({ verdict: denied, refusal });
    expect(enforced.asked).toBeDefined();
    expect(await judge('GET /runs', { sources, mode: 'shadow' })).toMatchObject({ verdict: wouldDeny, refusal });
  });
});

it('a check without a word and without a failure is no yes', async () => {
  const silent: Sources['openfga'] = {
    ask: (place, { checks, contextual, fresh }) =>
      Promise.resolve({ ...place, checks, contextual, fresh, milliseconds: 1 }),
  };
  expect((await judge('GET /runs', { sources: { openfga: silent } })).verdict).toEqual(denied);
});

describe('the model', () => {
  it('that is not published cannot be asked by, and no other is taken in its place', async () => {
    const in_ = known();
    in_.replace('models', [modelObject('b'.repeat(64))]);
    const fga = openfga();
    const refusal = cannot(`The authorization model ${MODEL_HASH.slice(0, 12)}… is not published in the cluster.`);
    expect(await judge('GET /runs', { in_, sources: { openfga: fga } })).toEqual({ verdict: denied, refusal });
    expect(await judge('GET /runs', { in_, mode: 'shadow' })).toEqual({ verdict: wouldDeny, refusal });
    expect(fga.questions).toEqual([]);
    in_.put('models', modelObject(MODEL_HASH));
    expect((await judge('GET /runs', { in_ })).verdict.decision).toBe('allow');
  });

  it('of a workspace without a policy is none', async () => {
    const in_ = known({ policies: [], pending: ['ws-acme'] });
    expect(await judge('GET /runs', { in_, mode: 'shadow' })).toEqual({
      verdict: wouldDeny,
      refusal: cannot('The workspace "ws-acme" has no policy, and so no authorization model.'),
    });
  });
});

describe('a call', () => {
  it('that belongs to no workspace is permitted to nobody', async () => {
    const caller: Caller = { kind: 'workload', name: 'execution-worker', spiffeId: WORKER.principal };
    expect(await judge('POST /mcp', { caller })).toEqual({
      verdict: denied,
      refusal: not('The call belongs to no workspace, so nobody could permit it.'),
    });
  });

  it('of a subject that OpenFGA would take for something else is refused, and not asked about', async () => {
    const fga = openfga();
    for (const name of ['alice@example.com', 'a#member', '*']) {
      expect(await judge('GET /runs', { caller: { ...ALICE, name }, sources: { openfga: fga } })).toEqual({
        verdict: denied,
        refusal: not(`${JSON.stringify(name)} is no subject that anything could be permitted to.`),
      });
    }
    expect(fga.questions).toEqual([]);
  });
});

describe('a call about oneself', () => {
  it('is allowed to the agent that the path names', async () => {
    expect((await judge('POST /agents/sales-bot/heartbeat')).verdict.decision).toBe('allow');
  });

  it('takes membership all the same', async () => {
    const sources = { openfga: openfga(() => false) };
    expect((await judge('POST /agents/sales-bot/heartbeat', { sources })).verdict).toEqual(denied);
  });
});

describe('a call about a run or an approval', () => {
  it('is asked with the run’s record', async () => {
    const [fga, records] = [openfga(), recordsOf()];
    await judge('GET /runs/r1', { sources: { openfga: fga, records } });
    expect(records.refs).toEqual([{ kind: 'run', workspaceId: 'ws-acme', id: 'r1' }]);
    expect(fga.questions[0]?.contextual).toContainEqual({
      user: 'user:77aa-bob',
      relation: 'initiator',
      object: 'run:ws-acme/r1',
    });
  });

  it('is asked with the records of the approval and of its run', async () => {
    const [fga, records] = [openfga(), recordsOf()];
    await judge('POST /approvals/a1/decide', { caller: ALICE, sources: { openfga: fga, records } });
    expect(records.refs.map(({ kind, id }) => `${kind}/${id}`)).toEqual(['approval/a1', 'run/r1']);
    expect(fga.questions[0]).toMatchObject({ fresh: true });
    expect(fga.questions[0]?.contextual).toContainEqual({
      user: 'agent:ws-acme/sales-bot',
      relation: 'extra_conflict',
      object: 'approval:ws-acme/a1',
    });
  });

  it('is asked with the requester as who began it, where the approval’s run is an agent’s proposal', async () => {
    const fga = openfga();
    const judged = await judge('POST /agent-actions/a2/execute', { sources: { openfga: fga } });
    expect(judged.verdict.decision).toBe('allow');
    expect(fga.questions[0]?.contextual).toContainEqual({
      user: 'agent:ws-acme/sales-bot',
      relation: 'initiator',
      object: 'run:ws-acme/proposal-2',
    });
  });

  it('that is not there is refused, and in shadow recorded: not found is no fault of ours', async () => {
    const fga = openfga();
    for (const [call, kind] of [
      ['GET /runs/none', 'run'],
      ['GET /approvals/none', 'approval'],
    ] as const) {
      const refusal = not(`There is no ${kind} "none" in the workspace "ws-acme".`);
      expect(await judge(call, { sources: { openfga: fga } })).toEqual({ verdict: denied, refusal });
      expect(await judge(call, { mode: 'shadow' })).toEqual({ verdict: wouldDeny, refusal });
    }
    expect(fga.questions).toEqual([]);
  });

  it.each(['GET /runs/unowned', 'GET /approvals/unowned'])(
    'of whose begin nothing is said is refused: %s',
    async (call) => {
      expect(await judge(call)).toEqual({
        verdict: denied,
        refusal: not('Nothing can be permitted about it: its id is none, or its record does not say who began it.'),
      });
    },
  );

  it.each(['GET /runs/r1', 'GET /approvals/a1'])('whose record cannot be read cannot be decided: %s', async (call) => {
    const kind = call.includes('runs') ? 'run' : 'approval';
    const refusal = cannot(`The record of the ${kind} cannot be read: connect ECONNREFUSED.`);
    const sources = { records: { read: () => Promise.reject(new Error('connect ECONNREFUSED')) } };
    expect(await judge(call, { sources })).toEqual({ verdict: denied, refusal });
    expect(await judge(call, { sources, mode: 'shadow' })).toEqual({ verdict: wouldDeny, refusal });
  });

  it('cannot be decided either where the approval can be read and its run cannot', async () => {
    const read = (ref: RecordRef) =>
      ref.kind === 'run' ? Promise.reject(new Error('timeout')) : Promise.resolve(RECORDS['approval/a1']!);
    expect(await judge('GET /approvals/a1', { sources: { records: { read } } })).toMatchObject({
      verdict: denied,
      refusal: cannot('The record of the approval cannot be read: timeout.'),
    });
  });
});
