import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bothSides, cellsOf, farEnds } from '../../../src/prove/classes/flows.js';
import { exactly } from '../../../src/prove/classes/pod-class.js';
import type { PodClass } from '../../../src/prove/classes/pod-class.js';
import { readCluster } from '../../../src/prove/cluster.js';
import type { Cluster } from '../../../src/prove/cluster.js';
import { connect, endpoints } from '../../../src/prove/connect.js';
import type { Pod } from '../../../src/prove/pod.js';
import { equal, NO_PORTS, subtract, union } from '../../../src/prove/ports.js';
import type { Policy } from '../../../src/prove/policies/policy.js';
import { cluster as clusters } from '../arbitrary.js';
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
});
