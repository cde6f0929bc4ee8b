import { worst, type Finding, type Verdict } from '../model/check.js';
import { rank, type Level } from '../model/levels.js';
import { judgeAgain } from './again.js';
import type { EvidenceFile, ReportInput } from './input.js';
import { judge, type Accepted, type Judged } from './judged.js';
import { limitsOf } from './limits.js';
import { mappingOf, type Mapping } from './mapping.js';
import { approvalsSection } from './sections/approvals.js';
import { auditSection } from './sections/audit.js';
import { claimsSection, type ReportedClaim } from './sections/claims.js';
import { driftSection } from './sections/drift.js';
import { evidenceSection } from './sections/evidence.js';
import { exceptionsSection, type Exception } from './sections/exceptions.js';
import { gateSection } from './sections/gate.js';
import { inForceSection, type EffectiveLevel } from './sections/in-force.js';
import { verificationSection } from './sections/verification.js';
import type { Section, SectionId } from './section.js';

/** The compliance report of one workspace (runbook Phase 4 step 6): its input, and all that follows from it. */
export interface Report extends ReportInput {
  readonly kind: 'enforce report';
  readonly version: 1;
  readonly verdict: Verdict;
  /** One sentence. */
  readonly headline: string;
  /** What speaks against a pass, the worst first. */
  readonly reasons: readonly Reason[];
  readonly level: EffectiveLevel & { readonly policyHash: string };
  readonly claims: readonly ReportedClaim[];
  readonly exceptions: readonly Exception[];
  readonly sections: readonly Section[];
  readonly mapping: readonly Mapping[];
  readonly limits: readonly string[];
  /** Every file of the evidence folder, by name. */
  readonly evidence: readonly Judged[];
}

export interface Reason {
  readonly section: SectionId;
  readonly verdict: 'fail' | 'inconclusive';
  readonly text: string;
}

/** Makes a report. Reads no clock and no file: `enforce report verify` makes it again and compares. */
export function makeReport(input: ReportInput, files: readonly EvidenceFile[]): Report {
  const { subject, period, observed, evidenceKey } = input;
  const level = levelOf(input);
  const policyHash = observed?.policy?.policyHash ?? subject.policyHash;
  const scope = {
    ...{ stack: subject.stack, workspaceId: subject.workspaceId, level: level.own, policyHash, period },
    ...(evidenceKey !== undefined && { key: evidenceKey }),
  };
  const judged = followed(files.map((file) => judge(file, scope)).map(readable), files).sort((a, b) =>
    a.file < b.file ? -1 : 1,
  );
  const { section: claimsOf, claims } = claimsSection(judged, period.until);
  const { section: exceptionsOf, exceptions } = exceptionsSection(input);
  const audit = auditSection(judged, period.until);
  const sections = [
    claimsOf,
    verificationSection(judged, period.until),
    gateSection(judged, period.until),
    audit.section,
    inForceSection(input, level),
    driftSection(input),
    exceptionsOf,
    approvalsSection(input),
    evidenceSection(judged),
  ];
  const verdict = worst(sections.map((section) => section.verdict));
  const reasons = reasonsOf(sections);
  return {
    ...{ kind: 'enforce report', version: 1, ...input, verdict, headline: headlineOf(verdict, sections), reasons },
    level: { ...level, policyHash },
    ...{ claims, exceptions, sections, mapping: mappingOf(sections) },
    limits: limitsOf(input, level, sections, audit.limits),
    evidence: judged.map(withoutResult),
  };
}

/** The input that a report was made from. */
export function inputOf(report: Report): ReportInput {
  const { subject, period, madeAt, tool, manifests, evidenceKey, observed } = report;
  return {
    ...{ subject, period, madeAt, tool, manifests },
    ...(evidenceKey !== undefined && { evidenceKey }),
    ...(observed !== undefined && { observed }),
  };
}

/** What is accepted must be of its kind’s form, so that no section stumbles over it. */
function readable(judged: Judged | Accepted): Judged | Accepted {
  if (!('result' in judged)) return judged;
  try {
    if (judged.kind === 'enforce prove') claimsSection([judged], judged.until);
    if (judged.kind === 'enforce verify') verificationSection([judged], judged.until);
    if (judged.kind === 'enforce gate') gateSection([judged], judged.until);
    if (judged.kind === 'enforce audit') auditSection([judged], judged.until);
    return judged;
  } catch (error) {
    const reason = `It is not of the form of ${judged.kind}: ${error instanceof Error ? error.message : String(error)}`;
    return { ...withoutResult(judged), accepted: false, signature: 'doubtful', reason };
  }
}

/** Judges each result again by what it was made from, and says of those files what they are part of. */
function followed(all: readonly (Judged | Accepted)[], files: readonly EvidenceFile[]): (Judged | Accepted)[] {
  const byHash = new Map(all.map(({ sha256 }, index) => [sha256, files[index]!]));
  const parts = new Map<string, Judged>();
  const results = all.map((judged): Judged | Accepted => {
    const again = 'result' in judged ? judgeAgain(judged, byHash) : undefined;
    if (again === undefined) return judged;
    for (const part of again.parts) parts.set(part, judged);
    if (again.refuted !== undefined) {
      return { ...withoutResult(judged), accepted: false, signature: 'doubtful', reason: again.refuted };
    }
    const reason = again.missing ?? judged.reason;
    return { ...judged, judgedAgain: again.missing === undefined, ...(reason !== undefined && { reason }) };
  });
  return results.map((judged): Judged | Accepted => {
    const of = judged.kind === undefined ? parts.get(judged.file) : undefined;
    if (of === undefined) return judged;
    const { file, sha256 } = judged;
    return { file, sha256, kind: `part of ${of.kind}`, partOf: of.file, signature: of.signature, accepted: true };
  });
}

function withoutResult(judged: Judged | Accepted): Judged {
  const { file, sha256, kind, from, until, level, policyHash, signature, accepted, reason, partOf, judgedAgain } =
    judged;
  return {
    ...{ file, sha256, signature, accepted },
    ...(kind !== undefined && { kind }),
    ...(from !== undefined && { from }),
    ...(until !== undefined && { until }),
    ...(level !== undefined && { level }),
    ...(policyHash !== undefined && { policyHash }),
    ...(reason !== undefined && { reason }),
    ...(partOf !== undefined && { partOf }),
    ...(judgedAgain !== undefined && { judgedAgain }),
  };
}

/** Workspaces that share a namespace are one trust domain: all get the lowest level among them (design, section 3). */
function levelOf({ subject, observed }: ReportInput): EffectiveLevel {
  const own: Level = observed === undefined ? subject.level : (observed.policy?.reachedLevel ?? 'routing');
  const others = subject.sharing.map(({ workspaceId, level }) => {
    const live = observed?.sharing.find((each) => each.workspaceId === workspaceId);
    return { workspaceId, level: observed === undefined ? level : (live?.level ?? 'routing') };
  });
  const lowest = others.toSorted((a, b) => rank(a.level) - rank(b.level))[0];
  return lowest !== undefined && rank(lowest.level) < rank(own)
    ? { own, effective: lowest.level, because: lowest.workspaceId }
    : { own, effective: own };
}

/** A problem is the end of a sentence about its object; a counter-example is a sentence. */
function spoken(section: SectionId, { object, field, problem }: Finding): string {
  const where = `${object}${field === undefined ? '' : ` ${field}`}`;
  return section === 'claims' ? `${problem} (${where})` : `${where} ${problem}`;
}

/** Everything that is not a pass: failures first, in the order of the sections. */
function reasonsOf(sections: readonly Section[]): readonly Reason[] {
  const of = (wanted: 'fail' | 'inconclusive'): readonly Reason[] =>
    sections.flatMap(({ id, checks }) =>
      checks
        .filter(({ verdict }) => verdict === wanted)
        .map(({ name, note, findings: [first] }) => ({
          section: id,
          verdict: wanted,
          text: `${name}: ${first === undefined ? note : spoken(id, first)}`,
        })),
    );
  return [...of('fail'), ...of('inconclusive')];
}

function headlineOf(verdict: Verdict, sections: readonly Section[]): string {
  if (verdict === 'pass') return 'No way around the control plane: proved, probed, watched and audited.';
  const failed = (id: SectionId): boolean =>
    sections.some((section) => section.id === id && section.verdict === 'fail');
  if (failed('claims')) return 'There is a way around the control plane: the proof is refuted by a counter-example.';
  if (failed('verification')) return 'What is live is not what was rendered, or lets through what it must not.';
  if (failed('gate')) return 'Calls went past the control plane.';
  if (failed('drift')) return 'The live cluster is not as rendered: somebody may have opened a way around.';
  if (verdict === 'fail')
    return `Not as it must be: ${sections
      .filter((each) => each.verdict === 'fail')
      .map(({ title }) => title.toLowerCase())
      .join(', ')}.`;
  return 'Whether there is a way around could not be settled; what is missing is listed, and counts against.';
}
