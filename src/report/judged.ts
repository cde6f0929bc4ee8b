import { createHash, createPublicKey, verify } from 'node:crypto';
import { canonicalJson, sha256 } from '../model/canonical.js';
import { Field } from '../model/field.js';
import type { KeptResult } from '../model/kept.js';
import { LEVELS, type Level } from '../model/levels.js';
import type { EvidenceFile } from './input.js';

export const KINDS = ['enforce prove', 'enforce verify', 'enforce gate', 'enforce audit'] as const;
export type Kind = (typeof KINDS)[number];

/**
 * `valid`: by the key that must have signed. `unsigned`: by nobody. `unchecked`: no key was named to check it by.
 * `doubtful`: it is not what was signed, or kept.
 */
export type Signature = 'valid' | 'unsigned' | 'unchecked' | 'doubtful';

/** What a report says of one file of the evidence folder. */
export interface Judged {
  readonly file: string;
  /** Hex, of the file's bytes. */
  readonly sha256: string;
  readonly kind?: string;
  /** ISO 8601. */
  readonly from?: string;
  readonly until?: string;
  readonly level?: Level;
  readonly policyHash?: string;
  readonly signature: Signature;
  /** Whether it is about this workspace, its live policy and level, and the period. */
  readonly accepted: boolean;
  /** Why it is not accepted, or cannot count as pass; a sentence. */
  readonly reason?: string;
  /** The result that was made from it. @default - it is a result itself, or nothing known */
  readonly partOf?: string;
  /** Whether it was judged again by what it was made from. @default - its kind names nothing to judge it by */
  readonly judgedAgain?: boolean;
}

/** An accepted one with what it says. */
export interface Accepted extends Judged {
  readonly kind: Kind;
  readonly until: string;
  readonly result: KeptResult & Readonly<Record<string, unknown>>;
}

/** What evidence must be about to be accepted. */
export interface Scope {
  readonly stack: string;
  readonly workspaceId: string;
  readonly level: Level;
  readonly policyHash: string;
  readonly period: { readonly from: string; readonly until: string };
  readonly key?: string;
}

/** Judges one file; throws nothing, whatever is in it. */
export function judge({ file, bytes }: EvidenceFile, scope: Scope): Judged | Accepted {
  const base = { file, sha256: createHash('sha256').update(bytes).digest('hex') };
  const refused = (reason: string, more: Partial<Judged> = {}): Judged => ({
    ...base,
    signature: 'doubtful',
    ...more,
    accepted: false,
    reason,
  });
  let kept: Field;
  let result: Accepted['result'];
  try {
    kept = new Field(JSON.parse(Buffer.from(bytes).toString('utf8')));
    result = kept.get('result').value as Accepted['result'];
    kept.get('result').get('kind').text();
    kept.get('sha256').text();
  } catch {
    return refused('It is no kept result of a command.', { signature: 'unsigned' });
  }
  const signature = signatureOf(kept, result, scope.key);
  if (typeof signature === 'object') return refused(signature.doubt);
  try {
    const read = head(new Field(result));
    const said = { ...base, ...read, signature };
    const out = outOfScope(result, read, scope);
    if (out !== undefined) return { ...said, accepted: false, reason: out };
    const cannotPass = WITHOUT_WORTH[signature];
    return {
      ...said,
      kind: read.kind as Kind,
      accepted: true,
      ...(cannotPass !== undefined && { reason: cannotPass }),
      result,
    };
  } catch (error) {
    return refused(`It cannot be read: ${error instanceof Error ? error.message : String(error)}`, { signature });
  }
}

const WITHOUT_WORTH: Readonly<Record<Signature, string | undefined>> = {
  valid: undefined,
  unsigned: 'It is not signed, so it cannot count as pass.',
  unchecked: 'It is signed, but no key was named to check it by, so it cannot count as pass.',
  doubtful: 'It is not what was signed.',
};

function signatureOf(kept: Field, result: unknown, key: string | undefined): Signature | { readonly doubt: string } {
  if (sha256(result) !== kept.get('sha256').value) {
    return { doubt: 'The result does not have the SHA-256 that it is kept with: it was changed, or never that.' };
  }
  const signature = kept.get('signature');
  if (!signature.present) return 'unsigned';
  if (key === undefined) return 'unchecked';
  const value = new Field(signature.value).value as { readonly value?: unknown } | null;
  const bytes = Buffer.from(String(value?.value), 'base64');
  const valid = verify(null, Buffer.from(canonicalJson(result)), createPublicKey(key), bytes);
  return valid ? 'valid' : { doubt: 'The signature is not the evidence key’s for this result.' };
}

interface Head {
  readonly kind: string;
  readonly from: string;
  readonly until: string;
  readonly level?: Level;
  readonly policyHash?: string;
}

function head(result: Field): Head {
  const level = result.get('level');
  const hash = result.get('policyHash');
  result.get('from').time();
  result.get('until').time();
  return {
    kind: result.get('kind').text(),
    from: result.get('from').text(),
    until: result.get('until').text(),
    ...(level.present && { level: level.oneOf(LEVELS) }),
    ...(hash.present && { policyHash: hash.text(/^[0-9a-f]{64}$/, 'a SHA-256 in hex') }),
  };
}

/** Whether a result means something only together with the policy and level that it was taken of. Runs outlive both. */
const OF_POLICY: Readonly<Record<Kind, boolean>> = {
  'enforce prove': true,
  'enforce verify': true,
  'enforce gate': true,
  'enforce audit': false,
};

/** Why the result says nothing about the report’s subject; undefined where it does. */
function outOfScope(
  { workspaceId, stack, version }: KeptResult,
  { kind, from, until, level, policyHash }: Head,
  scope: Scope,
): string | undefined {
  if (!KINDS.some((known) => known === kind)) return `It is of ${kind}, which is no evidence of this report.`;
  if (version !== 1) return `It is of version ${version}, and this program reads version 1.`;
  if (workspaceId !== scope.workspaceId) return `It is about workspace ${workspaceId}.`;
  if (stack !== scope.stack) return `It is about stack ${stack}.`;
  const [began, ended] = [Date.parse(from), Date.parse(until)];
  if (began > ended) return 'It ended before it began.';
  if (ended < Date.parse(scope.period.from)) return `It is older than the period: ${until}.`;
  if (ended > Date.parse(scope.period.until)) return `It is later than the period, or its clock was: ${until}.`;
  if (level === undefined && OF_POLICY[kind as Kind]) return 'It does not say at which level.';
  if (level !== undefined && level !== scope.level) return `It is about level ${level}, and ${scope.level} is live.`;
  if (policyHash === undefined && OF_POLICY[kind as Kind]) return 'It does not say of which policy.';
  if (policyHash !== undefined && policyHash !== scope.policyHash)
    return `It is about policy ${policyHash.slice(0, 12)}…, which is not live.`;
  return undefined;
}
