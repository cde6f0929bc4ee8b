import { it } from 'vitest';
import { policiesOf } from './provisional.js';
import { intentOf } from '../../../src/prove/claims/intent.js';
import { knownEdges } from '../../../src/prove/claims/matrix.js';
import { meetClass, podsIn } from '../../../src/prove/classes/pod-class.js';
import { boxWithout } from '../../../src/prove/classes/label-box.js';
import { proveNetwork } from '../../../src/prove/claims/prove.js';
import { openStack } from '../../../src/cli/stack.js';
import { LEVELS, modesAt } from '../../../src/model/levels.js';
import { openEdges } from '../../../src/model/edges.js';
import { workspaceEdges } from '../../../src/model/workspace-edges.js';
import { platformEdges } from '../../../src/model/platform-edges.js';
import { publicCidrs } from '../../../src/model/public-addresses.js';
it.each(LEVELS.flatMap((level) => ['ws-acme', 'ws-globex'].map((w) => [w, level] as const)))('%s %s', (w, level) => {
  const ws = openStack({ stack: w, stacks: 'stacks', level });
  if (ws.config.kind !== 'workspace') return;
  const { platform, workspace } = ws.config;
  const objects = [...openStack({ stack: 'platform', stacks: 'stacks' }).objects, ...ws.objects] as never;
  const policies = policiesOf(objects);
  const t = performance.now();
  const open = openEdges(workspaceEdges(platform, workspace), modesAt(level));
  const cidrs = publicCidrs(platform);
  const intent = intentOf(open, [workspace.namespace], cidrs);
  const edges = knownEdges([...open, ...openEdges(platformEdges(platform), modesAt(level))], cidrs);
  const shapes = [
    { namespaces: new Map(), pods: boxWithout('portarium.io/component') },
    { namespaces: new Map(), pods: boxWithout('portarium.io/role') },
  ];
  for (const admissible of [
    (n: string) => [podsIn(n)],
    (n: string) => shapes.flatMap((s) => meetClass(podsIn(n), s) ?? []).slice(0, 2),
  ]) {
    const [p, d] = proveNetwork({ policies, notEvaluated: [], intent, admissible, edges, complete: false });
    console.log(w, level, p!.verdict, d!.verdict, performance.now() - t);
    for (const c of [...p!.counterExamples, ...d!.counterExamples])
      console.log('  ', c.cause, c.summary, JSON.stringify(c.packet), JSON.stringify(c.because));
    for (const c of [...p!.reasons, ...d!.reasons]) console.log('   ?', c);
  }
});
