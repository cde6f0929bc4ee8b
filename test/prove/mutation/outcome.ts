import type { ClaimVerdict } from '../../../src/prove/claims/claim.js';
import { ORDER } from '../claims/stack.js';

/**
 * What a mutant does to the claims. `opens`: refuted by something that must not be possible; `closes`: refuted only by
 * edges that must be open; `inconclusive`: a claim is no longer proved; `named`: the same verdicts, with a reason or a
 * counter-example more; `survived`: nothing.
 */
export type Outcome = 'opens' | 'closes' | 'inconclusive' | 'named' | 'survived';

export function outcomeOf(before: readonly ClaimVerdict[], after: readonly ClaimVerdict[]): Outcome {
  const pairs = after.map((now, i) => ({ now, was: before[i]! }));
  const worse = pairs.filter(({ now, was }) => ORDER.indexOf(now.verdict) < ORDER.indexOf(was.verdict));
  const refuted = worse.filter(({ now }) => now.verdict === 'refuted').flatMap(({ now }) => now.counterExamples);
  if (refuted.some(({ cause }) => cause !== 'closed-edge')) return 'opens';
  if (refuted.length > 0) return 'closes';
  if (worse.length > 0) return 'inconclusive';
  return pairs.some(({ now, was }) => added(was.reasons, now.reasons) || added(summaries(was), summaries(now)))
    ? 'named'
    : 'survived';
}

const summaries = ({ counterExamples }: ClaimVerdict): readonly string[] =>
  counterExamples.map(({ summary }) => summary);

const added = (before: readonly string[], after: readonly string[]): boolean => {
  const known = new Set(before);
  return after.some((text) => !known.has(text));
};
