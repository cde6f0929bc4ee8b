import { NAMESPACE_NAME_LABEL } from '../../../model/names.js';
import type { Field } from '../../kube-object.js';
import { readSelector } from '../../selector.js';
import type { Requirement, Selector } from '../../selector.js';
import { namespaceNamed } from '../policy.js';

/** The pods that an EndpointSelector picks. */
export interface SelectedPods {
  readonly namespaces: Selector;
  readonly pods: Selector;
  /** It may also pick what is no pod, such as the world: nothing in it demands the label of a namespace. */
  readonly beyondPods: boolean;
  /** Why it may pick others than these pods, as far as that is not known here. */
  readonly unsure?: string;
}

const POD_NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const CLUSTER = 'io.cilium.k8s.policy.cluster';

/**
 * Reads an EndpointSelector of cilium.io/v2: keys with their source (`k8s:`, `any:`), the pod's namespace and the
 * namespace's labels among them. Without a key for the namespace, it is that of the policy; in a clusterwide policy
 * every pod's (getEndpointSelector in Cilium's pkg/k8s/apis/cilium.io/utils).
 *
 * @param own namespace of the policy; undefined for a clusterwide one
 */
export function readEndpointSelector(field: Field, own: string | undefined): SelectedPods {
  const requirements = readSelector(field).map((requirement) => ({
    ...requirement,
    key: withoutSource(requirement.key),
  }));
  const placing = requirements.filter(({ key }) => key === POD_NAMESPACE);
  const labelled = requirements.filter(({ key }) => key.startsWith(NAMESPACE_LABELS));
  const pods = requirements.filter(({ key }) => !isSpecial(key));
  const unsure = [
    ...requirements.filter(({ key }) => key.startsWith('reserved:')).map(({ key }) => `selects ${key}`),
    ...(requirements.some(({ key }) => key === CLUSTER) ? [`goes by ${CLUSTER}`] : []),
    ...(own !== undefined && labelled.length > 0
      ? ['goes by labels of namespaces in a namespaced policy (trap S15)']
      : []),
  ];
  const namespaces = [
    ...placing.map((requirement) => ({ ...requirement, key: NAMESPACE_NAME_LABEL })),
    ...(own === undefined ? labelled.map(renamed) : []),
    ...(own !== undefined && placing.length === 0 && labelled.length === 0 ? namespaceNamed(own) : []),
  ];
  return {
    namespaces,
    pods,
    beyondPods: placing.length > 0 && !placing.some(({ operator }) => operator === 'In' || operator === 'Exists'),
    ...(unsure.length > 0 && { unsure: unsure.join(', ') }),
  };
}

const isSpecial = (key: string): boolean =>
  key === POD_NAMESPACE || key === CLUSTER || key.startsWith(NAMESPACE_LABELS) || key.startsWith('reserved:');

const renamed = (requirement: Requirement): Requirement => ({
  ...requirement,
  key: requirement.key.slice(NAMESPACE_LABELS.length),
});

/** `k8s:app` and `any:app` are `app`: pods have no labels of other sources. */
const withoutSource = (key: string): string => key.replace(/^(k8s|any)[:.]/, '');
