import { includes } from '../model/addresses.js';
import type { Address } from '../model/addresses.js';
import { selectsNamespace } from './cluster.js';
import type { Cluster } from './cluster.js';
import type { Pod } from './pod.js';
import type { Peer, Rule } from './policies/policy.js';
import { selects } from './selector.js';

/**
 * How a network plugin reads `ipBlock`, which the API leaves open for addresses inside the cluster (trap S11).
 *
 * An `ipBlock` only ever allows, so what the reading `true` allows contains what `false` allows: `true`, the default, is
 * also the union of both, the one to ask whether something is closed. Ask whether something is *open* under `false`.
 */
export interface Reading {
  /**
   * Whether an `ipBlock` also selects the pods whose addresses it covers.
   * @default true
   */
  readonly ipBlockSelectsPods?: boolean;
}

/** The other end of a connection: a pod, with the address that is used if it has one yet, or an address of no pod. */
export type End =
  | { readonly pod: Pod; readonly address?: Address | undefined }
  | { readonly pod?: undefined; readonly address: Address };

/**
 * Whether a rule's peers cover this end; its ports are another question. Where that is not certain, a rule that accepts
 * covers it and one that denies does not.
 *
 * @param subject the pod that the rule's policy selects
 */
export function covers(cluster: Cluster, rule: Rule, subject: Pod, end: End, reading: Reading): boolean {
  return rule.peers?.some((peer) => peerCovers(cluster, peer, rule.action !== 'Deny', subject, end, reading)) ?? true;
}

function peerCovers(
  cluster: Cluster,
  peer: Peer,
  unsure: boolean,
  subject: Pod,
  { pod, address }: End,
  { ipBlockSelectsPods = true }: Reading,
): boolean {
  const onNode = pod?.hostNetwork === true || (!pod && address !== undefined && includes(cluster.nodes, address));
  switch (peer.kind) {
    case 'pods':
      // A pod on its node's network may be told apart by the plugin, then its labels count, or not, then its address.
      if (pod === undefined || (pod.hostNetwork && peer.hostNetwork !== true)) return false;
      return selectsNamespace(cluster, peer.namespaces, pod.namespace) && selects(peer.pods, pod.labels);
    case 'addresses': {
      if (address === undefined || !includes(peer.addresses, address)) return false;
      if (onNode) return peer.nodes;
      return pod === undefined || peer.pods === 'always' || (peer.pods === 'reading' && ipBlockSelectsPods);
    }
    case 'nodes': {
      if (!onNode || peer.which === 'any') return onNode;
      const own = ownNode(subject, pod, address);
      return own === undefined ? unsure : own === (peer.which === 'own');
    }
    case 'world':
      if (pod !== undefined || onNode || address === undefined || !peer.families.includes(address.family)) return false;
      return unsure || !includes(cluster.apiServer, address);
    case 'kube-apiserver':
      return address !== undefined && includes(cluster.apiServer, address);
    case 'names':
      return pod === undefined && !onNode;
  }
}

/** Whether an address of a node, or a pod on a node's network, is on the node of this pod; undefined when not known. */
function ownNode(subject: Pod, pod: Pod | undefined, address: Address | undefined): boolean | undefined {
  const others = [...(address === undefined ? [] : [address]), ...(pod?.nodeAddresses ?? [])];
  // A node may have addresses beside those that are known of it: only one of the same family tells nodes apart.
  const comparable = others.filter(({ family }) => subject.nodeAddresses.some((own) => own.family === family));
  if (comparable.length === 0) return undefined;
  return comparable.some(({ family, value }) =>
    subject.nodeAddresses.some((own) => own.family === family && own.value === value),
  );
}
