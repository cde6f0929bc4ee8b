import { test } from 'vitest';
import { writeFileSync } from 'node:fs';
import { renderWorkspace } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import { proveNetwork, proveStanding } from '../../../src/prove/claims/workspace-claims.js';
import { relax } from '../../../src/model/levels.js';
import { RENDERED, ORDER } from '../claims/stack.js';
import { networkMutants, guardsMutants, standingMutants } from './mutants.js';
import { applied, idOf } from './mutant.js';
test('x', () => {
  const { platform, workspaces } = loadStacks({ dir: 'stacks' });
  const [ws, other] = workspaces as any;
  const out: string[] = [];
  for (const level of ['routing', 'identity', 'enforced'] as const) {
    const own = renderWorkspace(platform, { ...ws, level });
    const rest = renderWorkspace(platform, other);
    const objects = [...RENDERED, ...own, ...rest];
    const input = { platform, workspace: ws, workspaces, rendered: RENDERED, notEvaluated: [], modes: relax(level, []), complete: false, updates: [] };
    for (const [name, make, prove] of [['network', networkMutants, proveNetwork], ['guards', guardsMutants, (i: any) => [...proveNetwork(i), ...proveStanding(i)]], ['standing', standingMutants, (i: any) => [...proveNetwork(i), ...proveStanding(i)]]] as const) {
      if (level !== 'enforced' && name !== 'network') continue;
      const base = prove({ ...input, objects });
      const mutants = make([...RENDERED, ...own]);
      const ids = mutants.map(idOf); if (new Set(ids).size !== ids.length) console.log('DUP', ids.filter((x, i) => ids.indexOf(x) !== i).slice(0, 20));
      const t = performance.now();
      let surv = 0;
      console.log(level, name, mutants.length, base.map((c) => c.claim + c.verdict).join());
      for (const m of mutants) {
        let res: string;
        try {
        const now = prove({ ...input, objects: applied(objects, m) });
        const worse = now.flatMap((c, i) => ORDER.indexOf(c.verdict) < ORDER.indexOf(base[i]!.verdict) ? [c] : []);
        res = worse.map((c) => c.claim + ':' + c.verdict + ':' + [...new Set(c.counterExamples.map((x) => x.cause))].join('+')).join(' ');
        } catch (e) { res = 'THROW ' + (e as Error).message; }
        if (!res) surv++;
        out.push(`${level}\t${name}\t${idOf(m)}\t${res || 'SURVIVED'}`);
      }
      console.log('  survivors', surv, (performance.now() - t).toFixed(0), 'ms');
    }
  }
  writeFileSync('/tmp/mut-out.tsv', out.join('\n'));
}, 300000);
