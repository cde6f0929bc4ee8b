import type { Rule } from './policies/policy.js';
import { ALL_PORTS, intersect, isEmpty, NO_PORTS, subtract, union } from './ports.js';
import type { PortSet } from './ports.js';
import type { Isolation } from './rules.js';

/** A rule that settled packets, and on which ports. */
export interface Settled {
  readonly rule: Rule;
  readonly ports: PortSet;
}

/** What one side says of the packets with one other end. */
export interface SideDecision {
  readonly allowed: PortSet;
  /** The rules that accepted or denied something, in the order in which they were asked. */
  readonly settled: readonly Settled[];
}

/**
 * Walks the tiers: admin rules by priority, the first that matches decides, `Pass` hands on to the normal tier; there
 * denials come first, then everything that any rule allows; what is left is denied if a policy isolates, else the
 * baseline decides, and what it leaves is allowed (ClusterNetworkPolicy v1alpha2; Cilium's denials beat allowances).
 *
 * @param portsOf the ports on which a rule matches packets with this end; none where it is not about it
 */
export function decide(isolation: Isolation | undefined, portsOf: (rule: Rule) => PortSet): SideDecision {
  if (isolation === undefined) return { allowed: ALL_PORTS, settled: [] };
  const settled: Settled[] = [];
  let [undecided, passed, allowed] = [ALL_PORTS, NO_PORTS, NO_PORTS];
  const apply = (rule: Rule): void => {
    if (isEmpty(undecided)) return;
    const ports = intersect(undecided, portsOf(rule));
    if (isEmpty(ports)) return;
    undecided = subtract(undecided, ports);
    if (rule.action === 'Accept') allowed = union(allowed, ports);
    if (rule.action === 'Pass') passed = union(passed, ports);
    else settled.push({ rule, ports });
  };
  isolation.admin.forEach(apply);
  undecided = union(undecided, passed);
  isolation.deny.forEach(apply);
  isolation.allow.forEach(apply);
  if (isolation.isolates) return { allowed, settled };
  isolation.baseline.forEach(apply);
  return { allowed: union(allowed, undecided), settled };
}
