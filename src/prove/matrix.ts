import { formatCidrs } from '../model/addresses.js';
import type { Cluster } from './cluster.js';
import { connect, endpoints } from './connect.js';
import type { Endpoint } from './connect.js';
import { isEmpty, union } from './ports.js';
import type { PortSet } from './ports.js';
import { connectionsOf } from './rows.js';
import type { Connection } from './rows.js';
import type { Reading } from './rules.js';
import { podAddresses, worldRanges } from './world.js';

/** Who may open connections to whom, on which ports of the destination. Plain data, fit for JSON. */
export interface MatrixRow {
  /** A workload, as `ns/name[Kind]`, or one CIDR. */
  readonly src: string;
  readonly dst: string;
  readonly connections: readonly Connection[];
}

/**
 * A row for each pair of workloads of which at least one pod may open a connection to one of the other's, and for each
 * workload and address range, in both directions. A workload has no row with itself. Sorted by source, then destination.
 */
export function matrix(cluster: Cluster, reading: Reading = {}): MatrixRow[] {
  const endpointOf = endpoints(cluster);
  const byWorkload = Map.groupBy(cluster.pods, ({ workload }) => workload);
  const workloads = [...byWorkload].map(([name, pods]) => ({ name, ends: pods.map(endpointOf) }));
  const taken = podAddresses(cluster);
  const between = workloads.flatMap((from) =>
    workloads.flatMap((to) => {
      if (from === to) return [];
      const ports = from.ends.flatMap((a) => to.ends.map((b) => connect(cluster, a, b, reading)));
      return row(from.name, to.name, union(...ports));
    }),
  );
  const world = workloads.flatMap(({ name, ends }) =>
    ends.flatMap((end: Endpoint) => [
      ...worldRanges(end.egress, undefined, taken).flatMap(({ addresses, ports }) =>
        formatCidrs(addresses).flatMap((cidr) => row(name, cidr, ports)),
      ),
      ...worldRanges(end.ingress, end.pod, taken).flatMap(({ addresses, ports }) =>
        formatCidrs(addresses).flatMap((cidr) => row(cidr, name, ports)),
      ),
    ]),
  );
  return [...between, ...world].sort((a, b) => (a.src === b.src ? (a.dst < b.dst ? -1 : 1) : a.src < b.src ? -1 : 1));
}

function row(src: string, dst: string, ports: PortSet): MatrixRow[] {
  return isEmpty(ports) ? [] : [{ src, dst, connections: connectionsOf(ports) }];
}
