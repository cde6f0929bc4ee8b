import { sha256 } from '../model/canonical.js';
import { TIERS, type Tier } from '../model/workspace.js';
import { Ambiguous, folded, parseObject } from './json.js';

/** What a request that names a tool says; nothing of it is believed. */
export interface ToolCall {
  readonly kind: 'propose' | 'execute' | 'mcp';
  /** Absent for methods of MCP that call none. */
  readonly tool?: string;
  readonly agentId?: string;
  readonly executionTier?: Tier;
  readonly policyIds?: readonly string[];
  /** `id` of a JSON-RPC request, for its answer. */
  readonly rpcId?: string | number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** Methods of MCP that call no tool (MCP 2025-06-18, "Base protocol"). */
const MCP_METHODS = [
  'initialize',
  'ping',
  'tools/list',
  'notifications/initialized',
  'notifications/cancelled',
  'notifications/progress',
];

/** Reads the body of a route with a tool. Throws Ambiguous, whose message is for the caller. */
export function toolCallOf(kind: ToolCall['kind'], body: Uint8Array): ToolCall {
  const value = parseObject(body);
  if (kind === 'propose') return proposal(value);
  if (kind === 'execute') return { kind, tool: lastPart(text(value, 'flowRef')), body: value };
  return mcp(value);
}

/** What the policy writes into a proposal: beside it nothing may stand that a lenient reader takes for it. */
const WRITTEN = new Map(['agentId', 'executionTier', 'policyIds', 'idempotencyKey'].map((key) => [folded(key), key]));

function proposal(body: ToolCall['body']): ToolCall {
  for (const key of Object.keys(body)) {
    const written = WRITTEN.get(folded(key)) ?? key;
    if (written !== key) throw new Ambiguous(`The key ${JSON.stringify(key.slice(0, 64))} looks like "${written}".`);
  }
  const { agentId, executionTier, policyIds } = body;
  if (agentId !== undefined && typeof agentId !== 'string') throw new Ambiguous('"agentId" is not text.');
  if (executionTier !== undefined && !TIERS.some((tier) => tier === executionTier)) {
    throw new Ambiguous(`"executionTier" is none of ${TIERS.join(', ')}.`);
  }
  if (policyIds !== undefined && !isTexts(policyIds)) throw new Ambiguous('"policyIds" is not a list of texts.');
  if (body['idempotencyKey'] !== undefined) text(body, 'idempotencyKey');
  return {
    kind: 'propose',
    tool: text(body, 'toolName'),
    ...(agentId !== undefined && { agentId }),
    ...(executionTier !== undefined && { executionTier: executionTier as Tier }),
    ...(policyIds !== undefined && { policyIds }),
    body,
  };
}

function mcp(body: ToolCall['body']): ToolCall {
  const { jsonrpc, id, params } = body;
  if (jsonrpc !== '2.0') throw new Ambiguous('"jsonrpc" is not "2.0".');
  if (id !== undefined && typeof id !== 'string' && typeof id !== 'number') {
    throw new Ambiguous('"id" is neither text nor a number.');
  }
  if ('result' in body || 'error' in body) throw new Ambiguous('The body is an answer, not a request.');
  const rpcId = id === undefined ? {} : { rpcId: id };
  const method = text(body, 'method');
  if (method === 'tools/call') {
    if (id === undefined) throw new Ambiguous('"tools/call" has no "id": a notification calls no tool.');
    if (typeof params !== 'object' || params === null || Array.isArray(params)) {
      throw new Ambiguous('"params" is not an object.');
    }
    return { kind: 'mcp', tool: text(params as ToolCall['body'], 'name', 'params.name'), ...rpcId, body };
  }
  if (!MCP_METHODS.includes(method)) throw new Ambiguous('"method" is none that the front lets through.');
  return { kind: 'mcp', ...rpcId, body };
}

function text(record: ToolCall['body'], key: string, path = key): string {
  const value = record[key];
  if (typeof value !== 'string' || value === '')
    throw new Ambiguous(`"${path}" is ${value === undefined ? 'missing' : 'not text'}.`);
  if (value.length > 256) throw new Ambiguous(`"${path}" has more than 256 characters.`);
  return value;
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string');

/** `machine/tool`, or the tool alone (upstream, execute-approved-agent-action). */
const lastPart = (flowRef: string): string => flowRef.slice(flowRef.lastIndexOf('/') + 1);

export interface Governed {
  readonly agentId: string;
  readonly executionTier: Tier;
  readonly policyIds: readonly string[];
  readonly policyHash: string;
}

/**
 * What the control plane gets in the body's place: the same JSON, written anew so that it can be read in one way only,
 * with what the policy decides in it. The idempotency key is bound to agent and policy: the control plane answers a
 * known key with the old decision, which must not outlive the policy that it was made by.
 */
export function governedBody({ kind, body }: ToolCall, governed?: Governed): string {
  if (kind !== 'propose' || governed === undefined) return JSON.stringify(body);
  const { agentId, executionTier, policyIds, policyHash } = governed;
  const key = body['idempotencyKey'] ?? [body['actionKind'], body['toolName'], body['parameters'], body['machineId']];
  const bound = sha256([policyHash, agentId, executionTier, key]);
  return JSON.stringify({ ...body, agentId, executionTier, policyIds, idempotencyKey: `front-${bound}` });
}
