import { ALL_ADDRESSES, equal, intersect, NO_ADDRESSES, union } from '../../model/addresses.js';
import type { AddressSet } from '../../model/addresses.js';
import type { Peer, Rule } from '../policies/policy.js';
import { remember } from '../remember.js';
import { classOf } from './pod-class.js';
import type { PodClass } from './pod-class.js';

/** The regions that a rule's peers cover, for `mayAllow`: no less than they do where it accepts, no more where it denies. */
type RegionsOf<Region> = (rule: Rule) => readonly Region[] | 'everything';

function regions<Region>(
  of: (peer: Peer, action: Rule['action']) => Region | 'everything' | undefined,
): RegionsOf<Region> {
  return ({ peers, action }) => {
    if (peers === undefined) return 'everything';
    const covered = peers.map((peer) => of(peer, action)).filter((region) => region !== undefined);
    const bounded = covered.filter((region): region is Exclude<typeof region, 'everything'> => region !== 'everything');
    return bounded.length < covered.length ? 'everything' : bounded;
  };
}

/**
 * Pods, by selectors. Rules by address are left to {@link addressRegions}: whatever address they open counts as open
 * there, be it a pod's or not (trap S11). Only a denial of every address is a denial of every pod.
 */
export const podRegions: RegionsOf<PodClass> = regions((peer, action) => {
  if (peer.kind === 'pods') return classOf(peer.namespaces, peer.pods);
  if (peer.kind === 'addresses' && peer.pods === 'always' && action === 'Deny') {
    return equal(peer.addresses, ALL_ADDRESSES) ? 'everything' : undefined;
  }
  return undefined;
});

/**
 * Addresses, of one rule as one region, however many ranges it names. Cilium's `world` is every address here: its nodes
 * and API server are {@link entityRegions} of their own.
 */
export const addressRegions: RegionsOf<AddressSet> = remember((rule: Rule) => {
  const covered = rangesOf(rule);
  return covered === 'everything' || covered.length === 0 ? covered : [union(...covered)];
});

const rangesOf: RegionsOf<AddressSet> = regions((peer) => {
  switch (peer.kind) {
    case 'addresses':
      return intersect(peer.addresses, ALL_ADDRESSES);
    case 'world':
      return { ...NO_ADDRESSES, ...Object.fromEntries(peer.families.map((family) => [family, ALL_ADDRESSES[family]])) };
    default:
      return undefined;
  }
});

/**
 * What is known by a name and not by addresses: Cilium's `nodes` and `kube-apiserver`, which its rules by address do not
 * match, and hosts (`host:api.example.com`, `host:*.example.com` for a pattern), whose addresses whoever answers for
 * the name chooses (trap B9).
 */
export type Entity = 'nodes' | 'kube-apiserver' | `host:${string}`;

/** Every entity that a rule names, and the two that a rule for everything covers. */
export function entitiesOf(rules: readonly Rule[]): readonly Entity[] {
  const hosts = rules.flatMap(({ peers }) => peers?.flatMap((peer) => (peer.kind === 'names' ? peer.names : [])) ?? []);
  return ['nodes', 'kube-apiserver', ...[...new Set(hosts)].sort().map((name): Entity => `host:${name}`)];
}

/** A region with one member, the entity. A denial of the own node alone, or of others alone, denies no node for certain. */
export const entityRegions = (entity: Entity): RegionsOf<Entity> =>
  regions((peer, action) => {
    switch (peer.kind) {
      case 'nodes':
        return entity === 'nodes' && (action === 'Accept' || peer.which === 'any') ? entity : undefined;
      case 'kube-apiserver':
        return entity === peer.kind ? entity : undefined;
      case 'names':
        return peer.names.some((name) => entity === `host:${name}`) ? entity : undefined;
      case 'world':
        return entity.startsWith('host:') ? entity : undefined;
      default:
        return undefined;
    }
  });
