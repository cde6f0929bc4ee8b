import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import { ADDRESSES, PODS } from '../classes/pieces.js';
import { mayMatch } from '../classes/allowed.js';
import { addressRegions, entityRegions, podRegions } from '../classes/regions.js';
import type { Cell } from '../classes/flows.js';
import type { Rule } from '../policies/policy.js';
import { intersect, isEmpty } from '../ports.js';
import type { PortSet } from '../ports.js';
import type { UnintendedFar } from './violations.js';

/** A rule that accepts packets, and on which of the ports in question. */
export interface Accepting {
  readonly rule: Rule;
  readonly ports: PortSet;
}

/** The rules of a cell's policies that accept packets between it and a far end on some of these ports. */
export function acceptingRules(
  { policies, direction }: Cell,
  far: UnintendedFar,
  ports: PortSet,
): readonly Accepting[] {
  return policies
    .flatMap(({ sides }) => sides[direction]?.rules ?? [])
    .filter((rule) => rule.action === 'Accept' && covers(rule, far))
    .map((rule) => ({ rule, ports: intersect(mayMatch(rule), ports) }))
    .filter((accepting) => !isEmpty(accepting.ports));
}

function covers(rule: Rule, far: UnintendedFar): boolean {
  switch (far.kind) {
    case 'pods':
      return meets(podRegions(rule), (region) => PODS.meet(region, far.pods) !== undefined);
    case 'addresses':
      return meets(addressRegions(rule), (region) => ADDRESSES.meet(region, far.addresses) !== undefined);
    case 'entity':
      return meets(entityRegions(far.entity)(rule), () => true);
  }
}

const meets = <Region>(regions: readonly Region[] | 'everything', test: (region: Region) => boolean): boolean =>
  regions === 'everything' || regions.some(test);

/** Whether a rule picks namespaces by labels that others than the API server set (trap of the runbook; threat T8). */
export const goesByNamespaceLabel = ({ peers }: Rule): boolean =>
  peers?.some(
    (peer) =>
      peer.kind === 'pods' &&
      peer.namespaces.length > 0 &&
      !peer.namespaces.some(({ key, operator }) => key === NAMESPACE_NAME_LABEL && operator === 'In'),
  ) ?? false;
