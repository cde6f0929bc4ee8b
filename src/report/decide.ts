import { checkOf, inconclusive, worst, type Check, type Verdict } from '../model/check.js';
import type { Accepted, Judged, Kind } from './judged.js';

/** One kind of evidence, and what its results in the period amount to. */
export interface Decision {
  /** Whose content is shown; absent where there is none. */
  readonly newest?: Accepted;
  /** What stands against it besides its own content: age, signature, absence, failures earlier in the period. */
  readonly checks: readonly Check[];
}

/** Hours by which the newest may be older than the end of the period: a daily job, or a weekly one, that was late. */
export const FRESH: Readonly<Record<Kind, number>> = {
  'enforce prove': 26,
  'enforce verify': 26,
  'enforce gate': 26,
  'enforce audit': 8 * 24,
};

/**
 * The newest result decides; a failure anywhere in the period stays one. What is not signed by the evidence key may fail,
 * and never pass.
 *
 * @param verdictOf what a result says of itself
 * @param checksOf what it says that it is made of
 */
export function decide(
  kind: Kind,
  evidence: readonly (Judged | Accepted)[],
  until: string,
  verdictOf: (accepted: Accepted) => Verdict,
  checksOf: (accepted: Accepted) => readonly Check[],
): Decision {
  const all = evidence.filter((each): each is Accepted => each.accepted && each.kind === kind);
  const newest = all.toSorted((a, b) => Date.parse(b.until) - Date.parse(a.until) || (a.file < b.file ? -1 : 1))[0];
  if (newest === undefined) return { checks: [inconclusive(`result of ${kind}`, none(kind, evidence))] };
  const age = (Date.parse(until) - Date.parse(newest.until)) / 3_600_000;
  const failed = all.filter((each) => each !== newest && verdictOf(each) === 'fail');
  return {
    newest,
    checks: [
      ...contradiction(newest, verdictOf(newest), worst(checksOf(newest).map(({ verdict }) => verdict))),
      newest.signature === 'valid'
        ? checkOf(`signature of ${kind}`, [], `${newest.file} is signed by the evidence key`)
        : inconclusive(`signature of ${kind}`, `${newest.file}: ${newest.reason ?? 'its signature is not known'}`),
      ...(newest.judgedAgain === undefined
        ? []
        : [
            newest.judgedAgain
              ? checkOf(
                  `making of ${kind}`,
                  [],
                  `judged again by what it was made from, ${newest.file} comes out the same`,
                )
              : inconclusive(`making of ${kind}`, `${newest.file}: ${newest.reason ?? ''}`),
          ]),
      age <= FRESH[kind]
        ? checkOf(`age of ${kind}`, [], `${hours(age)} before the end of the period`)
        : inconclusive(
            `age of ${kind}`,
            `the newest is ${hours(age)} older than the end of the period; allowed are ${hours(FRESH[kind])}`,
          ),
      checkOf(
        `whole period of ${kind}`,
        failed.map(({ file, until: at }) => ({ object: file, problem: `failed at ${at}` })),
        `${all.length} results in the period, ${failed.length} earlier ones failed`,
      ),
    ],
  };
}

/** A result that says worse of itself than its checks do; the worse counts. Better than its checks it never counts. */
const contradiction = ({ file, kind }: Accepted, said: Verdict, made: Verdict): readonly Check[] =>
  worst([said, made]) === made
    ? []
    : [
        {
          name: `verdict of ${kind}`,
          verdict: said,
          note: `${file} says ${said}, and its checks say ${made}`,
          findings: [],
        },
      ];

/** Why there is no evidence of a kind, with those that there are. */
function none(kind: Kind, evidence: readonly Judged[]): string {
  const refused = evidence.filter((each) => each.kind === kind);
  if (refused.length === 0) return `no result in the evidence; run ${kind} --out`;
  const [first] = refused;
  return `none of ${refused.length} results is accepted. ${first?.file}: ${(first?.reason ?? '').replace(/\.$/, '')}`;
}

const hours = (count: number): string =>
  count < 48 ? `${Number(count.toFixed(1))} h` : `${Number((count / 24).toFixed(1))} days`;
