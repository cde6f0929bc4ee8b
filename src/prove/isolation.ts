import { selectsNamespace } from './cluster.js';
import type { Cluster } from './cluster.js';
import type { Pod } from './pod.js';
import type { Direction, Policy, Rule } from './policies/policy.js';
import { selects } from './selector.js';

/** The policies that select a pod in one direction, in the order in which they are asked. */
export interface Isolation {
  readonly policies: readonly Policy[];
  readonly direction: Direction;
  /** All rules of all tiers. */
  readonly rules: readonly Rule[];
  /** Groups of equal priority, each a list of rules per policy, the first group first. */
  readonly admin: readonly (readonly (readonly Rule[])[])[];
  readonly baseline: readonly (readonly (readonly Rule[])[])[];
  /** Of the normal tier: together they are all that it allows (trap S7), and `Deny` comes first. */
  readonly denies: readonly Rule[];
  readonly accepts: readonly Rule[];
  /** Whether the normal tier denies what it does not allow. */
  readonly isolates: boolean;
}

/**
 * What a pod is told in a direction. `undefined` when no policy selects it: everything is allowed. That is always so for
 * a pod on its node's network, which plugins leave out of selection (documentation of NetworkPolicy, "hostNetwork pods").
 */
export type IsolationOf = (pod: Pod, direction: Direction) => Isolation | undefined;

/** Pods of one namespace with the same labels share their answer: replicas are selected once. */
export function isolations(cluster: Cluster): IsolationOf {
  const found = ANSWERS.get(cluster) ?? newIsolations(cluster);
  ANSWERS.set(cluster, found);
  return found;
}

/** One set of answers for all questions about a cluster, which never changes. */
const ANSWERS = new WeakMap<Cluster, IsolationOf>();

function newIsolations(cluster: Cluster): IsolationOf {
  const keys = new WeakMap<Pod, string>();
  const keyOf = (pod: Pod): string => {
    const key = keys.get(pod) ?? JSON.stringify([pod.namespace, ...[...pod.labels].sort()]);
    keys.set(pod, key);
    return key;
  };
  const known = new Map<string, Isolation | undefined>();
  const shared = new Map<string, Isolation>();
  return (pod, direction) => {
    if (pod.hostNetwork) return undefined;
    const key = `${direction} ${keyOf(pod)}`;
    if (!known.has(key)) {
      const policies = selecting(cluster, pod, direction);
      const same = `${direction} ${policies.map((policy) => cluster.order.get(policy)).join(' ')}`;
      if (policies.length > 0 && !shared.has(same)) shared.set(same, isolationBy(policies, direction));
      known.set(key, shared.get(same));
    }
    return known.get(key);
  };
}

export function selecting(cluster: Cluster, { namespace, labels }: Pod, direction: Direction): Policy[] {
  const candidates = [...(cluster.policies.get(namespace) ?? []), ...(cluster.policies.get('') ?? [])];
  return candidates.filter(
    ({ sides, subject }) =>
      sides[direction] !== undefined &&
      selectsNamespace(cluster, subject.namespaces, namespace) &&
      selects(subject.pods, labels),
  );
}

export function isolationBy(policies: readonly Policy[], direction: Direction): Isolation {
  const rulesOf = ({ sides }: Policy): readonly Rule[] => sides[direction]?.rules ?? [];
  const groups = (name: 'admin' | 'baseline'): (readonly Rule[])[][] => {
    const tiered = policies.filter(({ tier }) => tier.name === name);
    return [...Map.groupBy(tiered, priorityOf)]
      .sort(([a], [b]) => a - b)
      .map(([, equal]) => equal.map((policy) => rulesOf(policy)));
  };
  const normal = policies.filter(({ tier }) => tier.name === 'normal');
  const rules = normal.flatMap(rulesOf);
  return {
    policies,
    direction,
    rules: policies.flatMap(rulesOf),
    admin: groups('admin'),
    baseline: groups('baseline'),
    denies: rules.filter(({ action }) => action === 'Deny'),
    accepts: rules.filter(({ action }) => action === 'Accept'),
    isolates: normal.some(({ sides }) => sides[direction]?.isolates),
  };
}

const priorityOf = ({ tier }: Policy): number => (tier.name === 'normal' ? 0 : tier.priority);
