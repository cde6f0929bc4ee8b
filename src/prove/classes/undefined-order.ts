import { classOf, meetClass } from './pod-class.js';
import type { NotEvaluated } from '../not-evaluated.js';
import type { Policy } from '../policies/policy.js';

/**
 * Policies of one tier with equal priorities that may select the same pods in the same direction: which of them is asked
 * first is not defined (trap S14), so nothing that depends on it is decided here.
 */
export function undefinedOrder(policies: readonly Policy[]): readonly NotEvaluated[] {
  const ordered = policies.filter(({ tier }) => tier.name !== 'normal');
  return ordered.flatMap((policy, i) =>
    ordered.slice(i + 1).flatMap((other) => {
      if (!sameRank(policy, other) || !sameDirection(policy, other) || sayTheSame(policy, other)) return [];
      const [a, b] = [policy, other].map(({ subject }) => classOf(subject.namespaces, subject.pods));
      if (!a || !b || meetClass(a, b) === undefined) return [];
      const [kind = '', name = ''] = policy.object.split(' ');
      return [{ kind, name, reason: `has the priority of ${other.object}, and which comes first is not defined` }];
    }),
  );
}

const sameRank = (a: Policy, b: Policy): boolean => JSON.stringify(a.tier) === JSON.stringify(b.tier);

const sameDirection = (a: Policy, b: Policy): boolean =>
  (['Ingress', 'Egress'] as const).some((way) => a.sides[way] !== undefined && b.sides[way] !== undefined);

/** Where all rules of both have one action, their order is no matter. */
const sayTheSame = (a: Policy, b: Policy): boolean =>
  new Set([a, b].flatMap(({ sides }) => Object.values(sides).flatMap(({ rules }) => rules.map(({ action }) => action))))
    .size <= 1;
