import { FAMILIES } from '../../../model/addresses.js';
import type { Peer } from '../policy.js';

/** What an entity of Cilium stands for: peers, `everything`, or why that is not known here. */
export type Entity = readonly Peer[] | 'everything' | { readonly unsure: string };

const ANY_POD: Peer = { kind: 'pods', namespaces: [], pods: [] };

/** `toEntities` and `fromEntities` of cilium.io/v2 (trap S15: `cluster` includes nodes and the API server). */
export const ENTITIES: Readonly<Record<string, Entity>> = {
  all: 'everything',
  none: [],
  health: [],
  world: [{ kind: 'world', families: FAMILIES }],
  'world-ipv4': [{ kind: 'world', families: [4] }],
  'world-ipv6': [{ kind: 'world', families: [6] }],
  cluster: [ANY_POD, { kind: 'nodes', which: 'any' }, { kind: 'kube-apiserver' }],
  host: [{ kind: 'nodes', which: 'own' }],
  'remote-node': [{ kind: 'nodes', which: 'other' }],
  'kube-apiserver': [{ kind: 'kube-apiserver' }],
  ingress: { unsure: 'opens Cilium’s ingress proxy, which sends on' },
  init: { unsure: 'opens pods that have no identity yet' },
  unmanaged: { unsure: 'opens pods that Cilium does not manage' },
};
