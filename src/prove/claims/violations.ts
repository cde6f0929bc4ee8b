import type { AddressSet } from '../../model/addresses.js';
import { ADDRESSES, minusPieces, PODS, split } from '../classes/pieces.js';
import type { Piece } from '../classes/pieces.js';
import { meetClass, minusClass } from '../classes/pod-class.js';
import type { PodClass } from '../classes/pod-class.js';
import { bothSides, cellsOf, farEnds, mayDecide } from '../classes/flows.js';
import type { Cell, FarEnds } from '../classes/flows.js';
import type { Entity } from '../classes/regions.js';
import type { Direction, Policy } from '../policies/policy.js';
import { isEmpty, subtract } from '../ports.js';
import type { PortSet } from '../ports.js';
import { remember, rememberList } from '../remember.js';
import type { Far, Intent, IntendedEdge, Role } from './intent.js';

/** Pods of one role, or of none, that are treated alike in one direction: by policies and by what is intended for them. */
export interface Judged {
  readonly cell: Cell;
  /** Absent for pods in an agents' namespace that carry no role's labels. */
  readonly role?: Role;
  readonly edges: readonly IntendedEdge[];
}

export type UnintendedFar =
  | { readonly kind: 'pods'; readonly pods: PodClass }
  | { readonly kind: 'addresses'; readonly addresses: AddressSet }
  | { readonly kind: 'entity'; readonly entity: Entity };

/** Packets that may pass and must not. */
export interface Violation {
  readonly judged: Judged;
  readonly near: PodClass;
  readonly far: UnintendedFar;
  /** Of the destination. */
  readonly ports: PortSet;
}

/**
 * Every pod that admission lets be in the agents' namespaces, in disjoint groups that are treated alike, for one set of
 * policies after the other.
 *
 * @param admissible the pods that admission lets be in a namespace
 */
export const judging = (
  intent: Intent,
  admissible: (namespace: string) => readonly PodClass[],
): ((policies: readonly Policy[]) => readonly Judged[]) => JUDGING(intent)(admissible);

const JUDGING = remember((intent: Intent) =>
  remember((admissible: (namespace: string) => readonly PodClass[]) => {
    const parts = intent.namespaces.flatMap(admissible).flatMap((pods) => byRole(pods, intent.roles));
    return (policies: readonly Policy[]): readonly Judged[] =>
      parts.flatMap(({ pods, role }) =>
        directions.flatMap((way) => cellsOf(policies, pods, way).flatMap((cell) => JUDGED(cell)(role ?? NO_ROLE))),
      );
  }),
);

const directions: readonly Direction[] = ['Egress', 'Ingress'];

interface Part {
  readonly pods: PodClass;
  readonly role?: Role;
}

function byRole(pods: PodClass, roles: readonly Role[]): readonly Part[] {
  let rest: readonly PodClass[] = [pods];
  const parts: Part[] = [];
  for (const role of roles) {
    parts.push(...rest.flatMap((part) => meetClass(part, role.pods) ?? []).map((part) => ({ pods: part, role })));
    rest = rest.flatMap((part) => minusClass(part, role.pods));
  }
  return [...parts, ...rest.map((part) => ({ pods: part }))];
}

const NO_ROLE = 'none';

const JUDGED = remember((cell: Cell) => {
  const none = [{ cell, edges: [] }];
  const byEdges = remember((role: Role) => judgeRole(cell, role));
  return (role: Role | typeof NO_ROLE): readonly Judged[] => (role === NO_ROLE ? none : byEdges(role));
});

/** Split by the edges that hold for some pods of the role only. */
function judgeRole(cell: Cell, role: Role): readonly Judged[] {
  return role.edges
    .filter(({ direction }) => direction === cell.direction)
    .reduce<readonly Judged[]>(
      (judged, edge) =>
        judged.flatMap((now) => {
          const { inside, outside } = split(PODS, now.cell.pods, [edge.near]);
          return [
            ...outside.map((part) => ({ ...now, cell: { ...now.cell, pods: part } })),
            ...inside.map((part) => ({ ...now, cell: { ...now.cell, pods: part }, edges: [...now.edges, edge] })),
          ];
        }),
      [{ cell, role, edges: [] }],
    );
}

/** What may pass between the judged pods and whomever, and is not intended. */
export function violationsOf(policies: readonly Policy[], judged: Judged): readonly Violation[] {
  const { pods, others } = UNINTENDED(judged);
  if (pods.length === 0) return others;
  return [...TO_PODS(judged)(policies.filter((policy) => DECIDES(judged)(policy).there)), ...others];
}

/** Far ends that the judged pods' own policies let through and no edge intends. */
const UNINTENDED = remember((judged: Judged) => {
  const { cell, edges } = judged;
  const far = farEnds(cell);
  const unintended = minusPieces(
    ADDRESSES,
    far.addresses,
    farPieces(edges, 'addresses', ({ addresses }) => [addresses]),
  );
  const violation = (end: UnintendedFar, ports: PortSet): Violation => ({ judged, near: cell.pods, far: end, ports });
  return {
    pods: unintendedPods(far, edges),
    others: [
      ...unintended.map(({ region, ports }) => violation({ kind: 'addresses', addresses: region }, ports)),
      ...unintendedEntities(far, edges).map(({ region, ports }) =>
        violation({ kind: 'entity', entity: region }, ports),
      ),
    ],
  };
});

/** Whether a policy says anything about some pod at an unintended far end: no other changes the verdict. */
const DECIDES = remember((judged: Judged) => {
  const other: Direction = judged.cell.direction === 'Egress' ? 'Ingress' : 'Egress';
  const { pods } = UNINTENDED(judged);
  return remember((policy: Policy) => ({ there: pods.some(({ region }) => mayDecide(policy, region, other)) }));
});

const TO_PODS = remember((judged: Judged) =>
  rememberList((policies: readonly Policy[]) =>
    bothSides(policies, judged.cell, UNINTENDED(judged).pods).map(({ from, to, ports }): Violation => {
      const [near, pods] = judged.cell.direction === 'Egress' ? [from, to] : [to, from];
      return { judged, near, far: { kind: 'pods', pods }, ports };
    }),
  ),
);

const unintendedPods = (far: FarEnds, edges: readonly IntendedEdge[]): readonly Piece<PodClass>[] =>
  minusPieces(
    PODS,
    far.pods,
    farPieces(edges, 'pods', ({ pods }) => [pods]),
  );

function unintendedEntities(far: FarEnds, edges: readonly IntendedEdge[]): readonly Piece<Entity>[] {
  const intended = farPieces(edges, 'hosts', ({ hosts }) => hosts.map((host): Entity => `host:${host}`));
  return far.entities
    .map(({ region, ports }) => ({
      region,
      ports: intended
        .filter((piece) => piece.region === region)
        .reduce((left, piece) => subtract(left, piece.ports), ports),
    }))
    .filter(({ ports }) => !isEmpty(ports));
}

type FarOf<Kind extends Far['kind']> = Extract<Far, { readonly kind: Kind }>;

/** The far ends of one kind that the edges intend, as pieces. */
function farPieces<Kind extends Far['kind'], Region>(
  edges: readonly IntendedEdge[],
  kind: Kind,
  regions: (far: FarOf<Kind>) => readonly Region[],
): readonly Piece<Region>[] {
  return edges.flatMap(({ far, ports }) =>
    far.kind === kind ? regions(far as FarOf<Kind>).map((region) => ({ region, ports })) : [],
  );
}
