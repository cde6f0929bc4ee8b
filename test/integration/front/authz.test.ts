import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer, Call } from '../../../lab/client.js';
import { startLoad } from '../../../lab/load.js';
import { outcome } from './clients.js';
import { startFaulty, type Fault, type Faulty } from './faulty.js';
import { startBench, until, type Bench, type Who } from './fixture.js';

/** OpenFGA's word through a real Envoy and the authorizer, and what is answered when it gives none. */
let bench: Bench;
let faulty: Faulty;

beforeAll(async () => {
  bench = await startBench({
    openfga: async (stage) => {
      faulty = await startFaulty(stage.servers, stage.openfga.port);
      return faulty.port;
    },
  });
  await until('the front is ready', () => bench.front.sidecars.ready());
  await bench.climb('ws-acme', 'authz');
  await until('OpenFGA is obeyed', async () => (await runs('u-nobody')).status === 403, 5);
}, 180_000);
afterAll(async () => {
  await bench?.end();
  await faulty?.stop();
});

const ACME = '/v1/workspaces/ws-acme';

const token = (sub: string, workspaceId = 'ws-acme', aud = 'portarium-people'): Promise<string> =>
  bench.front.issuer.mint({ sub, aud, workspaceId });

const person = async (sub: string, call: Call, workspaceId?: string): Promise<Answer> =>
  bench.call('people', { token: await token(sub, workspaceId) }, call);

const runs = (sub: string): Promise<Answer> => person(sub, { path: `${ACME}/runs` });

const decideOn = (sub: string, approval: string): Promise<Answer> =>
  person(sub, {
    method: 'POST',
    path: `${ACME}/approvals/${approval}/decide`,
    headers: { 'content-type': 'application/json' },
    body: '{"decision":"Approved","rationale":"x"}',
  });

const record = (): Readonly<Record<string, unknown>> =>
  (bench.front.sidecars.lines('authorizer').at(-1)?.['data'] ?? {}) as Readonly<Record<string, unknown>>;

let count = 0;

/** An approval in the control plane, and nowhere else. */
function approval(of: object): string {
  count += 1;
  const approvalId = `apr-${count}`;
  const runId = `run-of-${approvalId}`;
  bench.front.upstream.serve(`${ACME}/approvals/${approvalId}`, { approvalId, workspaceId: 'ws-acme', runId, ...of });
  bench.front.upstream.serve(`${ACME}/runs/${runId}`, undefined);
  return approvalId;
}

const byBot = (toolName: string) => ({
  requestedByUserId: 'sales-bot',
  agentActionProposal: { agentId: 'sales-bot', toolName },
});

describe('roles', () => {
  it('somebody without one is refused, and the record shows what OpenFGA was asked', async () => {
    const answer = await runs('u-nobody');
    expect(outcome(answer)).toBe('403 NotAuthorized');
    expect(record()).toMatchObject({
      control: 'authz',
      mode: 'enforce',
      decision: 'deny',
      detail: 'user:u-nobody is not member of workspace:ws-acme.',
      openfga: {
        checks: ['user:u-nobody member workspace:ws-acme: false', 'user:u-nobody run_read workspace:ws-acme: false'],
        consistency: 'MINIMIZE_LATENCY',
      },
    });
  });

  it.each(['u-dana', 'u-olaf', 'u-bob', 'u-alma'])('%s has one and sees the runs', async (sub) => {
    expect((await runs(sub)).status).toBe(200);
  });

  it('only an admin changes policies', async () => {
    const post: Call = {
      method: 'POST',
      path: `${ACME}/policies`,
      headers: { 'content-type': 'application/json' },
      body: '{}',
    };
    expect((await person('u-dana', post)).status).toBe(200);
    expect(outcome(await person('u-alma', post))).toBe('403 NotAuthorized');
  });

  it('a person of another workspace is refused', async () => {
    expect(outcome(await person('u-dana', { path: '/v1/workspaces/ws-globex/runs' }, 'ws-acme'))).toBe(
      '403 NotAuthorized',
    );
  });
});

describe('an approval of which no tuple is stored', () => {
  it('is decided on by an approver, and not by who asked for it', async () => {
    const id = approval({ requestedByUserId: 'u-carol' });
    expect((await decideOn('u-bob', id)).status).toBe(200);
    expect(record()).toMatchObject({ openfga: { consistency: 'HIGHER_CONSISTENCY' } });
    expect(outcome(await decideOn('u-carol', id))).toBe('403 NotAuthorized');
  });

  it('of a financial tool is not decided on by the owner of the agent either', async () => {
    expect(outcome(await decideOn('u-olaf', approval(byBot('invoice:create'))))).toBe('403 NotAuthorized');
    expect((await decideOn('u-olaf', approval(byBot('contact:create')))).status).toBe(200);
  });

  it('that somebody is assigned to is decided on by nobody else', async () => {
    const id = approval({ ...byBot('contact:create'), assigneeUserId: 'u-carol' });
    expect(outcome(await decideOn('u-bob', id))).toBe('403 NotAuthorized');
    expect((await decideOn('u-carol', id)).status).toBe(200);
  });

  it('is decided on by nobody who is no approver', async () => {
    expect(outcome(await decideOn('u-alma', approval(byBot('contact:create'))))).toBe('403 NotAuthorized');
  });

  it('that there is not, is refused; when it cannot be asked for, nothing is decided', async () => {
    bench.front.upstream.serve(`${ACME}/approvals/gone`, undefined);
    expect(outcome(await decideOn('u-bob', 'gone'))).toBe('403 NotAuthorized');
    // The control plane answers with something else than the record.
    expect(outcome(await decideOn('u-bob', 'unknown'))).toBe('403 NotAuthorized');
    const id = approval({ ...byBot('contact:create'), workspaceId: 'ws-globex' });
    expect(outcome(await decideOn('u-bob', id))).toBe('403 NotAuthorized');
  });
});

it('a worker reads a credential while its lease lasts, and no other', async () => {
  const { front } = bench;
  const worker: Who = {
    identity: await front.svid(front.idOf('portarium-execution', 'worker')),
    token: await token('worker', 'ws-acme', 'portarium'),
  };
  const read = (id: string) => bench.call('agents', worker, { path: `${ACME}/credential-grants/${id}` });
  expect((await read('hubspot')).status).toBe(200);
  expect(outcome(await read('erp'))).toBe('403 NotAuthorized');
});

it('a tuple that is taken away denies within five seconds', async () => {
  const { stage } = bench;
  expect((await runs('u-alma')).status).toBe(200);
  stage.configure('ws-acme', ['access', 'auditors'], []);
  await bench.deploy('ws-acme');
  expect(await until('she is refused', async () => (await runs('u-alma')).status === 403, 6)).toBeLessThan(5000);
});

describe('when OpenFGA', () => {
  it.each<Fault>(['down', 'slow', 'answers 400', 'answers 500', 'leaves one out', 'is no OpenFGA'])(
    '%s: 503 where it is enforced, on record where it is in shadow, and never an allow that it would not give',
    async (fault) => {
      faulty.fault = fault;
      try {
        for (const sub of ['u-dana', 'u-nobody']) expect(outcome(await runs(sub))).toBe('503 CannotDecide');
        expect(record()).toMatchObject({
          control: 'authz',
          mode: 'enforce',
          status: 503,
          openfga: { failure: expect.any(String) as string },
        });
        expect((await person('u-zoe', { path: '/v1/workspaces/ws-globex/runs' }, 'ws-globex')).status).toBe(200);
        expect(record()).toMatchObject({
          control: 'authz',
          mode: 'shadow',
          decision: 'would_deny',
          reason: 'CannotDecide',
        });
      } finally {
        faulty.fault = 'none';
      }
      expect((await runs('u-dana')).status).toBe(200);
      expect((await runs('u-nobody')).status).toBe(403);
    },
  );

  it('has lost its database: nothing is decided', async () => {
    const { stage } = bench;
    await stage.openfga.stop();
    await stage.openfga.start();
    for (const sub of ['u-dana', 'u-nobody']) expect(outcome(await runs(sub))).toBe('503 CannotDecide');
  });
});

it('while the authorizer is killed under load, nobody is let through whom it would refuse', async () => {
  const nobody = await token('u-nobody');
  const load = startLoad(
    () => bench.call('people', { token: nobody }, { path: `${ACME}/runs` }),
    ({ status }) => status === 403 || status === 503,
    { callers: 1, pause: 20 },
  );
  await bench.front.sidecars.restart('authorizer');
  await until('it is ready', () => bench.front.sidecars.ready());
  const { failures, calls } = await load.stop();
  expect(failures).toEqual([]);
  expect(calls).toBeGreaterThan(10);
});
