import { isolations } from './isolation.js';
import type { Cluster } from './cluster.js';
import type { NotEvaluated } from './not-evaluated.js';
import type { Direction, Policy } from './policies/policy.js';

/**
 * Policies of one tier with equal priorities that select the same pods in the same direction: which of them is asked
 * first is not defined (trap S14), so nothing that depends on it is decided. Each pair is named once, under the one that comes later.
 *
 * @param together whether some pod is selected by both, in that direction
 */
export function undefinedOrder(
  policies: readonly Policy[],
  together: (one: Policy, other: Policy, direction: Direction) => boolean,
): readonly NotEvaluated[] {
  const ranked = Map.groupBy(policies, ({ tier }) => JSON.stringify(tier.name === 'normal' ? tier.name : tier));
  return [...ranked.values()]
    .filter(([first]) => first!.tier.name !== 'normal')
    .flatMap((equal) =>
      equal.flatMap((policy, i) =>
        equal
          .slice(i + 1)
          .filter((other) => DIRECTIONS.some((way) => differ(policy, other, way) && together(policy, other, way)))
          .map((other) => {
            const [kind = '', name = ''] = other.object.split(' ');
            return { kind, name, reason: `has the priority of ${policy.object}, and which comes first is not defined` };
          }),
      ),
    );
}

const DIRECTIONS: readonly Direction[] = ['Ingress', 'Egress'];

/** Where all rules of both have one action, their order is no matter. */
function differ(one: Policy, other: Policy, direction: Direction): boolean {
  const sides = [one.sides[direction], other.sides[direction]];
  if (sides.includes(undefined)) return false;
  return new Set(sides.flatMap((side) => side!.rules.map(({ action }) => action))).size > 1;
}

/** Whether a pod of the cluster is selected by both. */
export function existing(cluster: Cluster): (one: Policy, other: Policy, direction: Direction) => boolean {
  const isolationOf = isolations(cluster);
  return (one, other, direction) =>
    cluster.pods.some((pod) => {
      const selecting = isolationOf(pod, direction)?.policies ?? [];
      return selecting.includes(one) && selecting.includes(other);
    });
}
