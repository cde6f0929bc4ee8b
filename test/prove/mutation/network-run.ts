import { renderPlatform, renderWorkspace } from '../../../src/charts/render.js';
import { loadStacks } from '../../../src/config/load.js';
import type { KubeObject } from '../../../src/model/kube-object.js';
import { modesAt, type Level } from '../../../src/model/levels.js';
import { networkFacts, proveNetwork, type WorkspaceInput } from '../../../src/prove/claims/workspace-claims.js';
import { edited, RENDERED, type Path } from '../claims/stack.js';
import { applied, type Mutant } from './mutant.js';
import { outcomeOf, type Outcome } from './outcome.js';
import { reachOfAgents } from './reach-of-agents.js';

const { platform, workspaces } = loadStacks({ dir: 'stacks' });
const [workspace, ...others] = workspaces as [(typeof workspaces)[number], ...typeof workspaces];

/** How policies are rendered: for the committed stacks' network layer, or for one with Cilium. */
export type Layer = 'NetworkPolicy' | 'Cilium';
const ciliumPlatform = { ...platform, network: { ...platform.network, cilium: true } };
const LAYERS = {
  NetworkPolicy: { platform, rendered: RENDERED },
  Cilium: { platform: ciliumPlatform, rendered: renderPlatform(ciliumPlatform) },
};

export interface Stack {
  /** By the platform, and by the workspace. */
  readonly rendered: readonly KubeObject[];
  readonly own: readonly KubeObject[];
  readonly objects: readonly KubeObject[];
  readonly input: WorkspaceInput;
}

/** The first sample workspace at a level, with the platform and the other workspaces as they are. */
export function stackAt(level: Level, layer: Layer = 'NetworkPolicy'): Stack {
  const { platform: facts, rendered } = LAYERS[layer];
  const own = renderWorkspace(facts, { ...workspace, level });
  const objects = [...rendered, ...others.flatMap((other) => renderWorkspace(facts, other)), ...own];
  return {
    ...{ rendered, own, objects },
    input: {
      ...{ platform: facts, workspace, workspaces, objects, rendered },
      ...{ notEvaluated: [], modes: modesAt(level), complete: false, updates: [] },
    },
  };
}

export interface NetworkRun {
  readonly outcome: Outcome;
  /** Agents reach, or are reached by, something else than before: asked where the claims do not change. */
  readonly changesReach: boolean;
}

/**
 * What mutants of network policies do to claims P and D. Where a rule that lets everything through and one that lets
 * nothing through both change nothing, no mutant inside it does either, since rules of NetworkPolicy and those of Cilium
 * that do not deny only add.
 */
export function networkRuns({ input, objects: all }: Stack): (mutant: Mutant) => NetworkRun {
  const facts = networkFacts(input);
  const policies = all.filter(({ kind }) => kind.endsWith('NetworkPolicy'));
  const before = proveNetwork({ ...input, objects: policies }, facts);
  const reach = reachOfAgents(policies, input.workspace.namespace);
  const run = (mutant: Mutant): NetworkRun => {
    const objects = applied(policies, mutant);
    const outcome = outcomeOf(before, proveNetwork({ ...input, objects }, facts));
    const asked = outcome === 'survived' || outcome === 'named';
    return { outcome, changesReach: asked && reachOfAgents(objects, input.workspace.namespace) !== reach };
  };
  const idle = boundsOf(run);
  return (mutant) => (idle(mutant) ? { outcome: 'survived', changesReach: false } : run(mutant));
}

/** Of a kind: the rule that lets everything through, and the one that lets nothing through; without one it is taken out. */
const BOUNDS: Readonly<Record<string, (side: string) => readonly [object, object?]>> = {
  NetworkPolicy: () => [{}],
  CiliumNetworkPolicy: (side) => [{ [side === 'egress' ? 'toEntities' : 'fromEntities']: ['all'] }, {}],
};

function boundsOf(run: (mutant: Mutant) => NetworkRun): (mutant: Mutant) => boolean {
  const known = new Map<KubeObject, Map<string, boolean>>();
  const nothing = (of: KubeObject, path: Path, bounds: readonly unknown[]): boolean => {
    const answers = known.get(of) ?? new Map<string, boolean>();
    known.set(of, answers);
    const key = path.join('.');
    const answer =
      answers.get(key) ??
      bounds
        .map((value) => run({ kind: 'bound', field: key, of, instead: edited(of, path, value) }))
        .every(({ outcome, changesReach }) => outcome === 'survived' && !changesReach);
    answers.set(key, answer);
    return answer;
  };
  return ({ of, field }) => {
    const [, side, rule] = /^spec\.(egress|ingress)(?:\[(\d+)\]|$)/.exec(field) ?? [];
    const bounds = BOUNDS[of?.kind ?? '']?.(side ?? '');
    if (of === undefined || side === undefined || bounds === undefined) return false;
    const [everything, none] = bounds;
    return (
      nothing(of, ['spec', side], [[everything], none === undefined ? [] : [none]]) ||
      (rule !== undefined && nothing(of, ['spec', side, Number(rule)], [everything, none]))
    );
  };
}
