import type { Requests } from './admission-policy.js';

export const NETWORK_POLICY = { group: 'networking.k8s.io', version: 'v1', resources: ['networkpolicies'] } as const;
export const CILIUM_POLICY = { group: 'cilium.io', version: 'v2', resources: ['ciliumnetworkpolicies'] } as const;

/** The namespaced kinds that this program renders to allow traffic. */
export const networkObjects = (...operations: Requests['operations']): readonly Requests[] =>
  [NETWORK_POLICY, CILIUM_POLICY].map((kind) => ({ ...kind, operations }));
