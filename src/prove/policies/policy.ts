import type { AddressSet, Family } from '../../model/addresses.js';
import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { PortSet, Protocol } from '../ports.js';
import type { Selector } from '../selector.js';

export type Direction = 'Ingress' | 'Egress';

/**
 * Which verdict comes first: admin, then normal, then baseline (ClusterNetworkPolicy v1alpha2). In admin and baseline
 * a lower priority wins, and the first rule that matches decides; in the normal tier rules only ever add up, but that
 * Cilium's denials beat every allowance.
 */
export type Tier = { readonly name: 'admin' | 'baseline'; readonly priority: number } | { readonly name: 'normal' };

/** One policy of any kind, after defaulting. An object with `specs[]` is several. */
export interface Policy {
  /** As `NetworkPolicy ns/name`, `ClusterNetworkPolicy name`. */
  readonly object: string;
  readonly subject: Subject;
  readonly tier: Tier;
  /** Absent for a direction that the policy leaves alone. */
  readonly sides: Readonly<Partial<Record<Direction, Side>>>;
}

/** Whom it selects. Pods on their node's network are never selected. */
export interface Subject {
  readonly namespaces: Selector;
  readonly pods: Selector;
}

export interface Side {
  /** In the normal tier: what no rule allows is denied. */
  readonly isolates: boolean;
  /** In the order of the object. */
  readonly rules: readonly Rule[];
}

export interface Rule {
  /** {@link Policy.object} */
  readonly policy: string;
  /** As `spec.egress[0]`. */
  readonly field: string;
  readonly action: 'Accept' | 'Deny' | 'Pass';
  /** `undefined`: everyone and everything, in and out of the cluster (trap S1). An empty list: nobody. */
  readonly peers: readonly Peer[] | undefined;
  /** What the rule says by number. */
  readonly ports: PortSet;
  /** What it says by name, which only the destination pod can translate (trap S9). */
  readonly namedPorts: readonly NamedPort[];
  /** Something that is not evaluated narrows the rule: rules about HTTP or DNS, server names, authentication. */
  readonly narrowedBy?: string;
}

export interface NamedPort {
  readonly protocol: Protocol;
  readonly name: string;
}

export type Peer =
  | { readonly kind: 'pods'; readonly namespaces: Selector; readonly pods: Selector }
  /**
   * `pods`: whether it also selects pods by their addresses: as the reading says (NetworkPolicy, trap S11), always
   * (ClusterNetworkPolicy) or never (Cilium). `nodes`: the same for nodes.
   */
  | {
      readonly kind: 'addresses';
      readonly addresses: AddressSet;
      readonly pods: 'reading' | 'always' | 'never';
      readonly nodes: boolean;
    }
  /** Nodes and what runs on their network: Cilium's `host` (own) and `remote-node` (other), ClusterNetworkPolicy's `nodes`. */
  | { readonly kind: 'nodes'; readonly which: 'own' | 'other' | 'any' }
  /** Cilium's `world`: addresses that are no pod's, no node's and not the API server's. */
  | { readonly kind: 'world'; readonly families: readonly Family[] }
  | { readonly kind: 'kube-apiserver' }
  /** Hosts by exact name or pattern (`*.example.com`): whatever addresses somebody answers for them. */
  | { readonly kind: 'names'; readonly names: readonly string[] };

/** The service account of a pod as one of its labels, as Cilium has it. */
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

/** The selector of one namespace, by the label that only the API server sets. */
export const namespaceNamed = (name: string): Selector => [
  { key: NAMESPACE_NAME_LABEL, operator: 'In', values: new Set([name]) },
];
