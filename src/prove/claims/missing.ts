import { bothSides, farEnds, mayDecide } from '../classes/flows.js';
import { ADDRESSES, minusPieces, PODS, portsOfPieces, split } from '../classes/pieces.js';
import { isWithinClass, meetClass, overlapClass } from '../classes/pod-class.js';
import type { PodClass } from '../classes/pod-class.js';
import type { Direction, Policy } from '../policies/policy.js';
import { isEmpty, subtract } from '../ports.js';
import type { PortSet } from '../ports.js';
import { remember, rememberList } from '../remember.js';
import type { IntendedEdge } from './intent.js';
import type { Judged } from './violations.js';

/** An edge that must be open and is not, or not on all its ports. */
export interface Missing {
  readonly judged: Judged;
  readonly edge: IntendedEdge;
  readonly ports: PortSet;
}

/** Edges of the judged pods that the policies do not let through on every one of their ports, at either end. */
export const missingOf = (policies: readonly Policy[], judged: Judged): readonly Missing[] =>
  judged.edges.flatMap((edge) => {
    const { far } = edge;
    // Only what decides about the edge's other end changes the answer about it.
    const there = far.kind === 'pods' ? policies.filter((policy) => mayDecide(policy, far.pods, otherEnd(judged))) : [];
    return MISSING(judged)(edge)(there);
  });

const otherEnd = ({ cell }: Judged): Direction => (cell.direction === 'Egress' ? 'Ingress' : 'Egress');

const MISSING = remember((judged: Judged) =>
  remember((edge: IntendedEdge) =>
    rememberList((policies: readonly Policy[]): readonly Missing[] =>
      closedParts(policies, judged, edge).map(({ pods, ports }) => ({
        ...{ judged: { ...judged, cell: { ...judged.cell, pods } }, edge, ports },
      })),
    ),
  ),
);

interface Closed {
  readonly pods: PodClass;
  readonly ports: PortSet;
}

/**
 * For which of the judged pods an edge is closed, on which ports. The other end's policies may let some of them through
 * and not the rest: each part is asked by itself.
 */
function closedParts(policies: readonly Policy[], { cell }: Judged, { far, ports }: IntendedEdge): readonly Closed[] {
  const whole = (left: PortSet): readonly Closed[] => (isEmpty(left) ? [] : [{ pods: cell.pods, ports: left }]);
  const open = farEnds(cell);
  switch (far.kind) {
    case 'addresses':
      return whole(portsOfPieces(minusPieces(ADDRESSES, [{ region: far.addresses, ports }], open.addresses)));
    case 'hosts': {
      const closed = far.hosts.map((host) =>
        open.entities
          .filter(({ region }) => region === `host:${host}`)
          .reduce((left, piece) => subtract(left, piece.ports), ports),
      );
      return whole(portsOfPieces(closed.map((left) => ({ region: far, ports: left }))));
    }
    case 'pods': {
      const pieces = open.pods.flatMap((piece) => {
        const region = meetClass(piece.region, far.pods);
        return region === undefined ? [] : [{ ...piece, region }];
      });
      const flows = bothSides(policies, cell, pieces).map(({ from, to, ports: both }) =>
        cell.direction === 'Egress' ? { near: from, region: to, ports: both } : { near: to, region: from, ports: both },
      );
      return partsBy(
        cell.pods,
        flows.map(({ near }) => near),
      ).flatMap((part) => {
        const through = flows.filter(({ near }) => overlapClass(part, near));
        const left = portsOfPieces(minusPieces(PODS, [{ region: far.pods, ports }], through));
        return isEmpty(left) ? [] : [{ pods: part, ports: left }];
      });
    }
  }
}

/** The class in disjoint parts, each within or outside every one of the others. */
const partsBy = (pods: PodClass, others: readonly PodClass[]): readonly PodClass[] =>
  others.reduce<readonly PodClass[]>(
    (parts, other) =>
      isWithinClass(pods, other)
        ? parts
        : parts.flatMap((part) => {
            const { inside, outside } = split(PODS, part, [other]);
            return [...inside, ...outside];
          }),
    [pods],
  );
