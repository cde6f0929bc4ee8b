import { allPolicies, readObjects } from '../cluster.js';
import { couldSelectTogether } from '../classes/flows.js';
import { flatten } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import type { NotEvaluated } from '../not-evaluated.js';
import type { Policy } from '../policies/policy.js';
import { decidesPolicies, policyReader } from '../policies/read.js';
import { oneOfEach, rememberList } from '../remember.js';
import { undefinedOrder } from '../undefined-order.js';

/** The policies among objects, and everything that keeps a proof about them open. */
export interface ReadForProof {
  readonly policies: readonly Policy[];
  readonly notEvaluated: readonly NotEvaluated[];
}

/** @throws UnreadableObjectError when an object cannot be read exactly */
export const readForProof = (objects: readonly KubeObject[]): ReadForProof => proofReader()(objects);

/**
 * As {@link readForProof}, for several sets of objects, as the steps of an update leave them: equal policies are read
 * once, sets of equal ones have one answer, and the order in which they come is no matter. So whatever is remembered of a
 * policy, or of a list of them, holds for all the sets.
 */
export function proofReader(): (objects: readonly KubeObject[]) => ReadForProof {
  const inOrder = oneOfEach<KubeObject>();
  const read = policyReader();
  const readAll = rememberList((objects: readonly KubeObject[]) => {
    const cluster = readObjects(objects, read);
    const policies = allPolicies(cluster);
    return { policies, notEvaluated: [...cluster.notEvaluated, ...undefinedOrder(policies, couldSelectTogether)] };
  });
  return (objects) => {
    const all = flatten(objects);
    const deciding = inOrder(all.filter(decidesPolicies));
    return readAll([...deciding, ...all.filter((object) => !decidesPolicies(object))]);
  };
}
