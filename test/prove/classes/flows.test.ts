import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bothSides, cellsOf, farEnds } from '../../../src/prove/classes/flows.js';
import { exactly } from '../../../src/prove/classes/pod-class.js';
import type { PodClass } from '../../../src/prove/classes/pod-class.js';
import { includes } from '../../../src/model/addresses.js';
import { allPolicies, readCluster } from '../../../src/prove/cluster.js';
import type { Cluster } from '../../../src/prove/cluster.js';
import { connect, endpoints } from '../../../src/prove/connect.js';
import type { Pod } from '../../../src/prove/pod.js';
import { equal, intersect, NO_PORTS, subtract, union } from '../../../src/prove/ports.js';
import type { Direction, Policy } from '../../../src/prove/policies/policy.js';
import { cluster as clusters } from '../arbitrary.js';
import { tieredPolicies } from '../arbitrary-tiers.js';
import { readPolicies } from '../../../src/prove/policies/read.js';

/** The keys that the random policies select by. */
const KEYS = ['x', 'y', 'kubernetes.io/metadata.name'];

const classOfPod = ({ namespaces }: Cluster, { namespace, labels }: Pod): PodClass => {
  const own = new Map([['kubernetes.io/metadata.name', namespace]]);
  return exactly({ namespaceLabels: namespaces.get(namespace) ?? own, labels }, KEYS);
};

const mayFlow = (policies: readonly Policy[], from: PodClass, to: PodClass) =>
  union(
    NO_PORTS,
    ...cellsOf(policies, from, 'Egress').flatMap((cell) =>
      bothSides(policies, cell, farEnds(cell, to).pods).map(({ ports }) => ports),
    ),
  );

describe('flows between classes', () => {
  it('of one pod each are what the evaluation of these two pods says, named ports apart, which may be any', () => {
    fc.assert(
      fc.property(clusters, (objects) => {
        const cluster = readCluster(objects);
        const policies = readPolicies(objects).policies;
        const named = policies.some(({ sides }) =>
          Object.values(sides).some(({ rules }) => rules.some(({ namedPorts }) => namedPorts.length > 0)),
        );
        const endpoint = endpoints(cluster);
        const pods = cluster.pods.filter(({ hostNetwork }) => !hostNetwork).map((pod) => ({ ...pod, addresses: [] }));
        for (const from of pods) {
          for (const to of pods.filter((other) => other !== from)) {
            const exact = connect(cluster, endpoint(from), endpoint(to), { ipBlockSelectsPods: false });
            const may = mayFlow(policies, classOfPod(cluster, from), classOfPod(cluster, to));
            expect(subtract(exact, may)).toEqual(NO_PORTS);
            if (!named) expect(equal(exact, may)).toBe(true);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('of every kind of policy, with the addresses that rules open, never allow less than any two pods are allowed', () => {
    const objects = fc.tuple(clusters, tieredPolicies).map(([plain, tiered]) => [...plain, ...tiered]);
    fc.assert(
      fc.property(objects, fc.boolean(), (all, ipBlockSelectsPods) => {
        const cluster = readCluster(all);
        const policies = allPolicies(cluster);
        const endpoint = endpoints(cluster);
        // Whoever has no address yet gets one before its first packet.
        const pods = cluster.pods.filter(({ hostNetwork, addresses }) => !hostNetwork && addresses.length > 0);
        const side = (pod: Pod, direction: Direction, other: Pod) =>
          cellsOf(policies, classOfPod(cluster, pod), direction).flatMap((cell) => {
            const far = farEnds(cell, classOfPod(cluster, other));
            const addressed = far.addresses.filter(({ region }) => other.addresses.some((at) => includes(region, at)));
            return [...far.pods, ...addressed].map(({ ports }) => ports);
          });
        for (const from of pods) {
          for (const to of pods.filter((other) => other !== from)) {
            const exact = connect(cluster, endpoint(from), endpoint(to), { ipBlockSelectsPods });
            const out = union(NO_PORTS, ...side(from, 'Egress', to));
            const into = union(NO_PORTS, ...side(to, 'Ingress', from));
            expect(subtract(exact, intersect(out, into))).toEqual(NO_PORTS);
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
