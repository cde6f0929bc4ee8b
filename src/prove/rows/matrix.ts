import type { Cluster } from '../cluster.js';
import { connect, endpoints } from '../connect.js';
import { isEmpty, union } from '../ports.js';
import type { PortSet } from '../ports.js';
import { addressPeers, connectionsOf } from '../rows.js';
import type { Connection } from '../rows.js';
import type { Reading } from '../rules.js';
import { disjointRanges, podAddresses, worldRanges } from '../world.js';
import type { WorldRange } from '../world.js';
import { classIndex } from './class-index.js';
import { classPairs } from './class-pairs.js';
import { allRules, podClasses } from './pod-classes.js';

/** Who may open connections to whom, on which ports of the destination. Plain data, fit for JSON. */
export interface MatrixRow {
  /** A workload, as `ns/name[Kind]`, or one CIDR. */
  readonly src: string;
  readonly dst: string;
  readonly connections: readonly Connection[];
}

/** A row in which one end may be many CIDRs with the same ports, under one label. */
export interface RangeRow extends MatrixRow {
  readonly range?: { readonly end: 'src' | 'dst'; readonly cidrs: readonly string[] };
}

/**
 * A row for each pair of workloads of which at least one pod may open a connection to one of the other's, and for each
 * workload and range of addresses, in both directions. A workload has no row with itself. Sorted by source, then by
 * destination. Pods that no policy can tell apart are decided once.
 */
export function matrix(cluster: Cluster, reading: Reading = {}): RangeRow[] {
  const rules = allRules(cluster);
  const classes = podClasses(cluster, rules);
  const endpointOf = endpoints(cluster);
  const ends = classes.map(({ pods }) => endpointOf(pods[0]!));
  const pairs = new Map<string, { src: string; dst: string; ports: PortSet[] }>();
  for (const [from, to] of classPairs(ends, classIndex(cluster, classes))) {
    const [src, dst] = [classes[from]!.workload, classes[to]!.workload];
    if (src === dst) continue;
    const ports = connect(cluster, ends[from]!, ends[to]!, reading);
    if (isEmpty(ports)) continue;
    const key = JSON.stringify([src, dst]);
    const pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, { src, dst, ports: [ports] });
    else pair.ports.push(ports);
  }
  const between = [...pairs.values()].map(({ src, dst, ports }) => {
    return { src, dst, connections: connectionsOf(union(...ports)) };
  });

  const taken = podAddresses(cluster);
  const byWorkload = Map.groupBy(ends, ({ pod }) => pod.workload);
  const world = [...byWorkload].flatMap(([workload, of]) => {
    const out = of.map(({ egress, pod }) => worldRanges(cluster, egress, pod, undefined, taken));
    const into = of.map(({ ingress, pod }) => worldRanges(cluster, ingress, pod, pod, taken));
    return [...rangeRows(workload, 'dst', out), ...rangeRows(workload, 'src', into)];
  });
  return [...between, ...world].sort(bySourceThenDestination);
}

/** As the machine-readable form has them: one CIDR a row. */
export function oneCidrARow(rows: readonly RangeRow[]): MatrixRow[] {
  return rows
    .flatMap(({ range, ...row }) => range?.cidrs.map((cidr): MatrixRow => ({ ...row, [range.end]: cidr })) ?? [row])
    .sort(bySourceThenDestination);
}

function rangeRows(workload: string, end: 'src' | 'dst', ranges: readonly WorldRange[][]): RangeRow[] {
  const together = ranges.length === 1 ? ranges[0]! : disjointRanges(ranges.flat());
  return addressPeers(together).map(({ label, cidrs = [], connections }) => {
    const [src, dst] = end === 'src' ? [label, workload] : [workload, label];
    return { src, dst, connections, range: { end, cidrs } };
  });
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
const bySourceThenDestination = (a: MatrixRow, b: MatrixRow): number => compare(a.src, b.src) || compare(a.dst, b.dst);
