import { canonicalJson } from '../model/canonical.js';
import type { KeptResult } from '../model/kept.js';
import type { Answer, Heard } from './answer.js';
import { Evidence } from './evidence.js';
import { judge, type Judged } from './judge.js';
import type { Question, Subject } from './question.js';

/** What `enforce gate` keeps of one workspace: with the bodies of its answers, everything to judge again. */
export interface GateResult extends KeptResult, Judged {
  readonly kind: 'enforce gate';
  readonly version: 1;
  /** Base URL of the server. */
  readonly server: string;
  readonly policyHash: string;
  readonly level: string;
  readonly question: Question;
  readonly subject: Subject;
  /** Bodies are files of their own, named by their SHA-256. */
  readonly answers: readonly Answer[];
}

export interface Judging {
  readonly from: string;
  readonly until: string;
  readonly server: string;
  readonly subject: Subject;
  readonly heard: readonly Heard[];
}

export const resultOf = (evidence: Evidence, { from, until, server, subject, heard }: Judging): GateResult => ({
  kind: 'enforce gate',
  version: 1,
  from,
  until,
  server,
  stack: subject.stack,
  workspaceId: subject.workspaceId,
  policyHash: subject.policyHash,
  level: subject.level,
  ...judge(evidence, subject),
  question: evidence.question,
  subject,
  answers: heard.map(({ body: _body, ...answer }) => answer),
});

/**
 * Judges a kept result again by its answers alone, without the server, and says why it is not what they mean; undefined
 * where it is.
 *
 * @param bodyOf the kept body of that SHA-256, where there is one
 */
export function tryGateDoubt(result: GateResult, bodyOf: (sha256: string) => string | undefined): string | undefined {
  let again: GateResult;
  try {
    const heard = result.answers.map((answer): Heard => {
      const body = answer.sha256 === undefined ? undefined : bodyOf(answer.sha256);
      return { ...answer, ...(body !== undefined && { body }) };
    });
    again = resultOf(new Evidence(result.question, heard), { ...result, heard });
  } catch (error) {
    return `its answers cannot be judged: ${error instanceof Error ? error.message : String(error)}.`;
  }
  if (again.verdict !== result.verdict) return `its answers mean ${again.verdict}, and it says ${result.verdict}.`;
  const names = new Set([...Object.keys(again), ...Object.keys(result)]) as Set<keyof GateResult>;
  const changed = [...names].find((name) => canonicalJson(again[name] ?? null) !== canonicalJson(result[name] ?? null));
  return changed && `its answers do not mean what it says: ${changed} differs.`;
}
