import { includes } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';
import { selectsNamespace } from './cluster.js';
import type { Cluster } from './cluster.js';
import type { Pod } from './pod.js';
import type { Direction, Peer, Policy, Rule } from './policy.js';
import { selects } from './selector.js';

/**
 * How a network plugin reads `ipBlock`, which the API leaves open for addresses inside the cluster (trap S11).
 *
 * Allowances only ever add up, so what the reading `true` allows contains what `false` allows: `true`, the default, is
 * also the union of both, the one to ask whether something is closed. Ask whether something is *open* under `false`.
 */
export interface Reading {
  /**
   * Whether an `ipBlock` also selects the pods whose addresses it covers.
   * @default true
   */
  readonly ipBlockSelectsPods?: boolean;
}

/** The policies that isolate a pod in one direction; together their rules are all that is allowed (trap S7). */
export interface Isolation {
  readonly policies: readonly Policy[];
  readonly rules: readonly Rule[];
}

/**
 * What isolates a pod in a direction. `undefined` when no policy does: everything is allowed. That is always so for a
 * pod on its node's network, which plugins may leave out of selection (documentation of NetworkPolicy, "hostNetwork pods").
 */
export type IsolationOf = (pod: Pod, direction: Direction) => Isolation | undefined;

/** Pods of one namespace with the same labels share their answer: replicas are selected once. */
export function isolations(cluster: Cluster): IsolationOf {
  const known = new Map<string, Isolation | undefined>();
  return (pod, direction) => {
    if (pod.hostNetwork) return undefined;
    const key = JSON.stringify([direction, pod.namespace, ...[...pod.labels].sort()]);
    if (!known.has(key)) known.set(key, isolation(cluster, pod, direction));
    return known.get(key);
  };
}

function isolation({ policies }: Cluster, { namespace, labels }: Pod, direction: Direction): Isolation | undefined {
  const isolating = (policies.get(namespace) ?? []).filter(
    ({ rules, subject }) => rules[direction] !== undefined && selects(subject, labels),
  );
  if (isolating.length === 0) return undefined;
  return { policies: isolating, rules: isolating.flatMap(({ rules }) => rules[direction] ?? []) };
}

/** The other end of a connection: a pod, with the address that is used if it has one yet, or an address of no pod. */
export type End =
  | { readonly pod: Pod; readonly address?: Address | undefined }
  | { readonly pod?: undefined; readonly address: Address };

/** Whether a rule's peers cover this end; its ports are another question. */
export function covers(cluster: Cluster, rule: Rule, end: End, reading: Reading): boolean {
  return rule.peers?.some((peer) => peerCovers(cluster, rule.namespace, peer, end, reading)) ?? true;
}

/**
 * A pod on its node's network may be told apart by the plugin, then its labels count, or not, then its node's address
 * does. Either may be how it is read, so either is enough.
 */
function peerCovers(
  cluster: Cluster,
  namespace: string,
  peer: Peer,
  { pod, address }: End,
  { ipBlockSelectsPods = true }: Reading,
): boolean {
  if (peer.kind === 'addresses') {
    return (
      address !== undefined && (ipBlockSelectsPods || !pod || pod.hostNetwork) && includes(peer.addresses, address)
    );
  }
  if (pod === undefined) return false;
  const placed =
    peer.namespaces === undefined
      ? pod.namespace === namespace
      : selectsNamespace(cluster, peer.namespaces, pod.namespace);
  return placed && selects(peer.pods, pod.labels);
}
