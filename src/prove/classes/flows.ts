import { ALL_ADDRESSES } from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import type { Direction, Policy } from '../policies/policy.js';
import { intersect, isEmpty } from '../ports.js';
import { remember, rememberList } from '../remember.js';
import { mayAllow } from './allowed.js';
import { ADDRESSES, PODS, split } from './pieces.js';
import type { Piece, Space } from './pieces.js';
import { ANY_POD, classOf, overlapClass } from './pod-class.js';
import type { PodClass } from './pod-class.js';
import { addressRegions, entitiesOf, entityRegions, podRegions } from './regions.js';
import type { Entity } from './regions.js';

/** Pods that the same policies select in one direction: whatever is decided of one is decided of all. */
export interface Cell {
  readonly pods: PodClass;
  readonly direction: Direction;
  /** That select them and have that direction. */
  readonly policies: readonly Policy[];
}

/** The pods of a class by which policies select them, disjoint. Policies that select none of them cost nothing. */
export function cellsOf(policies: readonly Policy[], pods: PodClass, direction: Direction): readonly Cell[] {
  const selecting = policies.filter((policy) => mayDecide(policy, pods, direction));
  return CELLS(pods)[direction](selecting);
}

/** Whether a policy says anything, in that direction, about some pod of the class. */
export const mayDecide = (policy: Policy, pods: PodClass, direction: Direction): boolean =>
  policy.sides[direction] !== undefined && SELECTS(pods)(policy);

const SUBJECT = remember(({ subject }: Policy) => ({ pods: classOf(subject.namespaces, subject.pods) }));

/** Whether some pod could exist that both select. */
export const couldSelectTogether = (one: Policy, other: Policy): boolean => {
  const { pods } = SUBJECT(one);
  return pods !== undefined && SELECTS(pods)(other);
};

const SELECTS = remember((pods: PodClass) =>
  remember((policy: Policy) => {
    const { pods: subject } = SUBJECT(policy);
    return subject !== undefined && overlapClass(subject, pods);
  }),
);

const CELLS = remember((pods: PodClass) =>
  inBoth((direction) => rememberList((selecting: readonly Policy[]) => splitBy(selecting, pods, direction))),
);

function splitBy(selecting: readonly Policy[], pods: PodClass, direction: Direction): readonly Cell[] {
  let cells: readonly Cell[] = [{ pods, direction, policies: [] }];
  for (const policy of selecting) {
    cells = cells.flatMap((cell) => {
      const { inside, outside } = split(PODS, cell.pods, [SUBJECT(policy).pods!]);
      return [
        ...outside.map((part) => ({ ...cell, pods: part })),
        ...inside.map((part) => ({ ...cell, pods: part, policies: [...cell.policies, policy] })),
      ];
    });
  }
  return cells;
}

/** What one cell's own policies may allow: the far ends of its packets, each kind in disjoint pieces. */
export interface FarEnds {
  readonly pods: readonly Piece<PodClass>[];
  /** Every address but those of pods, which `pods` decides; an address that a rule opens counts, whosever it is. */
  readonly addresses: readonly Piece<AddressSet>[];
  readonly entities: readonly Piece<Entity>[];
}

export const farEnds = ({ policies, direction }: Cell, others: PodClass = ANY_POD): FarEnds =>
  FAR_ENDS(others)[direction](policies);

const FAR_ENDS = remember((others: PodClass) =>
  inBoth((direction) => rememberList((policies: readonly Policy[]) => allowedBy(policies, direction, others))),
);

function allowedBy(policies: readonly Policy[], direction: Direction, others: PodClass): FarEnds {
  return {
    pods: mayAllow(PODS, others, policies, direction, podRegions),
    addresses: mayAllow(ADDRESSES, ALL_ADDRESSES, policies, direction, addressRegions),
    entities: entitiesOf(policies.flatMap(({ sides }) => sides[direction]?.rules ?? [])).flatMap((entity) =>
      mayAllow(ENTITIES, entity, policies, direction, entityRegions(entity)),
    ),
  };
}

function inBoth<Of>(of: (direction: Direction) => Of): Readonly<Record<Direction, Of>> {
  return { Egress: of('Egress'), Ingress: of('Ingress') };
}

const ENTITIES: Space<Entity> = {
  meet: (a, b) => (a === b ? a : undefined),
  minus: (a, b) => (a === b ? [] : [a]),
};

/** Packets between pods: from any of one class to any of another, on these ports of the destination. */
export interface Flow {
  readonly from: PodClass;
  readonly to: PodClass;
  readonly ports: Piece<PodClass>['ports'];
}

/**
 * What of one side's allowance the other side allows as well: for a cell and pieces of far pods, the flows that both
 * ends let through. A pod never blocks itself, and whether two members of a class are the same pod is not known, so
 * nothing is left out for that.
 */
export function bothSides(policies: readonly Policy[], cell: Cell, far: readonly Piece<PodClass>[]): readonly Flow[] {
  const other: Direction = cell.direction === 'Egress' ? 'Ingress' : 'Egress';
  return far.flatMap(({ region, ports }) =>
    cellsOf(policies, region, other).flatMap((there) =>
      NEAR(cell.pods)
        [other](there.policies)
        .map((near) => ({ near: near.region, ports: intersect(near.ports, ports) }))
        .filter((flow) => !isEmpty(flow.ports))
        .map(({ near, ports: both }): Flow => {
          const [from, to] = cell.direction === 'Egress' ? [near, there.pods] : [there.pods, near];
          return { from, to, ports: both };
        }),
    ),
  );
}

/** What of a class of pods the policies of the other end let through. */
const NEAR = remember((pods: PodClass) =>
  inBoth((direction) =>
    rememberList((policies: readonly Policy[]) => mayAllow(PODS, pods, policies, direction, podRegions)),
  ),
);
