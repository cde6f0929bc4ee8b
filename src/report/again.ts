import { tryRefute, type AuditResult } from '../audit/index.js';
import type { Accepted } from './judged.js';

/** Files of the evidence folder by the hex SHA-256 of their bytes. */
export type ByHash = ReadonlyMap<string, { readonly file: string; readonly bytes: Uint8Array }>;

/** What came of judging a result again by what it was made from. */
export interface Again {
  /** Names of the files that it was made from. */
  readonly parts: readonly string[];
  /** Why it does not follow from them, as a sentence. @default - it does */
  readonly refuted?: string;
  /** What is not in the folder, as a sentence. @default - everything is */
  readonly missing?: string;
}

/** Judges a result again by the raw inputs that it names; undefined where its kind names none. */
export function judgeAgain(accepted: Accepted, files: ByHash): Again | undefined {
  return accepted.kind === 'enforce audit' ? auditAgain(accepted.result as unknown as AuditResult, files) : undefined;
}

function auditAgain(result: AuditResult, files: ByHash): Again {
  const wanted = String((result.inputs as { readonly sha256?: unknown } | undefined)?.sha256);
  const inputs = files.get(wanted);
  if (inputs === undefined) {
    return { parts: [], missing: `What it was made from, sha256 ${wanted.slice(0, 12)}…, is not in the folder.` };
  }
  const refuted = tryRefute(result, Buffer.from(inputs.bytes).toString('utf8').split('\n'));
  return {
    parts: [inputs.file],
    ...(refuted !== undefined && { refuted: `It does not follow from ${inputs.file}: ${refuted}` }),
  };
}
