import { includes } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';
import { selectsNamespace } from './cluster.js';
import type { Cluster } from './cluster.js';
import type { Pod } from './pod.js';
import type { Direction, Peer, Policy, Rule } from './policies/policy.js';
import { selects } from './selector.js';

/**
 * How a network plugin reads `ipBlock`, which the API leaves open for addresses inside the cluster (trap S11).
 *
 * Allowances of NetworkPolicy only ever add up, so what the reading `true` allows contains what `false` allows: `true`,
 * the default, is also the union of both, the one to ask whether something is closed. Ask whether something is *open*
 * under `false`.
 */
export interface Reading {
  /**
   * Whether an `ipBlock` also selects the pods whose addresses it covers.
   * @default true
   */
  readonly ipBlockSelectsPods?: boolean;
}

/** The policies that select a pod in one direction, with their rules in the order in which they are asked. */
export interface Isolation {
  readonly policies: readonly Policy[];
  /** A policy of the normal tier isolates: what no rule allows is denied. */
  readonly isolates: boolean;
  readonly admin: readonly Rule[];
  /** Of the normal tier: denials, which beat every allowance (Cilium). */
  readonly deny: readonly Rule[];
  /** Of the normal tier; together they are all that is allowed (trap S7). */
  readonly allow: readonly Rule[];
  readonly baseline: readonly Rule[];
}

/**
 * What selects a pod in a direction. `undefined` when no policy does: everything is allowed. That is always so for a
 * pod on its node's network, which plugins may leave out of selection (documentation of NetworkPolicy, "hostNetwork pods").
 */
export type IsolationOf = (pod: Pod, direction: Direction) => Isolation | undefined;

/** Pods of one namespace with the same labels share their answer: replicas are selected once. */
export function isolations(cluster: Cluster): IsolationOf {
  const known = new Map<string, Isolation | undefined>();
  const inNamespace = new Map<string, readonly Policy[]>();
  return (pod, direction) => {
    if (pod.hostNetwork) return undefined;
    const key = JSON.stringify([direction, pod.namespace, ...[...pod.identity].sort()]);
    if (!known.has(key)) {
      const candidates = inNamespace.get(pod.namespace) ?? policiesIn(cluster, pod.namespace);
      inNamespace.set(pod.namespace, candidates);
      known.set(key, isolation(candidates, pod, direction));
    }
    return known.get(key);
  };
}

const policiesIn = (cluster: Cluster, namespace: string): readonly Policy[] =>
  cluster.policies.filter(({ subject }) => selectsNamespace(cluster, subject.namespaces, namespace));

function isolation(candidates: readonly Policy[], { identity }: Pod, direction: Direction): Isolation | undefined {
  const policies = candidates.filter(
    ({ sides, subject }) => sides[direction] !== undefined && selects(subject.pods, identity),
  );
  return policies.length === 0 ? undefined : inTiers(policies, direction);
}

/** The rules of policies that select a pod, by tier. */
export function inTiers(policies: readonly Policy[], direction: Direction): Isolation {
  const priority = ({ tier }: Policy): number => (tier.name === 'normal' ? 0 : tier.priority);
  const rules = (name: Policy['tier']['name']): readonly Rule[] =>
    policies
      .filter(({ tier }) => tier.name === name)
      .sort((a, b) => priority(a) - priority(b))
      .flatMap(({ sides }) => sides[direction]?.rules ?? []);
  const normal = rules('normal');
  return {
    policies,
    isolates: policies.some(({ tier, sides }) => tier.name === 'normal' && sides[direction]?.isolates),
    admin: rules('admin'),
    deny: normal.filter(({ action }) => action === 'Deny'),
    allow: normal.filter(({ action }) => action === 'Accept'),
    baseline: rules('baseline'),
  };
}

export const rulesOf = ({ admin, deny, allow, baseline }: Isolation): readonly Rule[] => [
  ...admin,
  ...deny,
  ...allow,
  ...baseline,
];

/** The other end of a connection: a pod, with the address that is used if it has one yet, or an address of no pod. */
export type End =
  | { readonly pod: Pod; readonly address?: Address | undefined }
  | { readonly pod?: undefined; readonly address: Address };

/** Whether a rule's peers cover this end; its ports are another question. */
export function covers(cluster: Cluster, rule: Rule, end: End, reading: Reading): boolean {
  return rule.peers?.some((peer) => peerCovers(cluster, peer, end, reading)) ?? true;
}

/**
 * A pod on its node's network may be told apart by the plugin, then its labels count, or not, then its node's address
 * does. Either may be how it is read, so either is enough.
 */
function peerCovers(
  cluster: Cluster,
  peer: Peer,
  { pod, address }: End,
  { ipBlockSelectsPods = true }: Reading,
): boolean {
  const isNode = pod === undefined ? address !== undefined && includes(cluster.nodes, address) : pod.hostNetwork;
  const isApiServer = address !== undefined && includes(cluster.apiServer, address);
  switch (peer.kind) {
    case 'pods':
      return (
        pod !== undefined &&
        selectsNamespace(cluster, peer.namespaces, pod.namespace) &&
        selects(peer.pods, pod.identity)
      );
    case 'addresses': {
      if (address === undefined || !includes(peer.addresses, address)) return false;
      if (isNode || isApiServer) return peer.nodes;
      return pod === undefined || peer.pods === 'always' || (peer.pods === 'reading' && ipBlockSelectsPods);
    }
    case 'nodes':
      return isNode;
    case 'kube-apiserver':
      return isApiServer;
    case 'world':
      return (
        pod === undefined && !isNode && !isApiServer && address !== undefined && peer.families.includes(address.family)
      );
    case 'names':
      // Whoever answers for the name chooses the address: each that is no pod's and no node's may be meant.
      return pod === undefined && !isNode && !isApiServer;
  }
}
