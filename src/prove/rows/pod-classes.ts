import { FAMILIES } from '../../model/addresses.js';
import type { Address, AddressSet, Family } from '../../model/addresses.js';
import { allPolicies } from '../cluster.js';
import type { Cluster } from '../cluster.js';
import type { Pod } from '../pod.js';
import type { Rule } from '../policies/policy.js';

/** Pods of one workload that no policy of the cluster can tell apart: what holds for one holds for all. */
export interface PodClass {
  readonly workload: string;
  readonly pods: readonly Pod[];
}

/** The pods as classes, in the order of their first pod. */
export function podClasses({ pods, apiServer }: Cluster, rules: readonly Rule[]): PodClass[] {
  const blockOf = addressBlocks(rules, apiServer);
  const keyOf = (pod: Pod): string =>
    JSON.stringify([
      pod.workload,
      pod.namespace,
      [...pod.labels].sort(),
      pod.hostNetwork,
      pod.ports,
      pod.addresses.map(blockOf),
      // The nodes of pods on the pod network are no matter to the policies about them.
      pod.hostNetwork ? pod.nodeAddresses.map(blockOf) : [],
    ]);
  return [...Map.groupBy(pods, keyOf).values()].map((equal) => ({ workload: equal[0]!.workload, pods: equal }));
}

export const allRules = (cluster: Cluster): Rule[] =>
  allPolicies(cluster).flatMap(({ sides }) => Object.values(sides).flatMap(({ rules }) => rules));

/** Addresses between the same two neighbouring bounds of all ranges are in the same ranges: as `4:17`. */
function addressBlocks(rules: readonly Rule[], apiServer: AddressSet): (address: Address) => string {
  const ranges = rules.flatMap(({ peers = [] }) => peers.flatMap((peer) => (peer.kind === 'addresses' ? [peer] : [])));
  const boundsOf = (family: Family): bigint[] => {
    const bounds = new Set(
      [apiServer, ...ranges.map(({ addresses }) => addresses)].flatMap((set) =>
        set[family].flatMap(({ from, end }) => [from, end]),
      ),
    );
    return [...bounds].sort((a, b) => (a < b ? -1 : 1));
  };
  const bounds = Object.fromEntries(FAMILIES.map((family) => [family, boundsOf(family)])) as Record<Family, bigint[]>;
  return ({ family, value }) => `${family}:${firstAbove(bounds[family], value)}`;
}

/** How many of the sorted values are at most `value`. */
export function firstAbove(sorted: readonly bigint[], value: bigint): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (sorted[middle]! <= value) low = middle + 1;
    else high = middle;
  }
  return low;
}
