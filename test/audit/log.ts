import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { canonicalJson } from '../../src/model/canonical.js';
import {
  entryOf,
  evaluate,
  frameOf,
  type AuditInputs,
  type AuditOptions,
  type Entry,
  type Run,
} from '../../src/audit/index.js';
import { readRun } from '../../src/audit/run.js';

/** A document as upstream stores it, and the members of the evidence profile. */
export type Document = Record<string, unknown>;

export const WORKSPACE = 'ws-acme';
export const keys = generateKeyPairSync('ed25519');
export const START = Date.parse('2026-11-01T00:00:00Z');
export const TAKEN = '2026-11-20T00:00:00.000Z';

const uuid = (name: string): string => {
  const hex = createHash('sha256').update(name).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
};

/** A run as upstream's store has it: tiers, agents and ends in turn. */
export function runDocument(index: number, more: Document = {}): Document {
  const at = START + index * 60_000;
  return {
    schemaVersion: 1,
    runId: uuid(`run ${index}`),
    workspaceId: WORKSPACE,
    workflowId: 'wf-invoices',
    correlationId: uuid(`correlation ${index}`),
    executionTier: (['Auto', 'Assisted', 'HumanApprove', 'ManualOnly'] as const)[index % 4],
    initiatedByUserId: ['sales-bot', 'invoice-bot'][index % 2],
    status: index % 10 === 9 ? 'Failed' : 'Succeeded',
    createdAtIso: new Date(at).toISOString(),
    endedAtIso: new Date(at + 30_000).toISOString(),
    ...more,
  };
}

/** What a run leaves when all seven items are there: policy, a person's decision where the tier asks for it, execution. */
export function entriesOfRun(run: Document, index: number): Document[] {
  const at = Date.parse(run['createdAtIso'] as string);
  const needed = run['executionTier'] === 'HumanApprove' || run['executionTier'] === 'ManualOnly';
  const approvalId = uuid(`approval ${index}`);
  const base = (step: number, name: string): Document => ({
    schemaVersion: 1,
    evidenceId: uuid(`${name} ${index}`),
    workspaceId: run['workspaceId'],
    correlationId: run['correlationId'],
    occurredAtIso: new Date(at + step * 1000).toISOString(),
    traceparent: `00-${createHash('sha256').update(`trace ${index}`).digest('hex').slice(0, 32)}-00f067aa0ba902b7-01`,
  });
  const actor = { kind: 'User', userId: run['initiatedByUserId'] };
  const links = { runId: run['runId'], ...(needed && { approvalId }) };
  const action = { tool: 'invoice:create', parametersSha256: createHash('sha256').update(`${index}`).digest('hex') };
  return [
    {
      ...base(0, 'policy'),
      category: 'Policy',
      summary: 'evaluated',
      actor,
      links: { runId: run['runId'] },
      decision: needed ? 'NeedsApproval' : 'Allow',
      executionTier: run['executionTier'],
      action,
    },
    ...(needed
      ? [
          {
            ...base(1, 'approval'),
            category: 'Approval',
            summary: `Approval ${approvalId} decided: Approved by u-olaf…`,
            actor: { kind: 'User', userId: 'u-olaf' },
            links,
          },
        ]
      : []),
    {
      ...base(2, 'execution'),
      category: 'Action',
      summary:
        run['status'] === 'Failed' ? 'ActionFailed evidence for action a.' : 'ActionCompleted evidence for action a.',
      actor,
      links,
      payloadRefs: [{ kind: 'Snapshot', uri: 'evidence://evidence/a.json', sha256: action.parametersSha256 }],
    },
  ];
}

/** The document without these members. */
export const omit = (document: Document, ...members: readonly string[]): Document =>
  Object.fromEntries(Object.entries(document).filter(([key]) => !members.includes(key)));

export interface Chaining {
  /** Before each hash, as upstream's store in memory has it. @default - none */
  readonly prefix?: string;
  /** @default - the key of these tests; null: not signed */
  readonly key?: KeyObject | null;
}

/** As upstream chains: each entry's hash is of its content and of the hash before. */
export function chained(
  contents: readonly Document[],
  { prefix = '', key = keys.privateKey }: Chaining = {},
): Document[] {
  let previous: string | undefined;
  return contents.map((each) => {
    const content = {
      ...omit(each, 'previousHash', 'hashSha256', 'signatureBase64'),
      ...(previous !== undefined && { previousHash: previous }),
    };
    previous = `${prefix}${createHash('sha256').update(canonicalJson(content)).digest('hex')}`;
    const hashed = { ...content, hashSha256: previous };
    return key === null
      ? hashed
      : { ...hashed, signatureBase64: sign(null, Buffer.from(canonicalJson(hashed)), key).toString('base64') };
  });
}

export interface Sample {
  readonly runs: readonly Document[];
  readonly log: readonly Document[];
}

export function sampleOf(count: number, options: Chaining = {}): Sample {
  const runs = Array.from({ length: count }, (_each, index) => runDocument(index));
  return { runs, log: chained(runs.flatMap(entriesOfRun), options) };
}

export const runOf = (document: Document): Run => {
  const read = readRun(document, WORKSPACE);
  if ('problem' in read) throw new Error(read.problem);
  return read.run;
};

export type More = Partial<Omit<AuditInputs, 'options'>> & { readonly options?: Partial<AuditOptions> };

/** Signatures take most of the time, and most mutants share most of their entries. */
const read = new WeakMap<Document, Promise<Entry>>();

function entryIn(document: Document): Promise<Entry> {
  const entry = read.get(document) ?? entryOf(document, WORKSPACE, keys.publicKey);
  read.set(document, entry);
  return entry;
}

/** As read from a source that gave everything; the first entry is the anchor of an earlier audit. */
export async function inputsOf({ runs, log }: Sample, more: More = {}): Promise<AuditInputs> {
  const { options, ...rest } = more;
  const first = log.find(({ previousHash }) => previousHash === undefined);
  return {
    frame: frameOf({
      workspaceId: WORKSPACE,
      source: 'the run store',
      window: {},
      takenAt: new Date(TAKEN),
      runs: runs.map(runOf),
      doubts: [],
    }),
    nonce: { text: 'auditor', origin: 'given' },
    entries: await Promise.all(log.map(entryIn)),
    doubts: [],
    readAt: TAKEN,
    lost: [],
    options: {
      sample: 100,
      census: true,
      least: 1,
      keySha256: 'f'.repeat(64),
      ...(first && { anchor: String(first['hashSha256']).replace('sha256:', '') }),
      ...options,
    },
    ...rest,
  };
}

export const judge = async (sample: Sample, more: More = {}) => evaluate(await inputsOf(sample, more));
