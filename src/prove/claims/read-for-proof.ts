import { allPolicies, readCluster } from '../cluster.js';
import { undefinedOrder } from '../classes/undefined-order.js';
import type { KubeObject } from '../kube-object.js';
import type { NotEvaluated } from '../not-evaluated.js';
import type { Policy } from '../policies/policy.js';

/**
 * The policies among the objects, and everything that keeps a proof about them open.
 *
 * @throws UnreadableObjectError when an object cannot be read exactly
 */
export function readForProof(objects: readonly KubeObject[]): {
  readonly policies: readonly Policy[];
  readonly notEvaluated: readonly NotEvaluated[];
} {
  const cluster = readCluster(objects);
  const policies = allPolicies(cluster);
  return { policies, notEvaluated: [...cluster.notEvaluated, ...undefinedOrder(policies)] };
}
