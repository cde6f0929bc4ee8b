import { tryRefute, type AuditResult } from '../audit/index.js';
import { tryGateDoubt, type GateResult } from '../gate/index.js';
import { Field } from '../model/field.js';
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
  if (accepted.kind === 'enforce audit') return auditAgain(accepted.result as unknown as AuditResult, files);
  if (accepted.kind === 'enforce gate') return gateAgain(accepted, files);
  return undefined;
}

/** By the bodies of the server’s answers, each a file. */
function gateAgain({ result }: Accepted, files: ByHash): Again {
  const hashes = new Field(result)
    .get('answers')
    .list()
    .map((answer) => answer.get('sha256'))
    .flatMap((hash) => (hash.present ? [hash.text()] : []));
  const bodies = hashes.map((hash) => files.get(hash));
  const parts = bodies.flatMap((body) => (body === undefined ? [] : [body.file]));
  const lacking = bodies.filter((body) => body === undefined).length;
  if (lacking > 0) {
    return {
      parts,
      missing: `${lacking} of the ${hashes.length} answers that it was made from are not in the folder.`,
    };
  }
  const bodyOf = (hash: string): string | undefined => {
    const body = files.get(hash);
    return body && Buffer.from(body.bytes).toString('utf8');
  };
  const doubt = tryGateDoubt(result as unknown as GateResult, bodyOf);
  return {
    parts,
    ...(doubt !== undefined && { refuted: `It does not follow from the answers of its server: ${doubt}` }),
  };
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
