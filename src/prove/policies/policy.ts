import type { AddressSet, Family } from '../../model/addresses.js';
import type { PortSet, Protocol } from '../ports.js';
import type { Selector } from '../selector.js';
export type Direction = 'Ingress' | 'Egress';
export type Tier = { readonly name: 'admin' | 'baseline'; readonly priority: number } | { readonly name: 'normal' };
export interface Policy {
  readonly object: string;
  readonly subject: Subject;
  readonly tier: Tier;
  readonly sides: Readonly<Partial<Record<Direction, Side>>>;
}
export interface Subject {
  readonly namespaces: Selector;
  readonly pods: Selector;
}
export interface Side {
  readonly isolates: boolean;
  readonly rules: readonly Rule[];
}
export interface Rule {
  readonly policy: string;
  readonly field: string;
  readonly action: 'Accept' | 'Deny' | 'Pass';
  readonly peers: readonly Peer[] | undefined;
  readonly ports: PortSet;
  readonly namedPorts: readonly NamedPort[];
  readonly narrowedBy?: string;
}
/** The service account of a pod as one of its labels, as Cilium has it. */
export const SERVICE_ACCOUNT = 'io.cilium.k8s.policy.serviceaccount';
export interface NamedPort {
  readonly protocol: Protocol;
  readonly name: string;
}
export type Peer =
  | { readonly kind: 'pods'; readonly namespaces: Selector; readonly pods: Selector }
  | {
      readonly kind: 'addresses';
      readonly addresses: AddressSet;
      readonly pods: 'reading' | 'always' | 'never';
      readonly nodes: boolean;
    }
  | { readonly kind: 'nodes'; readonly which: 'own' | 'other' | 'any' }
  | { readonly kind: 'world'; readonly families: readonly Family[] }
  | { readonly kind: 'kube-apiserver' }
  | { readonly kind: 'names'; readonly names: readonly string[] };
