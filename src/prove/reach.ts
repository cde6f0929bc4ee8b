import { formatAddress } from '../model/addresses.js';
import { asCluster, findPod } from './cluster.js';
import type { Cluster, ObjectRef } from './cluster.js';
import { connect, endpoints } from './connect.js';
import type { KubeObject } from './kube-object.js';
import { describe } from './not-evaluated.js';
import type { NotEvaluated } from './not-evaluated.js';
import type { Pod } from './pod.js';
import { isEmpty, union } from './ports.js';
import type { PortSet } from './ports.js';
import { addressPeers, connectionsOf } from './rows.js';
import type { PeerRow } from './rows.js';
import type { Isolation } from './isolation.js';
import type { Reading } from './rules.js';
import { podAddresses, worldRanges } from './world.js';

export type ReachRow = Omit<PeerRow, 'label'> & { readonly to: string };
export type ReachedByRow = Omit<PeerRow, 'label'> & { readonly from: string };

/** What one pod reaches, or is reached by, according to the policies of the cluster. Plain data, fit for JSON. */
export interface Reachability<Row> {
  /** The pod's workload, as `ns/name[Kind]`. */
  readonly workload: string;
  /** Whether any policy isolates the pod in this direction; if none does, everything is allowed on its side. */
  readonly isolated: boolean;
  /** Workloads by name, then addresses. Nothing that is not in a row is allowed, if the answer is `complete`. */
  readonly rows: readonly Row[];
  /** Objects that may change the answer and were not understood. */
  readonly notEvaluated: readonly NotEvaluated[];
  /** False when anything is in `notEvaluated`: then say "not evaluated", never "closed". */
  readonly complete: boolean;
  /** What NetworkPolicy itself does not decide about this pod, as sentences. */
  readonly notes: readonly string[];
}

/**
 * Where a pod may open connections to, from the policies of every evaluated kind among the objects: its own egress
 * and each destination's ingress. Pods are collapsed to their workload: a row holds what at least one of them accepts.
 * Ports are those of the pods, behind any Service ({@link serviceReach}). That the nodes enforce policies is assumed.
 *
 * @param objects all pods, namespaces and network policies, and every object for which {@link changesReachability} holds
 * @throws UnreadableObjectError when an object cannot be read exactly
 * @throws RangeError when there is no such running pod
 */
export function reach(
  objects: readonly KubeObject[] | Cluster,
  source: ObjectRef,
  reading: Reading = {},
): Reachability<ReachRow> {
  const cluster = asCluster(objects);
  const endpoint = endpoints(cluster);
  const from = endpoint(findPod(cluster, source));
  const peers = [
    ...workloadPeers(cluster, from.pod, (other) => connect(cluster, from, endpoint(other), reading)),
    ...addressPeers(worldRanges(cluster, from.egress, from.pod, undefined, podAddresses(cluster))),
  ];
  return answer(
    cluster,
    from.pod,
    from.egress,
    peers.map(({ label, ...peer }) => ({ to: label, ...peer })),
  );
}

/** Who may open connections to a pod: {@link reach} in reverse, with the pod's own ports. */
export function reachedBy(
  objects: readonly KubeObject[] | Cluster,
  destination: ObjectRef,
  reading: Reading = {},
): Reachability<ReachedByRow> {
  const cluster = asCluster(objects);
  const endpoint = endpoints(cluster);
  const to = endpoint(findPod(cluster, destination));
  const peers = [
    ...workloadPeers(cluster, to.pod, (other) => connect(cluster, endpoint(other), to, reading)),
    ...addressPeers(worldRanges(cluster, to.ingress, to.pod, to.pod, podAddresses(cluster))),
  ];
  return answer(
    cluster,
    to.pod,
    to.ingress,
    peers.map(({ label, ...peer }) => ({ from: label, ...peer })),
  );
}

/** The pod itself is left out, other replicas of its workload are not. */
function workloadPeers(cluster: Cluster, pod: Pod, ports: (other: Pod) => PortSet): PeerRow[] {
  const byWorkload = Map.groupBy(
    cluster.pods.filter((other) => other !== pod),
    ({ workload }) => workload,
  );
  return [...byWorkload]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([label, pods]) => {
      const allowed = union(...pods.map((other) => ports(other)));
      return { label, pods, allowed };
    })
    .filter(({ allowed }) => !isEmpty(allowed))
    .map(({ label, pods, allowed }) => ({
      label,
      ...(pods.some(({ hostNetwork }) => hostNetwork) && { hostNetwork: true as const }),
      connections: connectionsOf(allowed),
    }));
}

function answer<Row>(
  cluster: Cluster,
  pod: Pod,
  isolated: Isolation | undefined,
  rows: readonly Row[],
): Reachability<Row> {
  const notEvaluated = [...cluster.notEvaluated, ...networksOf(pod)];
  return {
    workload: pod.workload,
    isolated: isolated?.isolates === true,
    rows,
    notEvaluated,
    complete: notEvaluated.length === 0,
    notes: notesOn(cluster, pod, isolated),
  };
}

export function networksOf({ secondaryNetworks, namespace, name }: Pod): NotEvaluated[] {
  const reason = 'attached to secondary networks (k8s.v1.cni.cncf.io/networks)';
  return secondaryNetworks ? [describe({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } }, reason)] : [];
}

function notesOn({ pods }: Cluster, pod: Pod, isolated: Isolation | undefined): string[] {
  const without = pods.filter((other) => other !== pod && other.addresses.length === 0).length;
  const node = pod.nodeAddresses.map(formatAddress).join(', ');
  return [
    ...(pod.hostNetwork ? ["It shares its node's network: no policy is certain to isolate it."] : []),
    ...(!pod.hostNetwork && isolated?.isolates !== true ? ['No policy isolates it in this direction.'] : []),
    ...(pod.addresses.length === 0 ? ['It has no address yet: rules by ipBlock are not counted for it.'] : []),
    ...(without > 0
      ? [`${without} other pod(s) without an address yet: rules by ipBlock are not counted for them.`]
      : []),
    ...(pod.hostNetwork || node === '' ? [] : [`Traffic with its own node (${node}) is not subject to NetworkPolicy.`]),
  ];
}
