import { setOf } from '../model/addresses.js';
import type { AddressSet } from '../model/addresses.js';
import { NAMESPACE_NAME_LABEL } from '../model/names.js';
import { Field, flatten } from './kube-object.js';
import type { KubeObject } from './kube-object.js';
import type { NotEvaluated } from './not-evaluated.js';
import { readPod } from './pod.js';
import type { Pod } from './pod.js';
import type { Policy } from './policies/policy.js';
import { readPolicies } from './policies/read.js';
import { referencesOf } from './policies/references.js';
import { selects } from './selector.js';
import type { Labels, Selector } from './selector.js';
import { readService } from './service.js';
import type { Service } from './service.js';
import { existing, undefinedOrder } from './undefined-order.js';
import { workloads } from './workload.js';

/** What of a cluster decides who reaches whom, read once. */
export interface Cluster {
  readonly pods: readonly Pod[];
  readonly services: readonly Service[];
  /** Policies that select pods of one namespace only, by its name, and all others under the empty name. */
  readonly policies: ReadonlyMap<string, readonly Policy[]>;
  /** The position of each policy among all. */
  readonly order: ReadonlyMap<Policy, number>;
  readonly namespaces: ReadonlyMap<string, Labels>;
  /** Addresses of nodes, as pods and Node objects tell them. */
  readonly nodes: AddressSet;
  /** Where the API server listens; empty when not known. */
  readonly apiServer: AddressSet;
  readonly notEvaluated: readonly NotEvaluated[];
}

export interface ObjectRef {
  readonly namespace: string;
  readonly name: string;
}

/**
 * Reads objects as the API returns them, of any kind; lists are opened. Kinds that cannot matter are passed over, those
 * that may and are not understood are named in `notEvaluated`.
 *
 * @throws UnreadableObjectError when an object that matters cannot be read exactly
 */
export function readCluster(objects: readonly KubeObject[]): Cluster {
  const cluster = readObjects(objects, readPolicies);
  const undecided = undefinedOrder(allPolicies(cluster), existing(cluster));
  return { ...cluster, notEvaluated: [...cluster.notEvaluated, ...undecided] };
}

/** As {@link readCluster}, but for policies whose order is not defined: for callers who ask for which pods it is not. */
export function readObjects(objects: readonly KubeObject[], read: typeof readPolicies): Cluster {
  const all = flatten(objects);
  const workloadOf = workloads(all);
  const ofKind = (apiVersion: string, kind: string): KubeObject[] =>
    all.filter((object) => object.apiVersion === apiVersion && object.kind === kind);
  const { policies, notEvaluated } = read(all);
  const { nodes, apiServer } = referencesOf(all);
  const pods = ofKind('v1', 'Pod')
    .map((object) => readPod(object, workloadOf(object)))
    .filter((pod) => pod !== undefined);
  return {
    pods,
    services: ofKind('v1', 'Service').map((object) => readService(Field.of(object))),
    policies: Map.groupBy(policies, namespaceOf),
    order: new Map(policies.map((policy, i) => [policy, i])),
    namespaces: new Map(ofKind('v1', 'Namespace').map(readNamespace)),
    nodes: setOf([
      ...nodes.flatMap(({ addresses }) => addresses),
      ...pods.flatMap(({ nodeAddresses }) => nodeAddresses),
      ...pods.flatMap(({ hostNetwork, addresses }) => (hostNetwork ? addresses : [])),
    ]),
    apiServer,
    notEvaluated,
  };
}

/** Every policy of the cluster. */
export const allPolicies = ({ policies }: Cluster): readonly Policy[] => [...policies.values()].flat();

/** @param cluster objects, or what {@link readCluster} made of them, for callers with many questions */
export function asCluster(cluster: readonly KubeObject[] | Cluster): Cluster {
  return 'pods' in cluster ? cluster : readCluster(cluster);
}

/** @throws RangeError when there is no such pod, or it has ended */
export function findPod({ pods }: Cluster, { namespace, name }: ObjectRef): Pod {
  const found = pods.find((pod) => pod.namespace === namespace && pod.name === name);
  if (found !== undefined) return found;
  const there = pods.filter((pod) => pod.namespace === namespace).map((pod) => pod.name);
  const known = there.length === 0 ? 'none' : there.slice(0, 5).join(', ') + (there.length > 5 ? ', …' : '');
  throw new RangeError(`no running pod ${namespace}/${name}; pods in ${namespace}: ${known}`);
}

/** Whether a namespace selector picks this namespace. One without an object carries only its own name as a label. */
export function selectsNamespace({ namespaces }: Cluster, selector: Selector, namespace: string): boolean {
  return selects(selector, namespaces.get(namespace) ?? nameLabel(namespace));
}

function readNamespace(object: KubeObject): [string, Labels] {
  const metadata = Field.of(object).at('metadata');
  const name = metadata.at('name').text();
  // The API server sets the name label on every write, whatever a manifest says.
  return [name, new Map([...metadata.at('labels').labels(), ...nameLabel(name)])];
}

/** The only namespace that a policy can select pods of, or the empty name. */
function namespaceOf({ subject: { namespaces } }: Policy): string {
  const named = namespaces.find(({ key, operator, values }) => {
    return key === NAMESPACE_NAME_LABEL && operator === 'In' && values.size === 1;
  });
  return [...(named?.values ?? [''])][0]!;
}

function nameLabel(namespace: string): Labels {
  return new Map([[NAMESPACE_NAME_LABEL, namespace]]);
}
