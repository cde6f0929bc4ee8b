import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from '../../../lab/client.js';
import { outcome } from './clients.js';
import { startBench, until, type Bench, type Who } from './fixture.js';

/**
 * Calls of tools through a real Envoy, the authorizer and OpenFGA: what is refused whatever the mode, what the allowlist
 * refuses, and what the control plane gets of the rest.
 */
let bench: Bench;
let salesBot: Who;

beforeAll(async () => {
  bench = await startBench();
  await until('the front is ready', () => bench.front.sidecars.ready());
  const { front } = bench;
  salesBot = {
    identity: await front.svid(front.idOf('portarium-agents', 'sales-bot')),
    token: await front.issuer.mint(
      { sub: 'sales-bot', aud: 'portarium', workspaceId: 'ws-acme' },
      { expiresInSeconds: 900 },
    ),
  };
}, 180_000);
afterAll(() => bench?.end());

const PROPOSE = '/v1/workspaces/ws-acme/agent-actions:propose';
const MCP = '/mcp';

interface Sent {
  readonly path?: string;
  readonly type?: string;
}

const send = (
  body: string | Buffer | object,
  { path = PROPOSE, type = 'application/json' }: Sent = {},
): Promise<Answer> =>
  bench.call('agents', salesBot, {
    method: 'POST',
    path,
    body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body),
    headers: { 'content-type': type },
  });

const call = (name: unknown, more: object = {}): object => ({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: { name, ...more },
});

type Trick = readonly [what: string, body: string | Buffer | object, sent?: Sent];

/** Nothing of it may ever arrive. */
const TRICKS: readonly Trick[] = [
  ['no body', ''],
  ['a batch', [{ toolName: 'invoice:read' }]],
  ['two documents', '{"toolName":"invoice:read"}{"toolName":"shell:exec"}'],
  ['a key twice', '{"toolName":"invoice:read","toolName":"shell:exec"}'],
  ['a key in another case', { toolName: 'invoice:read', ToolName: 'shell:exec' }],
  ['a key in full width', { toolName: 'invoice:read', ｔoolName: 'shell:exec' }],
  ['no name', { actionKind: 'tool_call' }],
  ['a list of names', { toolName: ['shell:exec'] }],
  ['a name that is null', { toolName: null }],
  ['a byte order mark', Buffer.from([0xef, 0xbb, 0xbf, ...Buffer.from('{"toolName":"invoice:read"}')])],
  ['UTF-16', Buffer.from('{"toolName":"invoice:read"}', 'utf16le')],
  ['bad UTF-8', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])],
  ['a comment', '{"toolName":"invoice:read"/**/}'],
  ['a form', 'toolName=invoice:read', { type: 'application/x-www-form-urlencoded' }],
  ['no media type', { toolName: 'invoice:read' }, { type: '' }],
  ['too deep', `${'{"a":'.repeat(70)}1${'}'.repeat(70)}`],
  ['a batch of MCP', [call('invoice:read')], { path: MCP }],
  [
    'a notification that calls',
    { jsonrpc: '2.0', method: 'tools/call', params: { name: 'invoice:read' } },
    { path: MCP },
  ],
  ['an answer that calls', { ...call('invoice:read'), result: {} }, { path: MCP }],
  ['no version of JSON-RPC', { id: 7, method: 'tools/call', params: { name: 'invoice:read' } }, { path: MCP }],
  ['a method that is not let through', { jsonrpc: '2.0', id: 7, method: 'resources/read' }, { path: MCP }],
  [
    'a name in two cases',
    '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"invoice:read","Name":"x"}}',
    { path: MCP },
  ],
];

const PATHS: readonly (readonly [what: string, path: string])[] = [
  ['an escaped colon', '/v1/workspaces/ws-acme/agent-actions%3Apropose'],
  ['a slash at the end', `${PROPOSE}/`],
  ['another case', '/v1/workspaces/ws-acme/Agent-Actions:propose'],
  ['an escaped slash', '/v1/workspaces/ws-acme%2Fagent-actions:propose'],
  ['a route that is not there', '/v1/workspaces/ws-acme/policy/evaluate'],
  ['another workspace by way of this one', '/v1/workspaces/ws-acme/../ws-globex/agent-actions:propose'],
];

/** What must hold in every mode. */
function holdsAlways(): void {
  it.each(TRICKS.map(([what, body, sent = {}]) => [what, body, sent] as const))(
    'is refused with 403 PolicyBlocked: %s',
    async (_what, body, sent) => {
      const before = bench.front.upstream.requests();
      const answer = await send(body, sent);
      expect(outcome403(answer)).toBe('403 PolicyBlocked');
      expect(bench.front.upstream.requests()).toBe(before);
    },
  );

  it.each(PATHS)('is refused: %s in the path', async (_what, path) => {
    const before = bench.front.upstream.requests();
    const answer = await send({ toolName: 'invoice:read' }, { path });
    expect([400, 403]).toContain(answer.status);
    expect(bench.front.upstream.requests()).toBe(before);
  });

  it('a body that is too long is refused with 413', async () => {
    expect(outcome(await send({ toolName: 'invoice:read', parameters: 'x'.repeat(70_000) }))).toBe('413 BodyTooLarge');
  });

  it('an agent that speaks for another is refused, and counted as an attempt', async () => {
    expect(outcome(await send({ toolName: 'invoice:read', agentId: 'invoice-clerk' }))).toBe('403 NotAuthorized');
    expect(lastRecord()).toMatchObject({ bypassAttempt: true, control: 'identity', mode: 'enforce' });
  });

  it('an agent decides on no approval', async () => {
    const answer = await send({ decision: 'Approved' }, { path: '/v1/workspaces/ws-acme/approvals/a1/decide' });
    expect(outcome(answer)).toBe('403 NotAuthorized');
  });

  it('what passes arrives as it was judged, with what the policy decides in it', async () => {
    const answer = await send('{ "toolName": "invoice:cre\\u0061te", "parameters": {"n": 1.50}, "rationale": "ü" }');
    expect(answer.status, answer.body).toBe(200);
    const { body, headers } = bench.front.upstream.received().at(-1)!;
    expect(JSON.parse(body)).toEqual({
      toolName: 'invoice:create',
      parameters: { n: 1.5 },
      rationale: 'ü',
      agentId: 'sales-bot',
      executionTier: 'HumanApprove',
      policyIds: ['default-governance'],
      idempotencyKey: expect.stringMatching(/^front-[0-9a-f]{64}$/),
    });
    expect(headers['content-length']).toBe(String(Buffer.byteLength(body)));
    expect(headers['x-portarium-body-pending']).toBeUndefined();
  });

  it('an agent may ask for a stricter tier than the policy’s', async () => {
    await send({ toolName: 'invoice:read', executionTier: 'ManualOnly' });
    expect(JSON.parse(bench.front.upstream.received().at(-1)!.body)).toMatchObject({ executionTier: 'ManualOnly' });
  });

  it('a listed tool is called by MCP as well, and methods that call none pass', async () => {
    for (const body of [call('invoice:read'), { jsonrpc: '2.0', id: 1, method: 'tools/list' }]) {
      expect((await send(body, { path: MCP })).status).toBe(200);
      expect(JSON.parse(bench.front.upstream.received().at(-1)!.body)).toEqual(body);
    }
  });
}

/** Of a problem, or of the problem in an error of JSON-RPC. */
function outcome403(answer: Answer): string {
  return `${answer.status} ${String(answer.headers['x-portarium-reason'])}`;
}

const lastRecord = (): Readonly<Record<string, unknown>> =>
  (bench.front.sidecars.lines('authorizer').at(-1)?.['data'] ?? {}) as Readonly<Record<string, unknown>>;

/** Claims that the policy does not share, and what is not listed. */
const CLAIMS: readonly (readonly [what: string, body: object, went: object])[] = [
  ['a tool that is not listed', { toolName: 'crm:export' }, { toolName: 'crm:export', executionTier: 'ManualOnly' }],
  ['a name that looks like a listed one', { toolName: 'invoice：read' }, { executionTier: 'HumanApprove' }],
  ['a laxer tier', { toolName: 'invoice:create', executionTier: 'Auto' }, { executionTier: 'HumanApprove' }],
  ['policies of its own', { toolName: 'invoice:read', policyIds: ['mine'] }, { policyIds: ['default-governance'] }],
];

describe('while the allowlist is in shadow', () => {
  holdsAlways();

  it.each(CLAIMS)('%s passes on record, and the policy decides all the same', async (_what, body, went) => {
    expect((await send(body)).status).toBe(200);
    expect(lastRecord()).toMatchObject({ decision: 'would_deny', control: 'allowlist', reason: 'PolicyBlocked' });
    expect(JSON.parse(bench.front.upstream.received().at(-1)!.body)).toMatchObject(went);
  });
});

describe('once the allowlist is enforced', () => {
  beforeAll(async () => {
    for (const level of ['authz', 'identity', 'allowlist'] as const) await bench.climb('ws-acme', level);
    await until('unlisted tools are refused', async () => (await send({ toolName: 'crm:export' })).status === 403, 5);
  }, 120_000);

  holdsAlways();

  it.each(CLAIMS)('%s is refused with 403 PolicyBlocked', async (_what, body) => {
    const before = bench.front.upstream.requests();
    const answer = await send(body);
    expect(outcome(answer)).toBe('403 PolicyBlocked');
    expect(JSON.parse(answer.body)).toMatchObject({ status: 403, tool: (body as { toolName: string }).toolName });
    expect(bench.front.upstream.requests()).toBe(before);
  });

  it('an unlisted tool by MCP is answered with an error of JSON-RPC, under its id', async () => {
    const answer = await send(call('shell:exec'), { path: MCP });
    expect(answer.status).toBe(403);
    expect(answer.headers['content-type']).toBe('application/json');
    expect(JSON.parse(answer.body)).toMatchObject({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -32001, message: 'PolicyBlocked', data: { reason: 'PolicyBlocked', tool: 'shell:exec' } },
    });
  });

  it('a retry has the same key, and another policy another', async () => {
    const keyOf = async (): Promise<string> => {
      await send({ toolName: 'invoice:read', parameters: { id: 1 } });
      return (JSON.parse(bench.front.upstream.received().at(-1)!.body) as { idempotencyKey: string }).idempotencyKey;
    };
    const first = await keyOf();
    expect(await keyOf()).toBe(first);
    const hash = lastRecord()['policyHash'];
    await bench.changePolicy('ws-acme');
    await until('the new policy is in force', async () => (await keyOf()) !== first, 5);
    expect(lastRecord()['policyHash']).not.toBe(hash);
  });
});
