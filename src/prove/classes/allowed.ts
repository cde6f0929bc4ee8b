import type { Direction, Policy, Rule } from '../policies/policy.js';
import { ALL_PORTS, intersect, isEmpty, NO_PORTS, portRange, subtract, union } from '../ports.js';
import type { PortSet } from '../ports.js';
import { split } from './pieces.js';
import type { Piece, Space } from './pieces.js';

/** A region and where its packets stand on their way through the tiers, by ports. */
interface Standing<Region> {
  readonly region: Region;
  readonly undecided: PortSet;
  /** Sent on by `Pass`: the tier below decides, the rest of this tier does not. */
  readonly passed: PortSet;
  readonly allowed: PortSet;
}

/**
 * What the policies that select a pod may allow it in one direction, of and to a whole region, as disjoint pieces. The
 * tiers are walked as in the evaluation of one packet (`side.ts`), with sets of ends and of ports in its place.
 *
 * "May": whatever is open under some reading counts. A rule that something unmodelled narrows counts in full where it
 * accepts and not at all where it denies, a named port is every port of its protocol (whoever makes the pod names them).
 *
 * @param policies all that select the pod; none isolates, then everything is allowed
 * @param regionsOf the regions that a rule's peers cover; `everything` for a rule without peers
 */
export function mayAllow<Region>(
  space: Space<Region>,
  whole: Region,
  policies: readonly Policy[],
  direction: Direction,
  regionsOf: (rule: Rule) => readonly Region[] | 'everything',
): readonly Piece<Region>[] {
  const apply = (
    standings: readonly Standing<Region>[],
    rule: Rule,
    act: (standing: Standing<Region>, ports: PortSet) => Standing<Region>,
  ): readonly Standing<Region>[] => {
    const ports = mayMatch(rule);
    const regions = regionsOf(rule);
    if (isEmpty(ports)) return standings;
    return standings.flatMap((standing) => {
      if (isEmpty(intersect(standing.undecided, ports))) return [standing];
      if (regions === 'everything') return [act(standing, ports)];
      const { inside, outside } = split(space, standing.region, regions);
      return [
        ...outside.map((region) => ({ ...standing, region })),
        ...inside.map((region) => act({ ...standing, region }, ports)),
      ];
    });
  };
  const walk = (standings: readonly Standing<Region>[], tier: 'admin' | 'baseline'): readonly Standing<Region>[] =>
    rulesOf(policies, tier, direction).reduce((now, rule) => apply(now, rule, actOf(rule)), standings);

  let now: readonly Standing<Region>[] = [{ region: whole, undecided: ALL_PORTS, passed: NO_PORTS, allowed: NO_PORTS }];
  now = walk(now, 'admin').map((standing) => ({
    ...standing,
    undecided: union(standing.undecided, standing.passed),
    passed: NO_PORTS,
  }));
  const normal = rulesOf(policies, 'normal', direction);
  // A denial is final, whatever the order in the object: Cilium's egressDeny and ingressDeny.
  for (const rule of normal.filter(({ action }) => action === 'Deny')) now = apply(now, rule, ORDERED.Deny);
  for (const rule of normal.filter(({ action }) => action === 'Accept')) now = apply(now, rule, ORDERED.Accept);
  const isolated = policies.some(({ tier, sides }) => tier.name === 'normal' && sides[direction]?.isolates);
  if (!isolated) {
    now = walk(now, 'baseline').map((standing) => ({
      ...standing,
      allowed: union(standing.allowed, standing.undecided, standing.passed),
    }));
  }
  return now.map(({ region, allowed }) => ({ region, ports: allowed })).filter(({ ports }) => !isEmpty(ports));
}

type Act = <Region>(standing: Standing<Region>, ports: PortSet) => Standing<Region>;

/** Of a `Pass` that may not hold, the rest of its tier may decide as well as the tier below. */
const actOf = (rule: Rule): Act => (rule.action === 'Pass' && !isCertain(rule) ? PASS_PERHAPS : ORDERED[rule.action]);

/** Whether the rule holds for all of what it may hold for. */
const isCertain = ({ narrowedBy, namedPorts, peers = [] }: Rule): boolean =>
  narrowedBy === undefined &&
  namedPorts.length === 0 &&
  peers.every((peer) => peer.kind !== 'names' && (peer.kind !== 'nodes' || peer.which === 'any'));

const PASS_PERHAPS: Act = (standing, ports) => ({
  ...standing,
  passed: union(standing.passed, intersect(standing.undecided, ports)),
});

const ORDERED: Readonly<Record<Rule['action'], Act>> = {
  Accept: (standing, ports) => ({
    ...standing,
    allowed: union(standing.allowed, intersect(standing.undecided, ports)),
    undecided: subtract(standing.undecided, ports),
  }),
  Deny: (standing, ports) => ({ ...standing, undecided: subtract(standing.undecided, ports) }),
  Pass: (standing, ports) => ({
    ...standing,
    passed: union(standing.passed, intersect(standing.undecided, ports)),
    undecided: subtract(standing.undecided, ports),
  }),
};

/** In the order in which they are asked. */
function rulesOf(policies: readonly Policy[], name: Policy['tier']['name'], direction: Direction): readonly Rule[] {
  const priority = ({ tier }: Policy): number => (tier.name === 'normal' ? 0 : tier.priority);
  return policies
    .filter(({ tier }) => tier.name === name)
    .sort((a, b) => priority(a) - priority(b))
    .flatMap(({ sides }) => sides[direction]?.rules ?? []);
}

/** The ports on which a rule may hold: all it could where it accepts, only what is certain where it denies. */
export function mayMatch({ action, ports, namedPorts, narrowedBy }: Rule): PortSet {
  if (action === 'Deny') return narrowedBy === undefined ? ports : NO_PORTS;
  return namedPorts.length === 0 ? ports : union(ports, ...namedPorts.map(({ protocol }) => portRange(protocol)));
}
