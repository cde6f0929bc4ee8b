import { createHash, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../model/canonical.js';
import { TIERS, type Tier } from '../model/workspace.js';
import { isRecord, textIn } from './json.js';
import { checkSignature, type Signature } from './signature.js';
import { shownBy, type Shown } from './shown.js';

/** An entry of the evidence log without its text: ids, hashes and what it shows of a run. */
export interface Entry extends Shown {
  readonly id: string;
  /** ISO 8601; empty where there is none. */
  readonly at: string;
  readonly category: string;
  /** Hex SHA-256 as it is stored, upstream's prefix `sha256:` taken off; empty where there is none. */
  readonly hash: string;
  /** Hex SHA-256 of what the entry says. */
  readonly computed: string;
  /** Hash of the entry before. @default - it says that it is the first */
  readonly previous?: string;
  readonly signature: Signature;
  /** `User:sales-bot`, `System`. */
  readonly actor?: string;
  /** Of the run, or of the agent's proposed action. */
  readonly runId?: string;
  /** The entry is where an agent proposed the action. */
  readonly proposal?: true;
  readonly approvalId?: string;
  readonly correlationId?: string;
  readonly tier?: Tier;
  /** What keeps it from being an entry of this log, as ends of a sentence about it. @default - nothing */
  readonly problems?: readonly string[];
}

const HASH = /^(?:sha256:)?([0-9a-f]{64})$/;

/**
 * Reads upstream's `EvidenceEntryV1` and takes its hash anew: SHA-256 over the canonical JSON (RFC 8785) of everything but
 * `hashSha256` and `signatureBase64`, `previousHash` included.
 *
 * @param key public, of the signatures. @default - they are not checked
 */
export async function entryOf(value: unknown, workspaceId: string, key?: KeyObject): Promise<Entry> {
  const record = isRecord(value) ? value : {};
  const { hashSha256, signatureBase64, ...content } = record;
  const links = isRecord(record['links']) ? record['links'] : {};
  const problems = problemsOf(value, workspaceId);
  const stored = hashIn(hashSha256) ?? '';
  const hash = createHash('sha256').update(canonicalJson(content)).digest('hex');
  const previous = record['previousHash'];
  const actor = actorOf(record['actor']);
  const tier = TIERS.find((each) => each === record['executionTier']);
  const proposal = proposalIn(record['payloadRefs']);
  const entry = {
    id: textIn(record, 'evidenceId') ?? '',
    at: textIn(record, 'occurredAtIso') ?? '',
    category: textIn(record, 'category') ?? '',
    hash: stored,
    // The same text where both are equal: a long log is held once.
    computed: hash === stored ? stored : hash,
    ...(previous !== undefined && { previous: hashIn(previous) ?? JSON.stringify(previous) }),
    ...(actor !== undefined && { actor }),
    ...(proposal !== undefined && { runId: proposal, proposal: true as const }),
    ...text('runId', links),
    ...text('approvalId', links),
    ...text('correlationId', record),
    ...(tier !== undefined && { tier }),
    ...shownBy(record),
    ...(problems.length > 0 && { problems }),
  };
  if (signatureBase64 === undefined) return { ...entry, signature: 'absent' };
  if (typeof signatureBase64 !== 'string') return { ...entry, signature: 'invalid' };
  if (key === undefined) return { ...entry, signature: 'unchecked' };
  return { ...entry, signature: await checkSignature(signatureBase64, canonicalJson({ ...content, hashSha256 }), key) };
}

const hashIn = (value: unknown): string | undefined => (typeof value === 'string' ? HASH.exec(value)?.[1] : undefined);

function text<Key extends string>(
  key: Key,
  record: Readonly<Record<string, unknown>>,
): { readonly [K in Key]?: string } {
  const value = textIn(record, key);
  return value === undefined ? {} : ({ [key]: value } as { readonly [K in Key]?: string });
}

function actorOf(actor: unknown): string | undefined {
  if (!isRecord(actor)) return undefined;
  const id = textIn(actor, 'userId') ?? textIn(actor, 'machineId') ?? textIn(actor, 'adapterId');
  const kind = textIn(actor, 'kind');
  if (kind === undefined) return undefined;
  return id === undefined ? kind : `${kind}:${id}`;
}

const PROPOSAL = /^portarium:\/\/agent-action-proposals\/([^/]+)$/;

/** Upstream's entries about a proposed action name it here alone, the later ones as `links.runId`. */
function proposalIn(payloads: unknown): string | undefined {
  if (!Array.isArray(payloads)) return undefined;
  return (payloads as readonly unknown[])
    .map((each) => (isRecord(each) ? PROPOSAL.exec(textIn(each, 'uri') ?? '')?.[1] : undefined))
    .find((id) => id !== undefined);
}

function problemsOf(value: unknown, workspaceId: string): readonly string[] {
  if (!isRecord(value)) return ['is no object'];
  const wrong: string[] = [];
  if (value['schemaVersion'] !== 1) wrong.push(`has schemaVersion ${JSON.stringify(value['schemaVersion'])}, not 1`);
  for (const key of ['evidenceId', 'workspaceId', 'correlationId', 'occurredAtIso', 'category']) {
    if (textIn(value, key) === undefined) wrong.push(`has no ${key}`);
  }
  const workspace = textIn(value, 'workspaceId');
  if (workspace !== undefined && workspace !== workspaceId) wrong.push(`is of workspace ${workspace}`);
  const at = textIn(value, 'occurredAtIso');
  if (at !== undefined && Number.isNaN(Date.parse(at))) wrong.push('has no time as occurredAtIso');
  if (hashIn(value['hashSha256']) === undefined) wrong.push('has no SHA-256 as hashSha256');
  if (value['previousHash'] !== undefined && hashIn(value['previousHash']) === undefined)
    wrong.push('has no SHA-256 as previousHash');
  return wrong;
}
