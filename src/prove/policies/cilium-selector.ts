import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { Field } from '../kube-object.js';
import { namespaceNamed, readSelector } from '../selector.js';
import type { Requirement, Selector } from '../selector.js';
import type { Peer, Rule } from './policy.js';

const NAMESPACE = 'io.kubernetes.pod.namespace';
const NAMESPACE_LABELS = 'io.cilium.k8s.namespace.labels.';
const CLUSTER = 'io.cilium.k8s.policy.cluster';

/** A selector of Cilium, its labels sorted by what they are about. */
export interface EndpointSelector {
  readonly namespaces: Selector;
  readonly pods: Selector;
  /** Requirements on `reserved:` labels, which no pod with labels of its own carries; keys without the prefix. */
  readonly reserved: Selector;
  /** It names the pod's namespace itself, and not by labels of the namespace. */
  readonly namesNamespace: boolean;
  /** What of it is not decided; then the requirement is left out of the selectors. */
  readonly unknown?: string;
}

/**
 * Reads an `endpointSelector`, `toEndpoints[]` …: keys with the prefixes `k8s:` and `any:`, or none, are labels of pods
 * or, by their names, of their namespaces.
 *
 * @param namespace of a CiliumNetworkPolicy. In it labels of namespaces are ignored by some versions (trap S15).
 */
export function readEndpointSelector(field: Field, namespace: string | undefined): EndpointSelector {
  const read: Record<'namespaces' | 'pods' | 'reserved', Requirement[]> = { namespaces: [], pods: [], reserved: [] };
  let unknown: string | undefined;
  let namesNamespace = false;
  for (const requirement of readSelector(field)) {
    const [, source = '', key = ''] = /^(?:([^:/]*):)?(.*)$/.exec(requirement.key)!;
    if (source === 'reserved') {
      read.reserved.push({ ...requirement, key });
    } else if (source !== '' && source !== 'k8s' && source !== 'any') {
      unknown = `labels of source ${source}`;
    } else if (key === NAMESPACE) {
      namesNamespace = true;
      read.namespaces.push({ ...requirement, key: NAMESPACE_NAME_LABEL });
    } else if (key.startsWith(NAMESPACE_LABELS)) {
      if (namespace !== undefined) unknown = 'labels of namespaces in a policy of one namespace';
      else read.namespaces.push({ ...requirement, key: key.slice(NAMESPACE_LABELS.length) });
    } else if (key === CLUSTER) {
      if (requirement.operator !== 'Exists') unknown = 'names of clusters';
    } else {
      read.pods.push({ ...requirement, key });
    }
  }
  return { ...read, namesNamespace, ...(unknown !== undefined && { unknown }) };
}

/** Whether requirements on reserved labels hold for what has none: every pod. */
export const holdsForPods = ({ reserved }: EndpointSelector): boolean =>
  reserved.every(({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist');

const EVERYTHING_ELSE: readonly Peer[] = [
  { kind: 'nodes', which: 'any' },
  { kind: 'world', families: [4, 6] },
  { kind: 'kube-apiserver' },
];

/**
 * Whom an entry of `toEndpoints` or `fromEndpoints` selects. Without a namespace it is that of the policy, or any in a
 * CiliumClusterwideNetworkPolicy.
 *
 * @returns a reason where it cannot be told
 */
export function endpointPeers(
  field: Field,
  namespace: string | undefined,
  action: Rule['action'],
): readonly Peer[] | string {
  const selector = readEndpointSelector(field, namespace);
  const { namespaces, pods, reserved, namesNamespace, unknown } = selector;
  if (unknown !== undefined) return unknown;
  if (reserved.length > 0) {
    const [only] = reserved;
    const alone = reserved.length === 1 && pods.length === 0 && namespaces.length === 0;
    const positive = only!.operator === 'Exists' || (only!.operator === 'In' && only!.values.has(''));
    const found = alone && positive ? reservedPeers(only!.key) : undefined;
    return found ?? 'reserved labels beside others';
  }
  const placed = namesNamespace || namespace === undefined ? namespaces : namespaceNamed(namespace);
  const selected: Peer = { kind: 'pods', namespaces: placed, pods };
  // `NotIn` alone also holds for what has no namespace at all: nodes and the world.
  const negative = [...namespaces, ...pods].every(
    ({ operator }) => operator === 'NotIn' || operator === 'DoesNotExist',
  );
  return namesNamespace && negative && action === 'Accept' ? [selected, ...EVERYTHING_ELSE] : [selected];
}

/** @returns undefined for what is not known, an empty list for what no packet of a pod's peers carries */
export function reservedPeers(name: string): readonly Peer[] | undefined {
  switch (name) {
    case 'host':
      return [{ kind: 'nodes', which: 'own' }];
    case 'remote-node':
      return [{ kind: 'nodes', which: 'other' }];
    case 'world':
      return [{ kind: 'world', families: [4, 6] }];
    case 'world-ipv4':
      return [{ kind: 'world', families: [4] }];
    case 'world-ipv6':
      return [{ kind: 'world', families: [6] }];
    case 'kube-apiserver':
      return [{ kind: 'kube-apiserver' }];
    case 'none':
      return [];
    default:
      return undefined;
  }
}
