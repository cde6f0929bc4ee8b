import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bothSides, cellsOf, farEnds } from '../../../src/prove/classes/flows.js';
import { boxWith, boxWithout, meet } from '../../../src/prove/classes/label-box.js';
import type { LabelBox } from '../../../src/prove/classes/label-box.js';
import type { PodClass } from '../../../src/prove/classes/pod-class.js';
import { readCluster } from '../../../src/prove/cluster.js';
import type { Cluster } from '../../../src/prove/cluster.js';
import { connect, endpoints } from '../../../src/prove/connect.js';
import type { Pod } from '../../../src/prove/pod.js';
import { equal, NO_PORTS, subtract, union } from '../../../src/prove/ports.js';
import type { Policy } from '../../../src/prove/policies/policy.js';
import type { Labels } from '../../../src/prove/selector.js';
import { cluster as clusters } from '../arbitrary.js';
import { readPolicies } from '../../../src/prove/policies/read.js';

/** The class that has these labels of `x` and `y`, the keys that the random policies select by, and no others of them. */
const exactly = (labels: Labels): LabelBox =>
  ['x', 'y', 'kubernetes.io/metadata.name'].reduce<LabelBox>((box, key) => {
    const value = labels.get(key);
    return meet(box, value === undefined ? boxWithout(key) : boxWith({ [key]: value }))!;
  }, new Map());

const classOfPod = ({ namespaces }: Cluster, { namespace, labels }: Pod): PodClass => {
  const own = new Map([['kubernetes.io/metadata.name', namespace]]);
  return { namespaces: exactly(namespaces.get(namespace) ?? own), pods: exactly(labels) };
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
