import { Construct } from 'constructs';
import { GROUPS } from '../../model/names.js';
import { agentNamespaces } from '../cluster-deny.js';
import { AdmissionPolicy, type AdmissionProps } from './admission-policy.js';
import { BREAK_GLASS } from './callers.js';

/** Namespaced kinds that allow or redirect traffic, some of them before any NetworkPolicy is asked. */
const KINDS = [
  { group: 'projectcalico.org', version: 'v3', resources: ['networkpolicies'] },
  { group: 'crd.projectcalico.org', version: 'v1', resources: ['networkpolicies'] },
  { group: 'crd.antrea.io', version: 'v1beta1', resources: ['networkpolicies'] },
  { group: 'cilium.io', version: 'v2', resources: ['ciliumenvoyconfigs', 'ciliumlocalredirectpolicies'] },
] as const;

/**
 * Agents' namespaces hold NetworkPolicies and CiliumNetworkPolicies only; no other kind of policy can open anything, or
 * lead the address of a Service elsewhere (GHSA-q6h5-q3q6-f87x).
 * Makes `portarium-network-foreign-kinds`. Closes part of B4.
 */
export class NetworkForeignKinds extends Construct {
  constructor(scope: Construct, id: string, { platform }: AdmissionProps) {
    super(scope, id);
    new AdmissionPolicy(this, 'admission', {
      mode: platform.guards,
      name: 'portarium-network-foreign-kinds',
      requests: KINDS.map((kind) => ({ ...kind, operations: ['CREATE', 'UPDATE'] })),
      bindings: [{ namespaces: agentNamespaces(platform) }],
      refusals: [
        {
          expression: BREAK_GLASS,
          message: `Among agents only NetworkPolicy and CiliumNetworkPolicy are used, and only those are checked. The group ${GROUPS.breakGlass} alone may write others.`,
        },
      ],
    });
  }
}
