import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { NETWORK_EXPLANATIONS } from '../../prove/mutation/explanations.js';
import { idOf, type Mutant } from '../../prove/mutation/mutant.js';
import { guardsMutants, networkMutants, sampledMutants, standingMutants } from '../../prove/mutation/mutants.js';
import { networkRuns, stackAt } from '../../prove/mutation/network-run.js';
import { tables, unexplained, type Result } from '../../prove/mutation/report.js';
import { GUARD_EXPLANATIONS, STANDING_EXPLANATIONS } from '../../prove/mutation/standing-explanations.js';
import { guardRuns, standingRuns } from '../../prove/mutation/standing-run.js';
import { RENDERED } from '../../prove/claims/stack.js';

const PAGE = 'docs/prove-mutants.md';
const NOTHING = { survivors: [], explanations: [] };
const SLOW = 300_000;

const enforced = stackAt('enforced');
const routing = stackAt('routing');
const opened = routing.own.filter(({ metadata }) => metadata.name.includes('-open-'));

const results = (mutants: readonly Mutant[], run: (mutant: Mutant) => Result['outcome']): readonly Result[] =>
  mutants.map((mutant) => ({ mutant, outcome: run(mutant) }));

describe('mutants of the sample stacks', () => {
  const sections: string[] = [];

  test(
    'of network policies: none that changes whom agents reach, or who reaches them, survives',
    { timeout: SLOW },
    () => {
      const [atEnforced, atRouting] = [networkRuns(enforced), networkRuns(routing)];
      const changed: string[] = [];
      const reached =
        (runs: typeof atEnforced) =>
        (mutant: Mutant): Result['outcome'] => {
          const { outcome, changesReach } = runs(mutant);
          if (changesReach) changed.push(idOf(mutant));
          return outcome;
        };
      const found = [
        ...results(networkMutants([...RENDERED, ...enforced.own]), reached(atEnforced)),
        ...results(sampledMutants(opened), reached(atRouting)),
      ];
      sections.push('## Network policies', '', tables(found, NETWORK_EXPLANATIONS));
      expect(changed).toEqual([]);
      expect(unexplained(found, NETWORK_EXPLANATIONS)).toEqual(NOTHING);
    },
  );

  test('of guards and bindings', { timeout: SLOW }, () => {
    const found = results(guardsMutants(RENDERED), guardRuns(enforced));
    sections.push('## Guards', '', tables(found, GUARD_EXPLANATIONS));
    expect(unexplained(found, GUARD_EXPLANATIONS)).toEqual(NOTHING);
  });

  test('of rights, registrations, namespaces and pods', { timeout: SLOW }, () => {
    const found = results(standingMutants([...RENDERED, ...enforced.own]), standingRuns(enforced));
    sections.push('## Rights, registrations, namespaces, pods', '', tables(found, STANDING_EXPLANATIONS));
    expect(unexplained(found, STANDING_EXPLANATIONS)).toEqual(NOTHING);
  });

  test('the page is current', () => {
    const page = [INTRODUCTION, ...sections].join('\n');
    if (process.env['UPDATE_GOLDEN']) writeFileSync(PAGE, page);
    else expect(readFileSync(PAGE, 'utf8'), 'UPDATE_GOLDEN=1 npm run test:integration -- prove/mutants').toBe(page);
  });
});

const INTRODUCTION = `# Mutants of the sample stacks

Made by \`test/integration/prove/mutants.test.ts\`; do not edit. Each mutant deletes or alters one thing in the rendered
objects of the platform and of \`ws-acme\` and asks \`enforce prove\` again: everything at the level \`enforced\`, and at
\`routing\` the policies of open controls (of their address ranges every tenth). “Opens”: refuted by something that must not be
possible; “closes”: refuted by edges that must be open. Of every mutant of a network policy that survives a second
evaluation, pair by pair of sample pods and all addresses, says that nobody reaches or is reached by agents otherwise than before.
`;
