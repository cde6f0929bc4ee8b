import { allPolicies } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import { exposure } from '../classes/exposure.js';
import { exactly } from '../classes/pod-class.js';
import { NAMESPACE_NAME_LABEL } from '../../model/names.js';
import type { Pod } from '../pod.js';
import type { Policy } from '../policies/policy.js';
import { union } from '../ports.js';
import type { PortSet } from '../ports.js';
import type { Labels } from '../selector.js';
import { connectionsOf } from '../rows.js';
import type { MatrixRow } from './matrix.js';

/**
 * Pods that do not exist yet, in words (`[any namespace]/[pods app=web]`), that a workload could reach or be reached by;
 * a row for each group of them that the policies treat alike. Rules by address are left to the rows of ranges.
 */
export function exposureRows(cluster: Cluster): readonly MatrixRow[] {
  const policies = allPolicies(cluster);
  const keys = new Set([NAMESPACE_NAME_LABEL, ...policies.flatMap(keysOf)]);
  const onPodNetwork = cluster.pods.filter(({ hostNetwork }) => !hostNetwork);
  return [...Map.groupBy(onPodNetwork, ({ workload }) => workload)].flatMap(([workload, pods]) => {
    const rows = (direction: 'Egress' | 'Ingress'): readonly MatrixRow[] => {
      const found = distinctPods(pods).flatMap((pod) =>
        exposure(
          policies,
          exactly({ namespaceLabels: namespaceLabels(cluster, pod.namespace), labels: pod.labels }, keys),
          direction,
        ),
      );
      return [...Map.groupBy(found, (exposed) => exposed.pods)].map(([others, same]): MatrixRow => {
        const connections = connectionsOf(union(...same.map(({ ports }): PortSet => ports)));
        return direction === 'Egress'
          ? { src: workload, dst: others, connections }
          : { src: others, dst: workload, connections };
      });
    };
    return [...rows('Egress'), ...rows('Ingress')];
  });
}

const namespaceLabels = ({ namespaces }: Cluster, name: string): Labels =>
  namespaces.get(name) ?? new Map([[NAMESPACE_NAME_LABEL, name]]);

/** The keys of all its selectors. */
const keysOf = ({ subject, sides }: Policy): readonly string[] =>
  [
    subject,
    ...Object.values(sides).flatMap(({ rules }) =>
      rules.flatMap(({ peers = [] }) => peers.flatMap((peer) => (peer.kind === 'pods' ? [peer] : []))),
    ),
  ].flatMap(({ namespaces, pods }) => [...namespaces, ...pods].map(({ key }) => key));

/** Replicas count once. */
const distinctPods = (pods: readonly Pod[]): readonly Pod[] => [
  ...new Map(pods.map((pod) => [JSON.stringify([...pod.labels].sort()), pod])).values(),
];
