import { isRecord, textIn } from './json.js';

/** What an entry shows of a run besides who, when and of what. */
export interface Shown {
  /** Of a policy evaluation. */
  readonly decision?: 'allow' | 'needs-approval' | 'deny';
  /** Of a person. */
  readonly approval?: 'granted' | 'denied';
  /** Of an execution. */
  readonly outcome?: 'succeeded' | 'failed';
  /** `pinned`: the action and its parameters, or their SHA-256, are in the entry; `named`: they are elsewhere. */
  readonly action?: 'pinned' | 'named';
  /** Whether `traceparent` is one (W3C Trace Context, version 00). @default - the entry has none */
  readonly trace?: 'valid' | 'invalid';
  /** Why the run is looked at in any case. */
  readonly special?: 'violation' | 'bypass' | 'relaxed';
}

const SHA256 = /^(?:sha256:)?[0-9a-f]{64}$/;
const TRACEPARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Reads members of the evidence profile (docs/audit.md), else the sentences that upstream's commands write as `summary`.
 * Those hold text of agents, such as a tool's name, so only their fixed ends are believed.
 */
export function shownBy(entry: Readonly<Record<string, unknown>>): Shown {
  const category = textIn(entry, 'category');
  const summary = textIn(entry, 'summary') ?? '';
  const shown: { -readonly [Key in keyof Shown]: Shown[Key] } = {};
  if (category === 'Policy' || category === 'PolicyViolation') set(shown, 'decision', decisionOf(entry, summary));
  if (category === 'Approval') set(shown, 'approval', approvalOf(entry, summary));
  if (category === 'Action') set(shown, 'outcome', outcomeOf(entry, summary));
  if (category === 'Action' || category === 'Policy' || category === 'Plan') shown.action = actionOf(entry);
  const trace = entry['traceparent'];
  if (trace !== undefined) shown.trace = typeof trace === 'string' && TRACEPARENT.test(trace) ? 'valid' : 'invalid';
  if (category === 'PolicyViolation') shown.special = 'violation';
  else if (summary.startsWith('GovernanceBypassed:')) shown.special = 'bypass';
  else if (entry['relaxation'] !== undefined) shown.special = 'relaxed';
  return shown;
}

function set<Of, Key extends keyof Of>(of: Of, key: Key, value: Of[Key] | undefined): void {
  if (value !== undefined) of[key] = value;
}

const DECISIONS = { Allow: 'allow', NeedsApproval: 'needs-approval', Denied: 'deny', Deny: 'deny' } as const;
const EVALUATED = /\) evaluated as (Allow|NeedsApproval|Denied)\.(?: Outbound compliance [^()]*)?$/;

function decisionOf(entry: Readonly<Record<string, unknown>>, summary: string): Shown['decision'] {
  const structured = textIn(entry, 'decision');
  return DECISIONS[(structured ?? EVALUATED.exec(summary)?.[1]) as keyof typeof DECISIONS];
}

const APPROVALS = {
  Approved: 'granted',
  ApprovalGranted: 'granted',
  Denied: 'denied',
  ApprovalDenied: 'denied',
} as const;
const DECIDED = /^(?:Approval \S+ decided: (Approved|Denied) by |(ApprovalGranted|ApprovalDenied) for approval )/;

function approvalOf(entry: Readonly<Record<string, unknown>>, summary: string): Shown['approval'] {
  const [, decided, event] = DECIDED.exec(summary) ?? [];
  return APPROVALS[(textIn(entry, 'approvalDecision') ?? decided ?? event) as keyof typeof APPROVALS];
}

const OUTCOMES = { Succeeded: 'succeeded', Failed: 'failed' } as const;
const EXECUTED = /^(?:Agent action executed: |ActionCompleted evidence for action )/;
const FAILED = /^(?:Agent action execution failed: |ActionFailed evidence for action )/;

function outcomeOf(entry: Readonly<Record<string, unknown>>, summary: string): Shown['outcome'] {
  const structured = textIn(entry, 'outcome');
  if (structured !== undefined) return OUTCOMES[structured as keyof typeof OUTCOMES];
  return EXECUTED.test(summary) ? 'succeeded' : FAILED.test(summary) ? 'failed' : undefined;
}

/** A payload that the entry only points to can be another tomorrow, unless its hash is in the entry. */
function actionOf(entry: Readonly<Record<string, unknown>>): 'pinned' | 'named' {
  const action = entry['action'];
  if (isRecord(action) && textIn(action, 'tool') !== undefined) {
    const hash = textIn(action, 'parametersSha256');
    if (isRecord(action['parameters']) || (hash !== undefined && SHA256.test(hash))) return 'pinned';
  }
  const payloads = Array.isArray(entry['payloadRefs']) ? (entry['payloadRefs'] as readonly unknown[]) : [];
  const pinned = payloads.some((each) => isRecord(each) && SHA256.test(textIn(each, 'sha256') ?? ''));
  return pinned ? 'pinned' : 'named';
}
