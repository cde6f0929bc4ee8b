import { expect, test } from 'vitest';
import { RENDERED } from '../../prove/claims/stack.js';
import { NETWORK_EXPLANATIONS } from '../../prove/mutation/explanations.js';
import { idOf, type Mutant } from '../../prove/mutation/mutant.js';
import { networkMutants, sampledMutants } from '../../prove/mutation/mutants.js';
import { networkRuns, stackAt } from '../../prove/mutation/network-run.js';
import { tables, unexplained, type Result } from '../../prove/mutation/report.js';
import { expectSection } from './mutants-page.js';

test(
  'no mutant of a network policy survives that changes whom agents reach, or who reaches them',
  {
    timeout: 600_000,
  },
  () => {
    const [enforced, routing] = [stackAt('enforced'), stackAt('routing')];
    const opened = routing.own.filter(({ metadata }) => metadata.name.includes('-open-'));
    const changed: string[] = [];
    const results = (mutants: readonly Mutant[], run: ReturnType<typeof networkRuns>): readonly Result[] =>
      mutants.map((mutant) => {
        const { outcome, changesReach } = run(mutant);
        if (changesReach) changed.push(idOf(mutant));
        return { mutant, outcome };
      });
    const found = [
      ...results(networkMutants([...RENDERED, ...enforced.own]), networkRuns(enforced)),
      ...results(sampledMutants(opened), networkRuns(routing)),
    ];
    expectSection('network', tables(found, NETWORK_EXPLANATIONS));
    expect(changed).toEqual([]);
    expect(unexplained(found, NETWORK_EXPLANATIONS)).toEqual({ survivors: [], explanations: [] });
  },
);
