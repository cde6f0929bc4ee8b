import type { AddressSet } from '../../model/addresses.js';
import { ADDRESSES, minusPieces, PODS, portsOfPieces, split } from '../classes/pieces.js';
import type { Piece } from '../classes/pieces.js';
import { isWithinClass, meetClass, minusClass } from '../classes/pod-class.js';
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

/** An edge that must be open and is not, or not on all its ports. */
export interface Missing {
  readonly judged: Judged;
  readonly edge: IntendedEdge;
  readonly ports: PortSet;
}

/**
 * Every pod that admission lets be in the agents' namespaces, in disjoint groups that are treated alike, for one set of
 * policies after the other.
 *
 * @param admissible the pods that admission lets be in a namespace
 */
export function judging(
  intent: Intent,
  admissible: (namespace: string) => readonly PodClass[],
): (policies: readonly Policy[]) => readonly Judged[] {
  const parts = intent.namespaces.flatMap(admissible).flatMap((pods) => byRole(pods, intent.roles));
  return (policies) =>
    parts.flatMap(({ pods, role }) =>
      directions.flatMap((way) => cellsOf(policies, pods, way).flatMap((cell) => JUDGED(cell)(role ?? NO_ROLE))),
    );
}

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

/** Of policies, those that decide about some pod at a far end of the judged: no other changes the verdict. */
const AT_FAR_END = remember((judged: Judged) => {
  const { direction } = judged.cell;
  const far = farEnds(judged.cell).pods;
  const other: Direction = direction === 'Egress' ? 'Ingress' : 'Egress';
  return remember((policy: Policy) => ({ there: far.some(({ region }) => mayDecide(policy, region, other)) }));
});

const atFarEnd = (policies: readonly Policy[], judged: Judged): readonly Policy[] =>
  policies.filter((policy) => AT_FAR_END(judged)(policy).there);

/** What may pass between the judged pods and whomever, and is not intended. */
export const violationsOf = (policies: readonly Policy[], judged: Judged): readonly Violation[] =>
  VIOLATIONS(judged)(atFarEnd(policies, judged));

const VIOLATIONS = remember((judged: Judged) =>
  rememberList((policies: readonly Policy[]) => violationsWith(policies, judged)),
);

function violationsWith(policies: readonly Policy[], judged: Judged): readonly Violation[] {
  const { cell, edges } = judged;
  const far = farEnds(cell);
  const violation = (near: PodClass, unintended: UnintendedFar, ports: PortSet): Violation => ({
    judged,
    near,
    far: unintended,
    ports,
  });
  return [
    ...bothSides(policies, cell, unintendedPods(far, edges)).map(({ from, to, ports }) =>
      cell.direction === 'Egress'
        ? violation(from, { kind: 'pods', pods: to }, ports)
        : violation(to, { kind: 'pods', pods: from }, ports),
    ),
    ...minusPieces(
      ADDRESSES,
      far.addresses,
      farPieces(edges, 'addresses', ({ addresses }) => [addresses]),
    ).map(({ region, ports }) => violation(cell.pods, { kind: 'addresses', addresses: region }, ports)),
    ...unintendedEntities(far, edges).map(({ region, ports }) =>
      violation(cell.pods, { kind: 'entity', entity: region }, ports),
    ),
  ];
}

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

/**
 * Edges of the judged pods that the policies do not let through on every one of their ports, at either end. The other
 * end's policies may let some of the judged pods through and not the rest: each part is asked by itself.
 */
export const missingOf = (policies: readonly Policy[], judged: Judged): readonly Missing[] =>
  MISSING(judged)(atFarEnd(policies, judged));

const MISSING = remember((judged: Judged) =>
  rememberList((policies: readonly Policy[]) => missingWith(policies, judged)),
);

function missingWith(policies: readonly Policy[], judged: Judged): readonly Missing[] {
  const { cell, edges } = judged;
  const far = farEnds(cell);
  const flows = bothSides(policies, cell, far.pods).map(({ from, to, ports }) =>
    cell.direction === 'Egress' ? { near: from, region: to, ports } : { near: to, region: from, ports },
  );
  const parts = flows.reduce<readonly PodClass[]>(
    (all, { near }) =>
      isWithinClass(cell.pods, near)
        ? all
        : all.flatMap((part) => {
            const { inside, outside } = split(PODS, part, [near]);
            return [...inside, ...outside];
          }),
    [cell.pods],
  );
  return edges.flatMap((edge) =>
    parts.flatMap((part): Missing[] => {
      const pods = flows.filter(({ near }) => meetClass(part, near) !== undefined);
      const ports = closedPorts(edge, { ...far, pods });
      return isEmpty(ports) ? [] : [{ judged: { ...judged, cell: { ...cell, pods: part } }, edge, ports }];
    }),
  );
}

function closedPorts({ far, ports }: IntendedEdge, open: FarEnds): PortSet {
  switch (far.kind) {
    case 'pods':
      return portsOfPieces(minusPieces(PODS, [{ region: far.pods, ports }], open.pods));
    case 'addresses':
      return portsOfPieces(minusPieces(ADDRESSES, [{ region: far.addresses, ports }], open.addresses));
    case 'hosts': {
      const closed = far.hosts.map((host) =>
        open.entities
          .filter(({ region }) => region === `host:${host}`)
          .reduce((left, piece) => subtract(left, piece.ports), ports),
      );
      return portsOfPieces(closed.map((left) => ({ region: far, ports: left })));
    }
  }
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
