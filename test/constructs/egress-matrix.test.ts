import { describe, expect, it } from 'vitest';
import { isOpenedAtPlatform, openEdges } from '../../src/model/edges.js';
import { platformEdges } from '../../src/model/platform-edges.js';
import { workspaceEdges } from '../../src/model/workspace-edges.js';
import type { Edge, End } from '../../src/model/edges.js';
import { keyOf, type KubeObject } from '../../src/model/kube-object.js';
import { LEVELS, modesAt, type Level } from '../../src/model/levels.js';
import { NAMESPACES } from '../../src/model/names.js';
import type { Platform } from '../../src/model/platform.js';
import { explain, reach, reachedBy, reachTable } from '../../src/prove/index.js';
import { ACME, GLOBEX } from '../model/examples.js';
import { clusterOf, deployed, podsOf, TWO, type TestPod } from './cluster.js';

const NODE_LOCAL: Platform = {
  ...TWO,
  cluster: { ...TWO.cluster, dns: { ...TWO.cluster.dns, nodeLocalAddress: '169.254.20.10' } },
};
const TCP = [
  ...[
    22, 53, 443, 1053, 2112, 4317, 5432, 6443, 8080, 8081, 8082, 8200, 8443, 8444, 8445, 9443, 9464, 9988, 10250, 15020,
  ],
  ...[18789, 50051],
];
const PACKETS = [
  ...TCP.map((port) => ({ protocol: 'TCP', port }) as const),
  ...[53, 443, 1053, 4317].map((port) => ({ protocol: 'UDP', port }) as const),
  { protocol: 'SCTP', port: 443 } as const,
];

/**
 * Whether the edge matrix says that one pod may open a connection to another: each end by the edges that are open there.
 * The platform's own ends are open always, but where a workspace's stack opens them.
 */
function intended(platform: Platform, level: Level) {
  const opened = [ACME, GLOBEX].map(
    (workspace) => [workspace.namespace, openEdges(workspaceEdges(platform, workspace), modesAt(level))] as const,
  );
  const ofPlatform = platformEdges(platform);
  const ofWorkspace = new Map(opened);
  const reachingPlatform = [
    ...ofPlatform.filter((edge) => !isOpenedAtPlatform(edge)),
    ...opened.flatMap(([, edges]) => edges.filter(isOpenedAtPlatform)),
  ];
  const own = Object.values<string>(NAMESPACES);
  const edgesAt = ({ namespace }: TestPod, direction: 'from' | 'to'): readonly Edge[] | undefined => {
    if (!own.includes(namespace)) return ofWorkspace.get(namespace);
    return direction === 'from' ? ofPlatform : reachingPlatform;
  };
  const is = (end: End, pod: TestPod): boolean =>
    end.kind === 'pods' &&
    end.namespace === pod.namespace &&
    Object.entries(end.labels).every(([key, value]) => pod.labels[key] === value);
  return (from: TestPod, to: TestPod, protocol: string, port: number): boolean => {
    const holds = (edges: readonly Edge[] | undefined): boolean =>
      edges === undefined ||
      edges.some(
        (edge) =>
          is(edge.from, from) &&
          is(edge.to, to) &&
          edge.ports.some((each) => each.protocol === protocol && [each.service, each.target].includes(port)),
      );
    return holds(edgesAt(from, 'from')) && holds(edgesAt(to, 'to'));
  };
}

describe.each([
  ['agent-dns', TWO],
  ['NodeLocal DNSCache', NODE_LOCAL],
])('the network policies with %s', (_what, platform) => {
  it.each(LEVELS)('let through what the edge matrix says at `%s`, between any two pods on any port', (level) => {
    const objects = deployed(level, platform);
    const pods = podsOf(platform, objects);
    const cluster = clusterOf(pods, objects);
    const allows = intended(platform, level);
    const wrong: string[] = [];
    for (const from of pods) {
      for (const to of pods) {
        if (from === to) continue;
        for (const { protocol, port } of PACKETS) {
          const { verdict } = explain(cluster, from, { destination: { ...to }, protocol, port });
          if (verdict === (allows(from, to, protocol, port) ? 'allowed' : 'denied')) continue;
          wrong.push(`${from.namespace}/${from.name} to ${to.namespace}/${to.name} ${protocol} ${port}: ${verdict}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });
});

const SALES_BOT = { namespace: ACME.namespace, name: 'sales-bot' };

describe('a pod of the agents’ namespace', () => {
  const table = (level: Level, name: string): string => {
    const objects = deployed(level);
    const { rows } = reach(clusterOf(podsOf(TWO, objects), objects), { namespace: ACME.namespace, name });
    return `\n${reachTable(rows)}\n`;
  };

  it('reaches the front, the collector and its DNS server at `enforced`, and nothing else', () => {
    expect(table('enforced', 'sales-bot')).toBe(`
TO                                           PORTS
portarium-agents/agent-dns-ws-acme[Pod]      TCP 53, 1053; UDP 53, 1053
portarium-control-plane/api-server[Pod]      TCP 443, 8443, 50051
portarium-observability/otel-collector[Pod]  TCP 4317
`);
  });

  it('without labels reaches nothing at any level', () => {
    for (const level of LEVELS) expect(table(level, 'unlabelled')).toBe('\nnothing\n');
  });

  it('reaches public addresses on the declared ports at every level below, and nothing else outside', () => {
    const outside = [
      ...['8.8.8.8', '2606:4700::1111', '169.254.169.254', 'fd00:ec2::254', '168.63.129.16', '100.100.100.200'],
      ...[
        '10.0.0.5',
        '10.96.0.1',
        '35.190.1.1',
        '35.200.7.1',
        '10.250.0.1',
        '192.168.1.1',
        '127.0.0.1',
        'fe80::1',
        '2600:1f18:10::9',
        '2600:1f18:20::9',
      ],
    ];
    for (const level of LEVELS) {
      const objects = deployed(level);
      const cluster = clusterOf(podsOf(TWO, objects), objects);
      const open = outside.flatMap((destination) =>
        PACKETS.filter((packet) => explain(cluster, SALES_BOT, { destination, ...packet }).verdict === 'allowed').map(
          ({ protocol, port }) => `${destination} ${protocol} ${port}`,
        ),
      );
      const world = ['8.8.8.8', '2606:4700::1111'].flatMap((to) => [`${to} TCP 443`, `${to} TCP 8443`]);
      expect(open).toEqual(level === 'enforced' ? [] : world);
    }
  });
});

describe('every network policy and every rule in it is needed:', () => {
  /** What is open from and to every pod of a namespace: a policy there can change nothing else. */
  const signature = (pods: readonly TestPod[], objects: readonly KubeObject[], namespace: string): string => {
    const cluster = clusterOf(pods, objects);
    return JSON.stringify(
      pods
        .filter((pod) => pod.namespace === namespace)
        .map((pod) => [reach(cluster, pod).rows, reachedBy(cluster, pod).rows]),
    );
  };
  type Spec = { egress: unknown[]; ingress: unknown[] };

  // Either workspace lets the workers in by bearer token; where none does, the workers' own end of it opens nothing.
  it.each([
    ['routing', ['acme', 'globex'].map((id) => `portarium-control-plane/api-server-ws-${id}-open-mtls ingress[1]`)],
    ['enforced', ['portarium-execution/worker-allow egress[3]']],
  ] as const)('deleting any one at `%s` changes what is open, but for what is said', (level, spare) => {
    const objects = deployed(level);
    const pods = podsOf(TWO, objects);
    const before = new Map<string, string>();
    const unnoticed: string[] = [];
    const check = (what: string, policy: KubeObject, mutant: readonly KubeObject[]): void => {
      const namespace = policy.metadata.namespace!;
      if (!before.has(namespace)) before.set(namespace, signature(pods, objects, namespace));
      if (signature(pods, mutant, namespace) === before.get(namespace)) unnoticed.push(what);
    };
    let mutants = 0;
    for (const policy of objects) {
      if (policy.kind !== 'NetworkPolicy') continue;
      const others = objects.filter((object) => object !== policy);
      check(keyOf(policy), policy, others);
      const spec = policy['spec'] as Spec;
      for (const direction of ['egress', 'ingress'] as const) {
        spec[direction].forEach((_rule, index) => {
          const rest = spec[direction].filter((_other, at) => at !== index);
          const mutant = { ...policy, spec: { ...spec, [direction]: rest } };
          check(`${keyOf(policy)} ${direction}[${index}]`, policy, [...others, mutant]);
          mutants += 1;
        });
      }
    }
    expect(mutants).toBeGreaterThan(10);
    expect(unnoticed).toEqual(spare.map((rule) => `NetworkPolicy.networking.k8s.io ${rule}`));
  });
});
