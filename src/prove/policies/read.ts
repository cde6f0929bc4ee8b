import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { describe } from '../not-evaluated.js';
import type { EVALUATED, NotEvaluated } from '../not-evaluated.js';
import { readCiliumPolicy } from './cilium/cilium-network-policy.js';
import { ciliumFacts } from './cilium/facts.js';
import {
  readAdminNetworkPolicy,
  readBaselineAdminNetworkPolicy,
  readClusterNetworkPolicy,
} from './cluster-network-policy.js';
import { readNetworkPolicy } from './network-policy.js';
import type { Policy } from './policy.js';
import { undefinedOrder } from './priorities.js';

export interface ReadPolicies {
  readonly policies: readonly Policy[];
  /** What of them is not decided here. */
  readonly notEvaluated: readonly NotEvaluated[];
}

type Reader = (object: KubeObject) => { readonly policies: readonly Policy[]; readonly unsure: readonly string[] };

const one =
  (read: (object: Field) => Policy): Reader =>
  (object) => ({ policies: [read(Field.of(object))], unsure: [] });

const READERS: Readonly<Record<(typeof EVALUATED)[number], 'cilium' | Reader>> = {
  'networking.k8s.io/v1 NetworkPolicy': one(readNetworkPolicy),
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': one(readClusterNetworkPolicy),
  'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy': one(readAdminNetworkPolicy),
  'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy': one(readBaselineAdminNetworkPolicy),
  'cilium.io/v2 CiliumNetworkPolicy': 'cilium',
  'cilium.io/v2 CiliumClusterwideNetworkPolicy': 'cilium',
};

/**
 * The policies of every kind that is evaluated, in the form that both evaluations share.
 *
 * @throws UnreadableObjectError when one of them cannot be read exactly
 */
export function readPolicies(objects: readonly KubeObject[]): ReadPolicies {
  const facts = ciliumFacts(objects);
  const read = objects.flatMap((object) => {
    const reader = (READERS as Readonly<Record<string, 'cilium' | Reader>>)[`${object.apiVersion} ${object.kind}`];
    if (reader === undefined) return [];
    const { policies, unsure } = reader === 'cilium' ? readCiliumPolicy(Field.of(object), facts) : reader(object);
    return [{ policies, notEvaluated: unsure.map((reason) => describe(object, reason)) }];
  });
  const policies = read.flatMap((each) => each.policies);
  return {
    policies,
    notEvaluated: [...read.flatMap(({ notEvaluated }) => notEvaluated), ...undefinedOrder(policies)],
  };
}
