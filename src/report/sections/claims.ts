import { checkOf, inconclusive, type Check, type Verdict as CheckVerdict } from '../../model/check.js';
import { Field } from '../../model/field.js';
import { CLAIMS, type ClaimName, type Verdict } from '../../prove/claims/claim.js';
import { decide } from '../decide.js';
import type { Accepted, Judged } from '../judged.js';
import { sectionOf, type Section } from '../section.js';

/** One claim of the proof as a report shows it. */
export interface ReportedClaim {
  readonly claim: ClaimName;
  readonly text: string;
  /** `no evidence`: nobody has shown a proof that counts here. */
  readonly verdict: Verdict | 'no evidence';
  readonly argument: readonly string[];
  readonly reasons: readonly string[];
  readonly counterExamples: readonly {
    readonly summary: string;
    readonly because: readonly string[];
    readonly fix: string;
  }[];
  readonly assumptions: readonly { readonly assumed: string; readonly checkedBy: string }[];
}

const VERDICTS = ['proved', 'refuted', 'inconclusive', 'not claimed'] as const satisfies readonly Verdict[];
const NAMES = Object.keys(CLAIMS) as ClaimName[];

const AS_CHECK: Readonly<Record<ReportedClaim['verdict'], CheckVerdict>> = {
  proved: 'pass',
  refuted: 'fail',
  inconclusive: 'inconclusive',
  'not claimed': 'inconclusive',
  'no evidence': 'inconclusive',
};

/** The five claims by the newest proof, and what stands against the proof itself. */
export function claimsSection(
  evidence: readonly (Judged | Accepted)[],
  until: string,
): { readonly section: Section; readonly claims: readonly ReportedClaim[] } {
  const { newest, checks } = decide(
    'enforce prove',
    evidence,
    until,
    ({ result }) => AS_CHECK[new Field(result).get('verdict').oneOf(VERDICTS)],
    (accepted) => claimsOf(accepted).map(checkOfClaim),
  );
  const claims = newest === undefined ? NAMES.map(unshown) : claimsOf(newest);
  const all = [...claims.map(checkOfClaim), ...(newest === undefined ? [] : [sourceCheck(newest)]), ...checks];
  return {
    section: sectionOf(
      'claims',
      newest === undefined ? (checks[0]?.note ?? '') : summaryOf(claims),
      all,
      newest ? [newest.file] : [],
    ),
    claims,
  };
}

function claimsOf({ result }: Accepted): readonly ReportedClaim[] {
  const found = new Field(result).get('claims').list().map(claimOf);
  return NAMES.map((name) => found.find(({ claim }) => claim === name) ?? unshown(name));
}

function claimOf(field: Field): ReportedClaim {
  const texts = (name: string): readonly string[] =>
    field
      .get(name)
      .list()
      .map((each) => each.text());
  const claim = field.get('claim').oneOf(NAMES);
  return {
    claim,
    text: CLAIMS[claim],
    verdict: field.get('verdict').oneOf(VERDICTS),
    argument: texts('argument'),
    reasons: texts('reasons'),
    counterExamples: field
      .get('counterExamples')
      .list()
      .map((example) => ({
        summary: example.get('summary').text(),
        because: example
          .get('because')
          .list()
          .map((each) => `${each.get('object').text()} ${String(each.get('field').value)}`.trim()),
        fix: example.get('fix').text(),
      })),
    assumptions: field
      .get('assumptions')
      .list()
      .map((each) => ({ assumed: each.get('assumed').text(), checkedBy: each.get('checkedBy').text() })),
  };
}

const unshown = (claim: ClaimName): ReportedClaim => ({
  claim,
  text: CLAIMS[claim],
  verdict: 'no evidence',
  argument: [],
  reasons: ['No proof in the evidence counts for this report.'],
  counterExamples: [],
  assumptions: [],
});

const checkOfClaim = ({ claim, text, verdict, reasons, counterExamples }: ReportedClaim): Check => ({
  name: `claim ${claim}`,
  verdict: AS_CHECK[verdict],
  note: verdict === 'proved' || verdict === 'refuted' ? text : `${verdict}: ${reasons[0] ?? text}`,
  findings: counterExamples.map(({ summary, because }) => ({
    object: because[0] ?? 'nothing stops it',
    problem: summary,
  })),
});

/** A proof of what stacks render says nothing of what is live. */
function sourceCheck({ result, file }: Accepted): Check {
  const kind = new Field(result).get('source').get('kind').value;
  return kind === 'cluster'
    ? checkOf('source of enforce prove', [], `${file} is of the objects of the live cluster`)
    : inconclusive(
        'source of enforce prove',
        `${file} is of ${String(kind)}, not of the live cluster. Run enforce prove --cluster`,
      );
}

function summaryOf(claims: readonly ReportedClaim[]): string {
  const of = (verdict: ReportedClaim['verdict']): string =>
    claims
      .filter((claim) => claim.verdict === verdict)
      .map(({ claim }) => claim)
      .join(', ');
  const parts = (['refuted', 'inconclusive', 'not claimed', 'no evidence', 'proved'] as const)
    .filter((verdict) => of(verdict) !== '')
    .map((verdict) => `${verdict}: ${of(verdict)}`);
  return parts.join('; ');
}
