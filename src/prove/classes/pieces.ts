import * as addresses from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import { intersect, isEmpty, subtract, union } from '../ports.js';
import type { PortSet } from '../ports.js';
import { meetClass, minusClass } from './pod-class.js';
import type { PodClass } from './pod-class.js';

/** The algebra of a kind of region: sets of pods or of addresses. No region is empty. */
export interface Space<Region> {
  /** What both have in common; undefined for nothing. */
  readonly meet: (a: Region, b: Region) => Region | undefined;
  /** What is left of `a` without `b`, in disjoint regions. */
  readonly minus: (a: Region, b: Region) => readonly Region[];
}

export const PODS: Space<PodClass> = { meet: meetClass, minus: minusClass };

export const ADDRESSES: Space<AddressSet> = {
  meet: (a, b) => nonEmpty(addresses.intersect(a, b))[0],
  minus: (a, b) => nonEmpty(addresses.subtract(a, b)),
};

const nonEmpty = (set: AddressSet): readonly AddressSet[] => (addresses.isEmpty(set) ? [] : [set]);

/** A region, all of whose members are treated alike: on these ports. */
export interface Piece<Region> {
  readonly region: Region;
  readonly ports: PortSet;
}

/** A region split by others: the parts inside at least one of them, and the parts outside all. All disjoint. */
export function split<Region>(
  { meet, minus }: Space<Region>,
  whole: Region,
  by: readonly Region[],
): { readonly inside: readonly Region[]; readonly outside: readonly Region[] } {
  const inside: Region[] = [];
  let outside: readonly Region[] = [whole];
  for (const region of by) {
    inside.push(...outside.flatMap((part) => meet(part, region) ?? []));
    outside = outside.flatMap((part) => minus(part, region));
  }
  return { inside, outside };
}

/** What of the pieces, region by region and port by port, none of `others` holds. */
export function minusPieces<Region>(
  space: Space<Region>,
  pieces: readonly Piece<Region>[],
  others: readonly Piece<Region>[],
): readonly Piece<Region>[] {
  return others.reduce<readonly Piece<Region>[]>((rest, other) => {
    return rest.flatMap((piece) => {
      if (isEmpty(intersect(piece.ports, other.ports))) return [piece];
      const common = space.meet(piece.region, other.region);
      if (common === undefined) return [piece];
      const left = subtract(piece.ports, other.ports);
      return [
        ...space.minus(piece.region, other.region).map((region) => ({ region, ports: piece.ports })),
        ...(isEmpty(left) ? [] : [{ region: common, ports: left }]),
      ];
    });
  }, pieces);
}

/** All ports of the pieces together. */
export const portsOfPieces = (pieces: readonly Piece<unknown>[]): PortSet =>
  union(...pieces.map(({ ports }) => ports), NONE);

const NONE: PortSet = { TCP: [], UDP: [], SCTP: [], other: false };
