import { expect, test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { networkMutants } from './mutants.js';
import { RENDERED } from '../claims/stack.js';
import { idOf } from './mutant.js';
import { networkRuns, stackAt } from './network-run.js';
import { NETWORK_EXPLANATIONS } from './explanations.js';
test('x', () => {
  const out: string[] = [];
  for (const level of ['enforced', 'routing', 'identity'] as const) {
    const stack = stackAt(level);
    const t = process.cpuUsage();
    const run = networkRuns(stack);
    const ms = networkMutants(level === 'enforced' ? [...RENDERED, ...stack.own] : stack.own.filter((o) => o.metadata.name.includes('-open-')));
    for (const m of ms) {
      const r = run(m);
      const x = r.outcome === 'survived' ? NETWORK_EXPLANATIONS.findIndex((e) => e.explains(m)) : '';
      out.push([level, idOf(m), r.outcome, r.changesReach, x].join('\t'));
    }
    out.push(`# ${level} ${ms.length} cpu ${JSON.stringify(process.cpuUsage(t))}`);
    writeFileSync('/tmp/mut-out3.tsv', out.join('\n'));
  }
  expect(1).toBe(1);
}, 300000);
