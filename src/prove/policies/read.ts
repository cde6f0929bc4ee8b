import { Field } from '../kube-object.js';
import type { KubeObject } from '../kube-object.js';
import { changesReachability, describe, notEvaluated as otherKinds } from '../not-evaluated.js';
import type { NotEvaluated } from '../not-evaluated.js';
import { readAdminNetworkPolicy } from './admin-network-policy.js';
import { readCiliumPolicy } from './cilium-policy.js';
import { readClusterNetworkPolicy } from './cluster-network-policy.js';
import { readNetworkPolicy } from './network-policy.js';
import type { Policy } from './policy.js';
import { remember, rememberList } from '../remember.js';
import { isReferred, referencesOf } from './references.js';
import type { References } from './references.js';

/** What of an object could not be decided, as a reason. */
export type Note = (reason: string) => void;

type Reader = (object: Field, references: References, note: Note) => readonly Policy[];

const READERS: Readonly<Record<string, Reader>> = {
  'networking.k8s.io/v1 NetworkPolicy': (object) => [readNetworkPolicy(object)],
  'policy.networking.k8s.io/v1alpha2 ClusterNetworkPolicy': readClusterNetworkPolicy,
  'policy.networking.k8s.io/v1alpha1 AdminNetworkPolicy': readAdminNetworkPolicy,
  'policy.networking.k8s.io/v1alpha1 BaselineAdminNetworkPolicy': readAdminNetworkPolicy,
  'cilium.io/v2 CiliumNetworkPolicy': readCiliumPolicy,
  'cilium.io/v2 CiliumClusterwideNetworkPolicy': readCiliumPolicy,
};

/** Whether policies of this kind are evaluated. */
export function isEvaluated({ apiVersion, kind }: KubeObject): boolean {
  return Object.hasOwn(READERS, `${apiVersion} ${kind}`);
}

/** Whether an object is a policy, of a kind that is evaluated or not, or something that one may point at. */
export const decidesPolicies = (object: KubeObject): boolean =>
  isEvaluated(object) || isReferred(object) || changesReachability(object.apiVersion, object.kind);

/** Policies among objects, and what of them, and of other kinds, is not decided. */
export interface ReadPolicies {
  readonly policies: readonly Policy[];
  readonly notEvaluated: readonly NotEvaluated[];
}

/**
 * Reads the policies of every known kind among the objects (lists opened).
 *
 * @throws UnreadableObjectError for what the API server, or the plugin, would refuse
 */
export const readPolicies = (objects: readonly KubeObject[]): ReadPolicies => policyReader()(objects);

/** As `readPolicies`, for several sets of objects: an object that is in more than one of them gives the same policies. */
export function policyReader(): (objects: readonly KubeObject[]) => ReadPolicies {
  const referencesAmong = rememberList(referencesOf);
  const readerFor = remember((references: References) => remember((object: KubeObject) => readOne(object, references)));
  return (objects) => {
    const read = objects.filter(isEvaluated).map(readerFor(referencesAmong(objects.filter(isReferred))));
    return {
      policies: read.flatMap(({ policies }) => policies),
      notEvaluated: [
        ...otherKinds(objects.filter((object) => !isEvaluated(object))),
        ...read.flatMap(({ notEvaluated }) => notEvaluated),
      ],
    };
  };
}

function readOne(object: KubeObject, references: References): ReadPolicies {
  const reasons = new Set<string>();
  const policies = READERS[`${object.apiVersion} ${object.kind}`]!(Field.of(object), references, (reason) =>
    reasons.add(reason),
  );
  return { policies, notEvaluated: [...reasons].map((reason) => describe(object, reason)) };
}
