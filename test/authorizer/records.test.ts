import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { records, type RecordRef } from '../../src/authorizer/records.js';
import { listening, type Arrived, type Listening } from './listening.js';

let dir: string;
let server: Listening;
let answer: (request: Arrived, response: ServerResponse) => void;
let clock = 0;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'records-'));
  server = await listening((request, response) => answer(request, response));
});
afterAll(async () => {
  await server.close();
  rmSync(dir, { recursive: true });
});
beforeEach(() => {
  writeFileSync(join(dir, 'ws-acme'), 'token-1\n');
  server.requests.length = 0;
  clock = 0;
});

const RUN: RecordRef = { kind: 'run', workspaceId: 'ws-acme', id: 'r1' };
const APPROVAL: RecordRef = { kind: 'approval', workspaceId: 'ws-acme', id: 'a1' };
const run = { workspaceId: 'ws-acme', runId: 'r1', initiatedByUserId: '77aa-bob' };
const approval = { workspaceId: 'ws-acme', approvalId: 'a1', runId: 'r1', requestedByUserId: 'sales-bot' };
const says = (body: unknown, status = 200) => {
  answer = (_request, response) => {
    response.writeHead(status).end(typeof body === 'string' ? body : JSON.stringify(body));
  };
};
const reading = (options: { timeoutMs?: number; url?: string } = {}) =>
  records({ url: server.url, tokensDir: dir, timeoutMs: 2_000, cacheMs: 5_000, clock: () => clock, ...options });
const read = (ref: RecordRef, body: unknown, status = 200) => {
  says(body, status);
  return reading().read(ref);
};
const paths = () => server.requests.map(({ path }) => path);

describe('a record', () => {
  it('of a run says who began it', async () => {
    expect(await read(RUN, { ...run, status: 'Running', secret: 'x' })).toEqual({ initiator: '77aa-bob' });
    const [{ method, path, headers }] = server.requests as [Arrived];
    expect([method, path, headers.authorization]).toEqual(['GET', '/v1/workspaces/ws-acme/runs/r1', 'Bearer token-1']);
  });

  it('of an approval says who asked for it, its run, who it is assigned to and the tool that waits for it', async () => {
    const whole = {
      ...approval,
      assigneeUserId: '99cc-carol',
      agentActionProposal: { toolName: 'invoice:create', agentId: 'sales-bot' },
    };
    expect(await read(APPROVAL, whole)).toEqual({
      initiator: 'sales-bot',
      runId: 'r1',
      assignee: '99cc-carol',
      tool: 'invoice:create',
      agent: 'sales-bot',
    });
    expect(paths()).toEqual(['/v1/workspaces/ws-acme/approvals/a1']);
    expect(await read(APPROVAL, approval)).toEqual({ initiator: 'sales-bot', runId: 'r1' });
  });

  it('says nothing of what is no text, or empty', async () => {
    expect(await read(RUN, { ...run, initiatedByUserId: ['77aa-bob'] })).toEqual({});
    expect(await read(RUN, { ...run, initiatedByUserId: '' })).toEqual({});
    const odd = { ...approval, requestedByUserId: 7, runId: null, assigneeUserId: {}, agentActionProposal: null };
    expect(await read(APPROVAL, odd)).toEqual({});
    expect(await read(APPROVAL, { ...approval, agentActionProposal: { toolName: 7 } })).not.toHaveProperty('tool');
  });

  it('of a run does not take who asked for an approval for who began it', async () => {
    expect(await read(RUN, { workspaceId: 'ws-acme', runId: 'r1', requestedByUserId: 'x' })).toEqual({});
  });

  it('is absent when the control plane says so', async () => {
    expect(await read(RUN, { title: 'Not Found' }, 404)).toBe('absent');
  });

  it('of another workspace, or another one than was asked for, is absent', async () => {
    expect(await read(RUN, { ...run, workspaceId: 'ws-globex' })).toBe('absent');
    expect(await read(RUN, { ...run, workspaceId: undefined })).toBe('absent');
    expect(await read(RUN, { ...run, runId: 'r2' })).toBe('absent');
    expect(await read(APPROVAL, { ...approval, approvalId: 'a2' })).toBe('absent');
    expect(await read(APPROVAL, { ...approval, approvalId: undefined })).toBe('absent');
  });

  it('under an id that would be another path is absent, and not asked for', async () => {
    for (const id of ['../../ws-globex/runs/r1', 'r1?x=1', 'r1#x', 'r 1', 'r1/evidence', '..', '', 'ä', 'r1\r\n'])
      expect(await read({ ...RUN, id }, { ...run, runId: id })).toBe('absent');
    expect(paths()).toEqual([]);
  });
});

describe('a record that cannot be read', () => {
  it.each([301, 400, 401, 403, 429, 500, 503])('is a failure at the status %s', async (status) => {
    await expect(read(RUN, run, status)).rejects.toThrow(
      `the control plane answered ${status} to the question for the run`,
    );
  });

  it.each(['', 'null', 'not json', '<html>'])('is a failure where it is %j', async (body) => {
    await expect(read(RUN, body)).rejects.toThrow();
  });

  it('is a failure when it does not come in time, or nobody listens', async () => {
    answer = () => undefined;
    await expect(reading({ timeoutMs: 60 }).read(RUN)).rejects.toThrow(/aborted/);
    const gone = await listening(() => undefined);
    await gone.close();
    await expect(reading({ url: gone.url }).read(RUN)).rejects.toThrow(/ECONNREFUSED/);
  });

  it('is a failure without a token for its workspace, and nothing is sent', async () => {
    says(run);
    await expect(reading().read({ ...RUN, workspaceId: 'ws-new' })).rejects.toThrow(
      'there is no token to read records of "ws-new" with',
    );
    expect(server.requests).toEqual([]);
  });
});

describe('what was read', () => {
  it('is used again for less than five seconds', async () => {
    const all = reading();
    says(run);
    await all.read(RUN);
    says({ ...run, initiatedByUserId: '88bb-dave' });
    clock = 4_999;
    expect(await all.read(RUN)).toEqual({ initiator: '77aa-bob' });
    expect(server.requests).toHaveLength(1);
    clock = 5_000;
    expect(await all.read(RUN)).toEqual({ initiator: '88bb-dave' });
    expect(server.requests).toHaveLength(2);
  });

  it('is as old as the question was, not as the answer', async () => {
    const all = reading();
    answer = (_request, response) => {
      clock = 4_000;
      response.end(JSON.stringify(run));
    };
    await all.read(RUN);
    clock = 5_000;
    await all.read(RUN);
    expect(server.requests).toHaveLength(2);
  });

  it('is asked for once by all who ask at the same time', async () => {
    const all = reading();
    says(run);
    expect(await Promise.all([all.read(RUN), all.read(RUN), all.read(RUN)])).toHaveLength(3);
    expect(server.requests).toHaveLength(1);
  });

  it('is kept by kind, workspace and id', async () => {
    writeFileSync(join(dir, 'ws-globex'), 'token-g');
    const all = reading();
    answer = ({ path }, response) => {
      const [, , , workspaceId, kind, id] = path.split('/');
      response.end(JSON.stringify({ workspaceId, [`${kind!.slice(0, -1)}Id`]: id, initiatedByUserId: `of-${path}` }));
    };
    for (const ref of [RUN, { ...RUN, id: 'r2' }, { ...RUN, workspaceId: 'ws-globex' }, { ...APPROVAL, id: 'r1' }])
      expect(await all.read(ref)).not.toBe('absent');
    expect(paths()).toHaveLength(4);
    expect(await all.read({ ...RUN, workspaceId: 'ws-globex' })).toMatchObject({
      initiator: 'of-/v1/workspaces/ws-globex/runs/r1',
    });
    expect(server.requests[2]!.headers.authorization).toBe('Bearer token-g');
  });

  it('is forgotten when it is absent or a failure', async () => {
    const all = reading();
    says('', 404);
    expect(await all.read(RUN)).toBe('absent');
    says('', 500);
    await expect(all.read(RUN)).rejects.toThrow('500');
    const both = [all.read(RUN), all.read(RUN)];
    for (const each of await Promise.allSettled(both)) expect(each.status).toBe('rejected');
    says(run);
    expect(await all.read(RUN)).toEqual({ initiator: '77aa-bob' });
    expect(server.requests).toHaveLength(4);
  });
});

describe('the token', () => {
  it('is read again when its file has changed', async () => {
    const all = reading();
    says(run);
    await all.read(RUN);
    writeFileSync(join(dir, 'ws-acme'), 'token-2');
    utimesSync(join(dir, 'ws-acme'), new Date(), new Date(Date.now() + 5_000));
    clock = 5_000;
    await all.read(RUN);
    rmSync(join(dir, 'ws-acme'));
    clock = 10_000;
    await expect(all.read(RUN)).rejects.toThrow('there is no token');
    expect(server.requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
  });
});
