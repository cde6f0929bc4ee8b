import type { Explanation } from './explanations.js';
import { idOf, type Mutant } from './mutant.js';
import type { Outcome } from './outcome.js';

export interface Result {
  readonly mutant: Mutant;
  readonly outcome: Outcome;
}

/** Survivors without an explanation, and explanations without a survivor: both must be empty. */
export function unexplained(results: readonly Result[], explanations: readonly Explanation[]) {
  const survivors = results.filter(({ outcome }) => outcome === 'survived').map(({ mutant }) => mutant);
  return {
    survivors: survivors.filter((mutant) => !explanations.some(({ explains }) => explains(mutant))).map(idOf),
    explanations: explanations.filter(({ explains }) => !survivors.some(explains)).map(({ reason }) => reason),
  };
}

const OUTCOMES: readonly Outcome[] = ['opens', 'closes', 'inconclusive', 'named', 'survived'];

/** A Markdown table by object and kind of mutant, and below it why the survivors survive. */
export function tables(results: readonly Result[], explanations: readonly Explanation[]): string {
  const byKind = Map.groupBy(results, ({ mutant }) => `${(mutant.of ?? mutant.instead)!.kind} | ${mutant.kind}`);
  const count = (of: readonly Result[]): readonly number[] =>
    OUTCOMES.map((outcome) => of.filter((result) => result.outcome === outcome).length);
  const rows = [...byKind].map(([kind, of]) => `| ${kind} | ${[of.length, ...count(of)].join(' | ')} |`).sort();
  const reasons = explanations.map(({ explains, reason }) => {
    const survivors = results.filter(({ mutant, outcome }) => outcome === 'survived' && explains(mutant));
    return `| ${survivors.length} | ${reason} |`;
  });
  return [
    '| object | mutant | made | refuted: opens | refuted: closes | no longer proved | one reason more | survived |',
    '|---|---|---:|---:|---:|---:|---:|---:|',
    ...rows,
    `| | all | ${[results.length, ...count(results)].join(' | ')} |`,
    '',
    '| survivors | why |',
    '|---:|---|',
    ...reasons,
    '',
  ].join('\n');
}
