import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Ambiguous, parseObject } from '../../src/authorizer/json.js';
import { governedBody, toolCallOf, type Governed, type ToolCall } from '../../src/authorizer/tool-call.js';
import { TIERS } from '../../src/model/workspace.js';

const bytes = (body: unknown) => Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
const read = (kind: ToolCall['kind'], body: unknown) => toolCallOf(kind, bytes(body));
const refusal = (kind: ToolCall['kind'], body: unknown): string => {
  try {
    read(kind, body);
  } catch (error) {
    if (error instanceof Ambiguous) return error.message;
    throw error;
  }
  return 'accepted';
};

describe('a proposal', () => {
  const whole = {
    toolName: 'invoice:read',
    agentId: 'sales-bot',
    executionTier: 'Assisted',
    policyIds: ['default-governance'],
    idempotencyKey: 'k1',
    parameters: { id: 7 },
  };

  it('says tool, agent, tier and policies, and carries its body', () => {
    expect(read('propose', whole)).toEqual({
      kind: 'propose',
      tool: 'invoice:read',
      agentId: 'sales-bot',
      executionTier: 'Assisted',
      policyIds: ['default-governance'],
      body: whole,
    });
  });

  it('may say the tool alone', () => {
    const body = { toolName: 'invoice:read' };
    expect(read('propose', body)).toEqual({ kind: 'propose', tool: 'invoice:read', body });
  });

  it('may name no policy at all, which is not the same as leaving them out', () => {
    expect(read('propose', { ...whole, policyIds: [] }).policyIds).toEqual([]);
  });

  it('has a tool’s name exactly as it was sent: nothing is trimmed, folded or normalised', () => {
    for (const toolName of [
      ' invoice:read',
      'Invoice:Read',
      'ｉnvoice:read',
      'invoice\u200b:read',
      'e\u0301',
      '\u00e9',
    ])
      expect(read('propose', { toolName }).tool).toBe(toolName);
  });

  it.each<[string, object, string]>([
    ['no tool', {}, '"toolName" is missing.'],
    ['a tool in a list', { toolName: ['invoice:read'] }, '"toolName" is not text.'],
    ['a tool in an object', { toolName: { name: 'invoice:read' } }, '"toolName" is not text.'],
    ['a number for a tool', { toolName: 7 }, '"toolName" is not text.'],
    ['null for a tool', { toolName: null }, '"toolName" is not text.'],
    ['an empty tool', { toolName: '' }, '"toolName" is not text.'],
    ['a tool under another key', { ToolName: 'invoice:read' }, '"toolName" is missing.'],
    ['a tool in its parameters', { parameters: { toolName: 'invoice:read' } }, '"toolName" is missing.'],
    ['a long tool', { toolName: 't'.repeat(257) }, '"toolName" has more than 256 characters.'],
    ['agents in a list', { toolName: 't', agentId: ['a'] }, '"agentId" is not text.'],
    ['null for an agent', { toolName: 't', agentId: null }, '"agentId" is not text.'],
    [
      'an unknown tier',
      { toolName: 't', executionTier: 'auto' },
      '"executionTier" is none of Auto, Assisted, HumanApprove, ManualOnly.',
    ],
    [
      'null for a tier',
      { toolName: 't', executionTier: null },
      '"executionTier" is none of Auto, Assisted, HumanApprove, ManualOnly.',
    ],
    ['one policy', { toolName: 't', policyIds: 'default-governance' }, '"policyIds" is not a list of texts.'],
    ['a number among policies', { toolName: 't', policyIds: ['a', 1] }, '"policyIds" is not a list of texts.'],
    ['a number for a key', { toolName: 't', idempotencyKey: 1 }, '"idempotencyKey" is not text.'],
    ['an empty key', { toolName: 't', idempotencyKey: '' }, '"idempotencyKey" is not text.'],
    [
      'a long key',
      { toolName: 't', idempotencyKey: 'k'.repeat(257) },
      '"idempotencyKey" has more than 256 characters.',
    ],
    ['a key twice', { toolName: 't', TOOLNAME: 'u' }, 'The keys "toolName" and "TOOLNAME" look the same.'],
  ])('with %s is refused', (_what, body, message) => expect(refusal('propose', body)).toBe(message));

  it.each<[string, string, unknown]>([
    ['agentId', 'AgentId', 'other'],
    ['agentId', 'agent\u200bId', 'other'],
    ['executionTier', 'executiontier', 'Auto'],
    ['policyIds', 'ｐolicyIds', []],
    ['idempotencyKey', 'IdempotencyKey', 'k'],
  ])(
    'with what looks like "%s" in its place is refused: it would stand beside the policy’s word',
    (key, like, value) => {
      expect(refusal('propose', { toolName: 't', [like]: value })).toBe(
        `The key ${JSON.stringify(like)} looks like "${key}".`,
      );
      // Where it means nothing it is nobody's business.
      expect(refusal('propose', { toolName: 't', parameters: { [like]: value } })).toBe('accepted');
    },
  );
});

describe('an execution', () => {
  it('says its tool in flowRef, after the machine', () => {
    const body = { flowRef: 'machine-1/invoice:create', payload: {} };
    expect(read('execute', body)).toEqual({ kind: 'execute', tool: 'invoice:create', body });
    expect(read('execute', { flowRef: 'invoice:create' }).tool).toBe('invoice:create');
    expect(read('execute', { flowRef: 'a/b/invoice:create' }).tool).toBe('invoice:create');
    expect(read('execute', { flowRef: 'invoice:create/' }).tool).toBe('');
  });

  it.each<[string, object, string]>([
    ['no flowRef', { toolName: 'invoice:read' }, '"flowRef" is missing.'],
    ['a list', { flowRef: ['invoice:read'] }, '"flowRef" is not text.'],
    ['null', { flowRef: null }, '"flowRef" is not text.'],
    ['nothing', { flowRef: '' }, '"flowRef" is not text.'],
  ])('with %s is refused', (_what, body, message) => expect(refusal('execute', body)).toBe(message));
});

describe('a request of MCP', () => {
  const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'invoice:read', arguments: {} } };

  it('says its tool in params.name, and its id for the answer', () => {
    expect(read('mcp', call)).toEqual({ kind: 'mcp', tool: 'invoice:read', rpcId: 7, body: call });
    for (const id of ['x', '', 0, -1, 1.5]) expect(read('mcp', { ...call, id }).rpcId).toBe(id);
  });

  it.each([
    'initialize',
    'ping',
    'tools/list',
    'notifications/initialized',
    'notifications/cancelled',
    'notifications/progress',
  ])('may be %s, which calls no tool', (method) => {
    expect(read('mcp', { jsonrpc: '2.0', method })).toEqual({ kind: 'mcp', body: { jsonrpc: '2.0', method } });
    // A name in it is no tool.
    expect(read('mcp', { ...call, method })).not.toHaveProperty('tool');
  });

  it.each<[string, object, string]>([
    ['a notification', without('id', call), '"tools/call" has no "id": a notification calls no tool.'],
    ['another version', { ...call, jsonrpc: '1.0' }, '"jsonrpc" is not "2.0".'],
    ['a version that is a number', { ...call, jsonrpc: 2 }, '"jsonrpc" is not "2.0".'],
    ['no version', without('jsonrpc', call), '"jsonrpc" is not "2.0".'],
    ['null for an id', { ...call, id: null }, '"id" is neither text nor a number.'],
    ['an id in a list', { ...call, id: [7] }, '"id" is neither text nor a number.'],
    ['an answer', { jsonrpc: '2.0', id: 7, result: {} }, 'The body is an answer, not a request.'],
    ['an error', { jsonrpc: '2.0', id: 7, error: null }, 'The body is an answer, not a request.'],
    ['a request that is an answer too', { ...call, result: {} }, 'The body is an answer, not a request.'],
    ['no method', without('method', call), '"method" is missing.'],
    ['methods in a list', { ...call, method: ['tools/call'] }, '"method" is not text.'],
    ['a method in another case', { ...call, method: 'Tools/Call' }, '"method" is none that the front lets through.'],
    ['a method with a blank', { ...call, method: 'tools/call ' }, '"method" is none that the front lets through.'],
    ['an unknown method', { ...call, method: 'resources/read' }, '"method" is none that the front lets through.'],
    ['no params', without('params', call), '"params" is not an object.'],
    ['params in a list', { ...call, params: [{ name: 'x' }] }, '"params" is not an object.'],
    ['null for params', { ...call, params: null }, '"params" is not an object.'],
    ['no name', { ...call, params: {} }, '"params.name" is missing.'],
    ['names in a list', { ...call, params: { name: ['invoice:read'] } }, '"params.name" is not text.'],
    ['a number for a name', { ...call, params: { name: 1 } }, '"params.name" is not text.'],
    ['null for a name', { ...call, params: { name: null } }, '"params.name" is not text.'],
    ['a long name', { ...call, params: { name: 'n'.repeat(257) } }, '"params.name" has more than 256 characters.'],
    ['a name beside params', { ...call, name: 'invoice:read', params: {} }, '"params.name" is missing.'],
    [
      'a name in two cases',
      { ...call, params: { name: 'invoice:read', Name: 'disk:wipe' } },
      'The keys "name" and "Name" look the same.',
    ],
  ])('with %s is refused', (_what, body, message) => expect(refusal('mcp', body)).toBe(message));

  it('in a batch is refused, also in one of one', () => {
    expect(refusal('mcp', [call])).toBe('The body is a list. Batches are not taken; send one call a request.');
  });
});

describe('what goes on to the control plane', () => {
  const governed: Governed = {
    agentId: 'sales-bot',
    executionTier: 'HumanApprove',
    policyIds: ['default-governance'],
    policyHash: 'a'.repeat(64),
  };
  const sent = { toolName: 'invoice:create', idempotencyKey: 'k1', parameters: { amount: 10 }, extra: [1] };
  const goesOn = (body: object, by: Partial<Governed> = {}) =>
    JSON.parse(governedBody(read('propose', body), { ...governed, ...by })) as Record<string, unknown>;
  const keyOf = (body: object, by: Partial<Governed> = {}) => goesOn(body, by)['idempotencyKey'];

  it('is the same proposal with the policy’s agent, tier and policies in it', () => {
    expect(goesOn({ ...sent, agentId: 'x', executionTier: 'Auto', policyIds: ['mine'] })).toEqual({
      ...sent,
      agentId: 'sales-bot',
      executionTier: 'HumanApprove',
      policyIds: ['default-governance'],
      idempotencyKey: expect.stringMatching(/^front-[0-9a-f]{64}$/),
    });
  });

  it('is the body as it was read, for what is no proposal', () => {
    const call = { jsonrpc: '2.0', id: 7, method: 'tools/call', params: { name: 'x', arguments: { b: 1, a: 2 } } };
    expect(governedBody(toolCallOf('mcp', bytes(JSON.stringify(call, null, 2))), governed)).toBe(JSON.stringify(call));
    const execute = { payload: { z: 1 }, flowRef: 'm/x' };
    expect(governedBody(read('execute', execute), governed)).toBe(JSON.stringify(execute));
  });

  it('has another idempotency key for another policy, agent, tier or key, and the same for the same', () => {
    const keys = [
      keyOf(sent),
      keyOf(sent, { policyHash: 'b'.repeat(64) }),
      keyOf(sent, { agentId: 'invoice-clerk' }),
      keyOf(sent, { executionTier: 'ManualOnly' }),
      keyOf({ ...sent, idempotencyKey: 'k2' }),
    ];
    expect(new Set(keys).size).toBe(keys.length);
    expect(keyOf({ ...sent })).toBe(keys[0]);
    // The caller's key stands for the call, as without the front.
    expect(keyOf({ ...sent, parameters: { amount: 99 } })).toBe(keys[0]);
  });

  it('has a key of its own where the caller gives none: of tool, kind, parameters and machine, in any order', () => {
    const body = { toolName: 't', actionKind: 'write', parameters: { a: 1, b: 2 }, machineId: 'm1' };
    const key = keyOf(body);
    expect(keyOf({ machineId: 'm1', parameters: { b: 2, a: 1 }, actionKind: 'write', toolName: 't' })).toBe(key);
    const others = [
      { ...body, toolName: 'u' },
      { ...body, actionKind: 'read' },
      { ...body, parameters: { a: 1, b: 3 } },
      { ...body, machineId: 'm2' },
      without('machineId', body),
    ].map((each) => keyOf(each));
    expect(new Set([key, ...others]).size).toBe(6);
  });

  it('never has the caller’s own key, so that nobody can guess his way to the decision on another’s call', () => {
    const key = keyOf(sent) as string;
    expect(keyOf({ ...sent, idempotencyKey: key })).not.toBe(key);
  });

  it('can be read in one way only, and says of agent, tier and policies what the policy says, whatever was sent', () => {
    const like = fc.constantFrom('agentId', 'AgentID', 'executionTier', 'EXECUTIONTIER', 'policyIds', 'x', '__proto__');
    const value = fc.oneof(fc.constantFrom('Auto', 'sales-bot', 'other'), fc.array(fc.string(), { maxLength: 2 }));
    let accepted = 0;
    fc.assert(
      fc.property(fc.dictionary(like, value, { maxKeys: 3 }), fc.constantFrom(...TIERS), (more, executionTier) => {
        const body = JSON.stringify({ toolName: 't', ...more });
        if (refusal('propose', body) !== 'accepted') return;
        accepted += 1;
        const text = governedBody(read('propose', body), { ...governed, executionTier });
        const on = parseObject(Buffer.from(text));
        expect(on).toMatchObject({ agentId: 'sales-bot', executionTier, policyIds: ['default-governance'] });
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(50);
  });
});

function without(key: string, value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([each]) => each !== key));
}
