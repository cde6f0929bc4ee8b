import { expect, test } from 'vitest';
import { RENDERED } from '../../prove/claims/stack.js';
import type { Mutant } from '../../prove/mutation/mutant.js';
import { guardsMutants, standingMutants } from '../../prove/mutation/mutants.js';
import { stackAt } from '../../prove/mutation/network-run.js';
import { tables, unexplained, type Result } from '../../prove/mutation/report.js';
import { GUARD_EXPLANATIONS, STANDING_EXPLANATIONS } from '../../prove/mutation/standing-explanations.js';
import { guardRuns, standingRuns } from '../../prove/mutation/standing-run.js';
import { expectSection } from './mutants-page.js';

const stack = stackAt('enforced');
const NOTHING = { survivors: [], explanations: [] };
const results = (mutants: readonly Mutant[], run: (mutant: Mutant) => Result['outcome']): readonly Result[] =>
  mutants.map((mutant) => ({ mutant, outcome: run(mutant) }));

test('mutants of guards and bindings are refuted, or explained', { timeout: 600_000 }, () => {
  const found = results(guardsMutants(RENDERED), guardRuns(stack));
  expectSection('guards', tables(found, GUARD_EXPLANATIONS));
  expect(unexplained(found, GUARD_EXPLANATIONS)).toEqual(NOTHING);
});

test('mutants of rights, registrations, namespaces and pods are refuted, or explained', { timeout: 600_000 }, () => {
  const found = results(standingMutants([...RENDERED, ...stack.own]), standingRuns(stack));
  expectSection('standing', tables(found, STANDING_EXPLANATIONS));
  expect(unexplained(found, STANDING_EXPLANATIONS)).toEqual(NOTHING);
});
