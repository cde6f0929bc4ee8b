import type { Stack } from '../config/load.js';
import { isPatch, keyOf, type KubeObject } from '../model/kube-object.js';
import type { Level } from '../model/levels.js';
import type { Cluster } from './cluster.js';
import { differences } from './compare.js';
import { readInventory } from './inventory.js';
import { RelaxationRefused, type LiveFacts } from './live-facts.js';
import { inDeletionOrder, inOrder } from './order.js';
import { isKept, NotOwned, readStack, type StackState } from './ownership.js';
import { planned, type PlannedChange } from './plan.js';
import { preflight, PreflightRefused, type Preflight } from './preflight.js';
import { renderStack } from './render.js';

/** What an update of a stack would do to the cluster, and why it would be refused, if it would. */
export interface LivePlan {
  readonly changes: readonly PlannedChange[];
  /** Each a sentence; empty when the update may go ahead. */
  readonly refusals: readonly string[];
  /** Absent for the platform and before the first deployment. */
  readonly reached?: Level;
  readonly facts: LiveFacts;
  readonly objects: readonly KubeObject[];
  readonly live: StackState['live'];
}

/** Compares a stack with what is live, whole objects as `apply` does; writes nothing. */
export async function planLive(cluster: Cluster, stack: string, config: Stack): Promise<LivePlan> {
  const refusals: string[] = [];
  let checked: Preflight;
  try {
    checked = await preflight(cluster, config);
  } catch (error) {
    if (error instanceof PreflightRefused) refusals.push(...error.reasons);
    else if (error instanceof RelaxationRefused) refusals.push(error.message);
    else throw error;
    checked = { facts: {}, objects: renderStack(config) };
  }
  const { facts, objects } = checked;
  let state: StackState = { live: new Map(), extra: [], unpatch: [] };
  try {
    const { objects: hint } = await readInventory(cluster, stack);
    state = await readStack(cluster, stack, objects, { hint });
  } catch (error) {
    if (!(error instanceof NotOwned)) throw error;
    refusals.push(error.message);
  }
  const reached = reachedLevel(config, state) ?? facts.reachedLevel;
  return {
    changes: [...written(objects, state), ...removed(state)],
    refusals,
    facts,
    objects,
    live: state.live,
    ...(reached && { reached }),
  };
}

const written = (objects: readonly KubeObject[], { live }: StackState): readonly PlannedChange[] =>
  inOrder(objects).map((object) => {
    const found = live.get(keyOf(object));
    if (found === undefined) return planned(object, isPatch(object) ? 'absent' : 'create');
    const fields = differences(object, found).map(({ path, desired, live: before }) => ({
      path,
      before,
      after: desired,
    }));
    return planned(object, fields.length === 0 ? 'unchanged' : 'update', fields);
  });

const removed = ({ extra, unpatch }: StackState): readonly PlannedChange[] => {
  const patched = new Set<KubeObject>(unpatch);
  return inDeletionOrder([...extra, ...unpatch]).map((object) =>
    planned(object, patched.has(object) ? 'release' : isKept(object) ? 'keep' : 'delete'),
  );
};

function reachedLevel(config: Stack, { live }: StackState): Level | undefined {
  if (config.kind === 'platform') return undefined;
  const policy = [...live.values()].find(({ kind }) => kind === 'WorkspacePolicy');
  return (policy?.['spec'] as { reachedLevel?: Level } | undefined)?.reachedLevel;
}
