import { expect, test } from 'vitest';
import { LEVELS, type Level } from '../../../src/model/levels.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { CILIUM_EXPLANATIONS, NETWORK_EXPLANATIONS } from '../../prove/mutation/explanations.js';
import { idOf } from '../../prove/mutation/mutant.js';
import { networkMutants, sampledMutants } from '../../prove/mutation/mutants.js';
import { networkRuns, stackAt, type Layer } from '../../prove/mutation/network-run.js';
import { tables, unexplained, type Result } from '../../prove/mutation/report.js';
import { expectSection } from './mutants-page.js';

const renderedAt = (level: Level, layer: Layer): readonly KubeObject[] => {
  const { rendered, own } = stackAt(level, layer);
  return [...rendered, ...own];
};

/** At every level, from the strictest on, the mutants of what stands there and not at one before. */
function mutated(layer: Layer): { readonly found: readonly Result[]; readonly changed: readonly string[] } {
  const changed: string[] = [];
  // What is rendered alike at two levels, or for both network layers, is mutated where it is met first.
  const before = layer === 'NetworkPolicy' ? [] : LEVELS.flatMap((level) => renderedAt(level, 'NetworkPolicy'));
  const met = new Set(before.map((object) => JSON.stringify(object)));
  const isNew = (object: KubeObject): boolean => {
    const count = met.size;
    return met.add(JSON.stringify(object)).size > count;
  };
  const found = LEVELS.toReversed().flatMap((level) => {
    const stack = stackAt(level, layer);
    const objects = [...stack.rendered, ...stack.own].filter(isNew);
    const mutants = level === 'enforced' ? networkMutants(objects) : sampledMutants(objects);
    if (mutants.length === 0) return [];
    const run = networkRuns(stack);
    return mutants.map((mutant) => {
      const { outcome, changesReach } = run(mutant);
      if (changesReach) changed.push(`${level} ${idOf(mutant)}`);
      return { mutant, outcome };
    });
  });
  return { found, changed };
}

test.each([
  ['network', 'NetworkPolicy', NETWORK_EXPLANATIONS],
  ['cilium', 'Cilium', CILIUM_EXPLANATIONS],
] as const)(
  'no mutant of a network policy survives that changes whom agents reach, or who reaches them: %s',
  { timeout: 600_000 },
  (section, layer, explanations) => {
    const { found, changed } = mutated(layer);
    expectSection(section, tables(found, explanations));
    expect(changed).toEqual([]);
    expect(unexplained(found, explanations)).toEqual({ survivors: [], explanations: [] });
  },
);
