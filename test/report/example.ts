import { generateKeyPairSync } from 'node:crypto';
import { auditResult, inputLines } from '../../src/audit/index.js';
import { Evidence, resultOf } from '../../src/gate/index.js';
import { canonicalJson } from '../../src/model/canonical.js';
import type { Check, Verdict } from '../../src/model/check.js';
import { keep, type KeptResult } from '../../src/model/kept.js';
import type { EvidenceFile, Observed, ReportInput } from '../../src/report/index.js';
import { inputsOf, sampleOf } from '../audit/log.js';
import { heardOf, question, subject as gated } from '../gate/answers.js';

/** The same without some members. */
export const without = <Of extends object, Key extends keyof Of>(of: Of, ...keys: readonly Key[]): Omit<Of, Key> =>
  Object.fromEntries(Object.entries(of).filter(([key]) => !keys.includes(key as Key))) as Omit<Of, Key>;

const pair = generateKeyPairSync('ed25519');
/** One key for evidence and reports. */
export const KEY = {
  privateKey: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
};

export const POLICY = gated.policyHash;
export const UNTIL = '2026-11-28T20:00:00.000Z';
const TAKEN = '2026-11-28T19:40:00.000Z';

export const check = (name: string, verdict: Verdict = 'pass', problem?: string): Check => ({
  name,
  verdict,
  note: `looked at ${name}`,
  findings:
    problem === undefined ? [] : [{ object: 'NetworkPolicy portarium-agents/extra', field: 'spec.egress[0]', problem }],
});

export const OBSERVED: Observed = {
  at: '2026-11-28T19:59:50.000Z',
  server: 'https://127.0.0.1:6443',
  by: 'vera',
  policy: { reachedLevel: 'enforced', policyHash: POLICY, createdAt: '2026-11-01T08:00:00Z' },
  controls: {
    authz: { mode: 'enforce', verdict: 'enforced', note: 'live objects are exactly as rendered' },
    mtls: { mode: 'enforce', verdict: 'enforced', note: 'live objects are exactly as rendered' },
    allowlist: { mode: 'enforce', verdict: 'enforced', note: 'live objects are exactly as rendered' },
    egress: { mode: 'enforce', verdict: 'enforced', note: 'live objects are exactly as rendered' },
  },
  drift: [check('objects of ws-acme'), check('objects of platform'), check('policies of others on agents of ws-acme')],
  refusals: [],
  relaxations: [
    {
      name: 'ws-acme-20261125t101500z',
      controls: ['egress'],
      state: 'ended',
      reason: 'CRM import stuck behind the new gateway',
      ticket: 'INC-2041',
      requestedBy: 'otto',
      approvedBy: 'anna',
      createdAt: '2026-11-25T10:15:00.000Z',
      expiresAt: '2026-11-25T11:15:00.000Z',
      endedBy: 'otto',
      endedAt: '2026-11-25T10:41:00.000Z',
    },
  ],
  approvals: [
    {
      name: 'ws-acme-20261101t080000z',
      approvedBy: 'dana',
      approvedAt: '2026-11-01T08:00:00.000Z',
      reason: 'first policy',
      ticket: 'SEC-17',
      policyHash: POLICY,
      current: true,
      live: true,
      changes: ['crm.read: not allowed -> Auto', 'crm.update: not allowed -> HumanApprove'],
    },
  ],
  history: [
    { level: 'routing', relaxing: [], at: '2026-10-20T09:00:00.000Z', by: 'ws-acme-deployer' },
    { level: 'identity', relaxing: [], at: '2026-10-27T09:00:00.000Z', by: 'ws-acme-deployer' },
    { level: 'enforced', relaxing: [], at: '2026-11-10T09:00:00.000Z', by: 'ws-acme-deployer' },
  ],
  sharing: [],
  unread: [],
};

export const INPUT: ReportInput = {
  subject: {
    stack: 'ws-acme',
    workspaceId: 'ws-acme',
    namespace: 'portarium-agents',
    platformStack: 'platform',
    level: 'enforced',
    policyHash: POLICY,
    agents: ['research-bot', 'sales-bot'],
    systemsOfRecord: ['acme.crm.example:443'],
    sharing: [],
  },
  period: { from: '2026-11-21T20:00:00.000Z', until: UNTIL },
  madeAt: UNTIL,
  tool: { name: 'portarium-enforcement', version: '0.1.0', commit: '4c0fff0'.padEnd(40, '0') },
  manifests: {},
  evidenceKey: KEY.publicKey,
  observed: OBSERVED,
};

const head = { version: 1, from: '2026-11-28T19:39:00.000Z', until: TAKEN, stack: 'ws-acme', workspaceId: 'ws-acme' };
const ofPolicy = { level: 'enforced', policyHash: POLICY };
type Result = KeptResult & Readonly<Record<string, unknown>>;

const claim = (name: string): object => ({
  claim: name,
  verdict: 'proved',
  argument: ['every pod that could exist in portarium-agents, 14 classes, 212 flows'],
  counterExamples: [],
  reasons: [],
  assumptions: [{ assumed: 'the network layer enforces what its objects say', checkedBy: 'enforce verify, probes' }],
});

export const PROOF: Result = {
  ...{ kind: 'enforce prove', ...head, ...ofPolicy },
  source: { kind: 'cluster', objects: 420, sha256: 'cd'.repeat(32) },
  verdict: 'proved',
  zeroBypass: true,
  reach: [],
  claims: ['P', 'C', 'I', 'D', 'W'].map(claim),
};

export const VERIFIED: Result = {
  ...{ kind: 'enforce verify', ...head, ...ofPolicy },
  server: 'https://127.0.0.1:6443',
  by: 'vera',
  verdict: 'pass',
  checks: [
    check('objects of ws-acme'),
    check('guard portarium-guard-agent-pods'),
    check('guard portarium-guard-services'),
    check('probe agent to 1.1.1.1:443'),
    check('probe agent to the front'),
  ],
};

const heard = heardOf();
const asked = '2026-11-28T16:01:30.000Z';
export const GATE = resultOf(new Evidence(question, heard), {
  ...{ from: asked, until: asked, server: 'https://prometheus', subject: gated, heard },
}) as unknown as Result;
/** What the gate was made from. */
export const ANSWERS: readonly EvidenceFile[] = heard.map(({ sha256 = '', body = '' }) => ({
  file: `answers/${sha256}`,
  bytes: Buffer.from(body),
}));

const audited = await inputsOf(sampleOf(12));
export const AUDIT = auditResult(
  { ...without(head, 'version'), source: { kind: 'export', files: [] } },
  audited,
) as unknown as Result;
/** What the audit was made from. */
export const AUDIT_INPUTS: EvidenceFile = {
  file: 'audit.inputs.ndjson',
  bytes: Buffer.from([...inputLines(audited)].map((line) => `${line}\n`).join('')),
};

/** The results of the commands whose evidence a report takes, all as they must be. */
export const RESULTS: Readonly<Record<string, Result>> = {
  'prove.json': PROOF,
  'verify.json': VERIFIED,
  'gate.json': GATE,
  'audit.json': AUDIT,
};

export const file = (name: string, result: Result, key: string | undefined = KEY.privateKey): EvidenceFile => ({
  file: name,
  bytes: Buffer.from(`${canonicalJson(keep(result, key))}\n`),
});

export const unsigned = (name: string, result: Result): EvidenceFile => ({
  file: name,
  bytes: Buffer.from(`${canonicalJson(keep(result))}\n`),
});

/** @param change results by name of the file; undefined takes one away */
export const evidence = (change: Readonly<Record<string, Result | undefined>> = {}): readonly EvidenceFile[] => [
  ...Object.entries({ ...RESULTS, ...change }).flatMap(([name, result]) =>
    result === undefined ? [] : [file(name, result)],
  ),
  ...new Map([AUDIT_INPUTS, ...ANSWERS].map((each) => [each.file, each])).values(),
];
