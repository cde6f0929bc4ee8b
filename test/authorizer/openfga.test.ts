import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openFga, type Question } from '../../src/authorizer/openfga.js';
import { PLACE } from './fixture.js';
import { listening, type Arrived, type Listening } from './listening.js';

let dir: string;
let tokenFile: string;
let server: Listening;
let answer: (request: Arrived, response: ServerResponse) => void;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'openfga-'));
  tokenFile = join(dir, 'token');
  server = await listening((request, response) => answer(request, response));
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  writeFileSync(tokenFile, 'key-1\n');
  server.requests.length = 0;
});

const QUESTION: Question = {
  checks: [
    { user: 'user:a', relation: 'member', object: 'workspace:w' },
    { user: 'user:a', relation: 'run_read', object: 'workspace:w' },
  ],
  contextual: [],
  context: { actor: 'user:a', current_time: '2026-10-01T12:00:00.000Z' },
  fresh: false,
};
const says = (body: unknown, status = 200) => {
  answer = (_request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};
const ask = (question = QUESTION, options: { timeoutMs?: number; url?: string } = {}) =>
  openFga({ url: server.url, tokenFile, timeoutMs: 2_000, ...options }).ask(PLACE, question);
const allowed = async (question = QUESTION) => (await ask(question)).checks.map((check) => check.allowed);

describe('the question', () => {
  it('is one BatchCheck with the model named, the context and the contextual tuples with each check', async () => {
    says({ result: { 0: { allowed: true }, 1: { allowed: true } } });
    const tuple = {
      user: 'user:b',
      relation: 'assigned_approver',
      object: 'approval:w/a',
      condition: { name: 'separate_duties', context: { initiator: 'user:c' } },
    };
    await ask({ ...QUESTION, contextual: [tuple], fresh: true });
    expect(server.requests).toHaveLength(1);
    const [{ method, path, headers, body }] = server.requests as [Arrived];
    expect([method, path]).toEqual(['POST', `/stores/${PLACE.storeId}/batch-check`]);
    expect(headers).toMatchObject({
      authorization: 'Bearer key-1',
      'content-type': 'application/json',
      'content-length': String(Buffer.byteLength(body)),
    });
    const shared = { contextual_tuples: { tuple_keys: [tuple] }, context: QUESTION.context };
    expect(JSON.parse(body)).toEqual({
      authorization_model_id: PLACE.modelId,
      consistency: 'HIGHER_CONSISTENCY',
      checks: [
        { tuple_key: QUESTION.checks[0], ...shared, correlation_id: '0' },
        { tuple_key: QUESTION.checks[1], ...shared, correlation_id: '1' },
      ],
    });
  });

  it('may be answered from caches unless it must be fresh', async () => {
    says({ result: {} });
    await ask();
    expect(JSON.parse(server.requests[0]!.body)).toMatchObject({ consistency: 'MINIMIZE_LATENCY' });
  });

  it('has the key that the file holds now', async () => {
    says({ result: {} });
    const fga = openFga({ url: `${server.url}/`, tokenFile, timeoutMs: 2_000 });
    await fga.ask(PLACE, QUESTION);
    writeFileSync(tokenFile, 'key-2');
    await fga.ask(PLACE, QUESTION);
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer key-1', 'Bearer key-2']);
    expect(server.requests[0]!.path).toBe(`/stores/${PLACE.storeId}/batch-check`);
  });
});

describe('an answer', () => {
  it('says of each check whether it is allowed, whatever their order, with where it was asked', async () => {
    says({ result: { 1: { allowed: false }, 0: { allowed: true } } });
    expect(await ask()).toEqual({
      ...PLACE,
      checks: [
        { ...QUESTION.checks[0], allowed: true },
        { ...QUESTION.checks[1], allowed: false },
      ],
      contextual: [],
      fresh: false,
      milliseconds: expect.any(Number),
    });
  });

  it('means no where protobuf’s JSON leaves out what is false', async () => {
    says({ result: { 0: { allowed: true }, 1: {} } });
    const asked = await ask();
    expect(asked.checks.map((check) => check.allowed)).toEqual([true, false]);
    expect(asked).not.toHaveProperty('failure');
  });

  it('to more than was asked is as good as one to what was asked', async () => {
    says({ result: { 0: { allowed: true }, 1: { allowed: true }, 2: { allowed: false } } });
    expect(await allowed()).toEqual([true, true]);
  });
});

describe('no answer', () => {
  it('is a check that is left out', async () => {
    says({ result: { 0: { allowed: true } } });
    const asked = await ask();
    expect(asked.failure).toBe('it left a check without answer: {"result":{"0":{"allowed":true}}}');
    expect(asked.checks).toEqual([{ ...QUESTION.checks[0], allowed: true }, QUESTION.checks[1]]);
  });

  it('is a check with an error, also beside an answer', async () => {
    const error = { input_error: 'validation_error', message: 'type "x" not found' };
    says({ result: { 0: { allowed: true }, 1: { allowed: true, error } } });
    const asked = await ask();
    expect(asked.failure).toMatch(/^it left a check without answer: /);
    expect(asked.checks[1]).not.toHaveProperty('allowed');
  });

  it.each<[string, unknown]>([
    ['text for true', { 0: { allowed: 'true' }, 1: { allowed: true } }],
    ['a number for true', { 0: { allowed: 1 }, 1: { allowed: true } }],
    ['null for true', { 0: { allowed: null }, 1: { allowed: true } }],
    ['null for a check', { 0: null, 1: { allowed: true } }],
    ['true for a check', { 0: true, 1: { allowed: true } }],
    ['a list for a check', { 0: [], 1: { allowed: true } }],
    ['null for all', null],
    ['text for all', 'allowed'],
    ['nothing for all', undefined],
    ['a list for all', [{ allowed: true }, { allowed: true }]],
  ])('is %s', async (_what, result) => {
    says({ result });
    const asked = await ask();
    expect(asked.failure).toBeTypeOf('string');
    expect(asked.checks[0]).not.toHaveProperty('allowed');
  });

  it.each(['', 'null', '[]', '"x"', 'not json', '<html>'])('is %j', async (body) => {
    says(body);
    const asked = await ask();
    expect(asked.failure).toBeTypeOf('string');
    expect(asked.checks).toEqual(QUESTION.checks);
  });

  it.each([204, 302, 400, 401, 404, 409, 429, 500, 503])('is the status %s, whatever comes with it', async (status) => {
    says(status === 204 ? '' : { result: { 0: { allowed: true }, 1: { allowed: true } } }, status);
    const asked = await ask();
    expect(asked.failure).toMatch(new RegExp(`^it answered ${status}: `));
    expect(asked.checks).toEqual(QUESTION.checks);
  });

  it('is said no longer than it need be', async () => {
    says('x'.repeat(5000), 500);
    expect((await ask()).failure).toBe(`it answered 500: ${'x'.repeat(200)}`);
  });

  it('is one that does not come in time, nor one that stops in the middle', async () => {
    answer = () => undefined;
    const silent = await ask(QUESTION, { timeoutMs: 60 });
    expect(silent.failure).toMatch(/aborted/);
    expect(silent.milliseconds).toBeLessThan(1000);
    answer = (_request, response) => void response.writeHead(200).write('{"result":{"0":');
    expect((await ask(QUESTION, { timeoutMs: 60 })).failure).toMatch(/aborted/);
    answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 500 }).write('{"result":');
      setTimeout(() => response.destroy(), 10);
    };
    expect((await ask()).failure).toMatch(/aborted|hang up|reset/);
  });

  it('is a server that is not there', async () => {
    const gone = await listening(() => undefined);
    await gone.close();
    const asked = await ask(QUESTION, { url: gone.url });
    expect(asked.failure).toMatch(/ECONNREFUSED/);
    expect(asked.checks).toEqual(QUESTION.checks);
  });

  it('is a key that cannot be read, and nothing is sent without one', async () => {
    rmSync(tokenFile);
    says({ result: { 0: { allowed: true }, 1: { allowed: true } } });
    const asked = await ask();
    expect(asked.failure).toMatch(/ENOENT/);
    expect(server.requests).toEqual([]);
  });

  it('passes: the next question is answered', async () => {
    const fga = openFga({ url: server.url, tokenFile, timeoutMs: 2_000 });
    answer = (_request, response) => void response.destroy();
    expect((await fga.ask(PLACE, QUESTION)).failure).toBeTypeOf('string');
    says({ result: { 0: { allowed: true }, 1: { allowed: true } } });
    expect(await fga.ask(PLACE, QUESTION)).not.toHaveProperty('failure');
  });
});
