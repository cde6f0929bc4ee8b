import type { Direction, Policy } from '../policies/policy.js';
import { union } from '../ports.js';
import type { PortSet } from '../ports.js';
import { describeClass } from './describe.js';
import { bothSides, cellsOf, farEnds } from './flows.js';
import type { PodClass } from './pod-class.js';

/** Pods that do not exist yet, in words, and the ports on which they could be reached, or could reach. */
export interface Exposed {
  readonly pods: string;
  readonly ports: PortSet;
}

/**
 * Which pods that could exist some pods may reach (`Egress`) or be reached by (`Ingress`), as far as both ends' policies
 * let them: of the pods themselves, and those of the namespace that the others would be in.
 */
export function exposure(policies: readonly Policy[], pods: PodClass, direction: Direction): readonly Exposed[] {
  const flows = cellsOf(policies, pods, direction).flatMap((cell) => bothSides(policies, cell, farEnds(cell).pods));
  const described = flows.map(({ from, to, ports }) => ({
    pods: describeClass(direction === 'Egress' ? to : from),
    ports,
  }));
  return [...Map.groupBy(described, (exposed) => exposed.pods)]
    .map(([text, same]) => ({ pods: text, ports: union(...same.map(({ ports }) => ports)) }))
    .sort((a, b) => (a.pods < b.pods ? -1 : 1));
}
