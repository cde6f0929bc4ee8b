import type { AddressSet, Family } from '../../model/addresses.js';
import type { PortSet, Protocol } from '../ports.js';
import type { Selector } from '../selector.js';

export type Direction = 'Ingress' | 'Egress';

/**
 * Which verdict comes first: admin, then normal, then baseline (policy.networking.k8s.io/v1alpha2). In admin and
 * baseline a lower priority wins and the first rule that matches decides. NetworkPolicy and Cilium's kinds are normal.
 */
export type Tier = { readonly name: 'admin' | 'baseline'; readonly priority: number } | { readonly name: 'normal' };

/** One policy of any kind, after defaulting. An object with `specs[]` gives one for each, told apart by their fields. */
export interface Policy {
  /** `NetworkPolicy ns/name`, `ClusterNetworkPolicy name`. */
  readonly object: string;
  readonly subject: Subject;
  readonly tier: Tier;
  /** Absent: the policy leaves that direction alone. */
  readonly sides: Readonly<Partial<Record<Direction, Side>>>;
}

/** Whom it selects; its own namespace is written as `kubernetes.io/metadata.name In {ns}`. Never host-network pods. */
export interface Subject {
  readonly namespaces: Selector;
  readonly pods: Selector;
}

export interface Side {
  /** Whether what no rule allows is denied. False for Cilium's `enableDefaultDeny: false`, and in admin and baseline. */
  readonly isolates: boolean;
  /** In the order of the object. */
  readonly rules: readonly Rule[];
}

export interface Rule {
  /** As {@link Policy.object}. */
  readonly policy: string;
  /** `spec.egress[0]`, `spec.egressDeny[1]`. */
  readonly field: string;
  /** In the normal tier `Deny` is final, whatever the order. */
  readonly action: 'Accept' | 'Deny' | 'Pass';
  /** `undefined`: everyone and everything, in and out of the cluster (trap S1). An empty list: nobody. */
  readonly peers: readonly Peer[] | undefined;
  /** What the rule says by number. */
  readonly ports: PortSet;
  /** What it says by name, which only the destination pod can translate (trap S9). */
  readonly namedPorts: readonly NamedPort[];
  /**
   * What narrows the rule further and is not modelled: paths, DNS names, server names, authentication. An `Accept`
   * counts in full when asked whether something is closed, a `Deny` not at all.
   */
  readonly narrowedBy?: string;
}

/** The service account of a pod as one of its labels, as Cilium has it; selectors of pods may name it. */
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';

export interface NamedPort {
  readonly protocol: Protocol;
  readonly name: string;
}

export type Peer =
  | {
      readonly kind: 'pods';
      readonly namespaces: Selector;
      readonly pods: Selector;
      /** Whether pods on their node's network may be told apart by their labels (NetworkPolicy leaves that open). */
      readonly hostNetwork?: true;
    }
  /** Addresses, and whether pods and nodes are also selected by theirs. */
  | {
      readonly kind: 'addresses';
      readonly addresses: AddressSet;
      /** `reading`: as the plugin reads it (NetworkPolicy, trap S11). `always`: ClusterNetworkPolicy. `never`: Cilium. */
      readonly pods: 'reading' | 'always' | 'never';
      readonly nodes: boolean;
    }
  /** Addresses of nodes, and the pods on their network: `own` that of the pod itself, `other` the rest. */
  | { readonly kind: 'nodes'; readonly which: 'own' | 'other' | 'any' }
  /** Addresses that are no pod's, no node's and not the API server's. */
  | { readonly kind: 'world'; readonly families: readonly Family[] }
  | { readonly kind: 'kube-apiserver' }
  /** Whatever addresses a resolver answers for these names; counts as any outside address when asked what is closed. */
  | { readonly kind: 'names'; readonly names: readonly string[] };
