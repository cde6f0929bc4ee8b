import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { includes, parseAddress, parseCidr } from '../../src/model/addresses.js';
import { explain, reach, reachedBy, readCluster } from '../../src/prove/index.js';
import type { Connection, KubeObject } from '../../src/prove/index.js';
import { cluster, PORTS, STRANGERS } from './arbitrary.js';
import { tieredPolicies } from './arbitrary-tiers.js';
import { naiveAllows, type NaivePacket } from './naive.js';
import { naiveTieredAllows } from './naive-tiers.js';

const PROTOCOLS = ['TCP', 'UDP', 'SCTP', 'other'] as const;
/** Every kind of packet: the ports that policies name and two between them. */
const PACKETS = PROTOCOLS.flatMap((protocol) =>
  (protocol === 'other' ? [0] : [...PORTS, 2, 1000]).map((port) => ({ protocol, port })),
);

interface PodObject {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: { readonly hostNetwork?: boolean };
  readonly status: { readonly podIPs?: readonly { readonly ip: string }[] };
}

const podsOf = (objects: readonly KubeObject[]): PodObject[] =>
  objects.filter(({ kind }) => kind === 'Pod') as unknown as PodObject[];
const ipsOf = (pod: PodObject): string[] => (pod.status.podIPs ?? []).map(({ ip }) => ip);
const ref = ({ metadata }: PodObject): PodObject['metadata'] => metadata;
const workload = (pod: PodObject): string => `${pod.metadata.namespace}/${pod.metadata.name}[Pod]`;
const family = (ip: string): number => (ip.includes(':') ? 6 : 4);

function pairs(source: PodObject, destination: PodObject): [string | undefined, string | undefined][] {
  const all: [string | undefined, string | undefined][] = [];
  for (const from of ipsOf(source).length > 0 ? ipsOf(source) : [undefined]) {
    for (const to of ipsOf(destination).length > 0 ? ipsOf(destination) : [undefined]) {
      if (from === undefined || to === undefined || family(from) === family(to)) all.push([from, to]);
    }
  }
  return all;
}

function holds(connections: readonly Connection[], protocol: string, port: number): boolean {
  return connections.some(
    (connection) =>
      connection.protocol === protocol &&
      (protocol === 'other' || connection.ports.some(([first, last]) => first <= port && port <= last)),
  );
}

describe('the evaluator agrees with a naive one, packet by packet,', () => {
  const reading = fc.boolean();

  it('on every pair of pods, in both directions', () => {
    let packets = 0;
    let allowed = 0;
    fc.assert(
      fc.property(cluster, reading, (objects, ipBlockSelectsPods) => {
        const read = readCluster(objects);
        for (const source of podsOf(objects)) {
          const out = reach(read, ref(source), { ipBlockSelectsPods }).rows;
          for (const destination of podsOf(objects).filter((other) => other !== source)) {
            const to = out.find((row) => row.to === workload(destination))?.connections ?? [];
            const into = reachedBy(read, ref(destination), { ipBlockSelectsPods }).rows;
            expect(into.find((row) => row.from === workload(source))?.connections ?? []).toEqual(to);
            for (const { protocol, port } of PACKETS) {
              const expected = pairs(source, destination).some(([from, at]) => {
                const packet = {
                  source: { pod: source, ip: from },
                  destination: { pod: destination, ip: at },
                  protocol,
                  port,
                };
                return naiveAllows(objects, packet, ipBlockSelectsPods);
              });
              if (holds(to, protocol, port) !== expected) {
                expect.fail(
                  `${workload(source)} to ${workload(destination)} ${protocol} ${port}: should be ${expected}`,
                );
              }
              packets++;
              allowed += Number(expected);
            }
          }
        }
      }),
      { numRuns: 600 },
    );
    expect(packets).toBeGreaterThan(100_000);
    // The clusters must be neither open nor closed as a whole, else agreement says little.
    expect(allowed / packets).toBeGreaterThan(0.2);
    expect(allowed / packets).toBeLessThan(0.8);
  });

  it('on addresses of nobody, in both directions', () => {
    fc.assert(
      fc.property(cluster, reading, (objects, ipBlockSelectsPods) => {
        const taken = new Set(podsOf(objects).flatMap(ipsOf));
        const read = readCluster(objects);
        for (const pod of podsOf(objects)) {
          const rows = {
            out: reach(read, ref(pod), { ipBlockSelectsPods }).rows,
            into: reachedBy(read, ref(pod), { ipBlockSelectsPods }).rows,
          };
          for (const ip of STRANGERS.filter((stranger) => !taken.has(stranger))) {
            for (const direction of ['out', 'into'] as const) {
              const row = rows[direction].filter(({ cidrs = [] }) =>
                cidrs.some((cidr) => includes(parseCidr(cidr), parseAddress(ip))),
              );
              // One row an address: ranges are disjoint.
              expect(row.length).toBeLessThanOrEqual(1);
              for (const { protocol, port } of PACKETS) {
                const [source, destination] = direction === 'out' ? [{ pod }, { ip }] : [{ ip }, { pod }];
                const expected = naiveAllows(objects, { source, destination, protocol, port }, ipBlockSelectsPods);
                expect(holds(row[0]?.connections ?? [], protocol, port)).toBe(expected);
              }
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('when asked to explain one packet', () => {
    fc.assert(
      fc.property(cluster, reading, fc.constantFrom(...PACKETS), (objects, ipBlockSelectsPods, { protocol, port }) => {
        const [source, destination] = podsOf(objects) as [PodObject, PodObject];
        const ways = pairs(source, destination);
        fc.pre(ways.length > 0);
        const packet = { destination: ref(destination), protocol, port };
        const told = explain(objects, ref(source), packet, { ipBlockSelectsPods });
        const expected = ways.some(([from, to]) =>
          naiveAllows(
            objects,
            { source: { pod: source, ip: from }, destination: { pod: destination, ip: to }, protocol, port },
            ipBlockSelectsPods,
          ),
        );
        expect(told.verdict).toBe(expected ? 'allowed' : 'denied');
        for (const side of [told.egress, told.ingress!]) {
          expect(side.allowed).toBe(side.isolatedBy.length === 0 || side.allowedBy.length > 0);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('and the reading in which ipBlock selects pods allows all that the other does', () => {
    fc.assert(
      fc.property(cluster, (objects) => {
        for (const source of podsOf(objects)) {
          const wide = reach(objects, ref(source)).rows;
          for (const { to, connections } of reach(objects, ref(source), { ipBlockSelectsPods: false }).rows) {
            const same = wide.find((row) => row.to === to)!.connections;
            for (const { protocol, port } of PACKETS) {
              if (holds(connections, protocol, port)) expect(holds(same, protocol, port)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });

  it('on policies of every kind together', () => {
    const seen = new Map<string, number>();
    fc.assert(
      fc.property(cluster, tieredPolicies, reading, (made, policies, ipBlockSelectsPods) => {
        const objects = [...made, ...policies];
        const read = readCluster(objects);
        const pods = podsOf(objects);
        const taken = new Set(pods.filter(({ spec }) => !spec.hostNetwork).flatMap(ipsOf));
        const strangers = [...STRANGERS, ...pods.flatMap(ipsOf)].filter((ip) => !taken.has(ip));
        const check = (connections: readonly Connection[], ways: NaivePacket[], what: string): void => {
          for (const { protocol, port } of PACKETS) {
            const expected = ways.some((way) =>
              naiveTieredAllows(objects, { ...way, protocol, port }, ipBlockSelectsPods),
            );
            seen.set(`${expected}`, (seen.get(`${expected}`) ?? 0) + 1);
            if (holds(connections, protocol, port) !== expected)
              expect.fail(`${what} ${protocol} ${port}: should be ${expected}`);
          }
        };
        for (const pod of pods) {
          const [out, into] = [
            reach(read, ref(pod), { ipBlockSelectsPods }).rows,
            reachedBy(read, ref(pod), { ipBlockSelectsPods }).rows,
          ];
          for (const other of pods.filter((one) => one !== pod)) {
            const ways = pairs(pod, other).map(([from, at]) => ({
              ...{ source: { pod, ip: from }, destination: { pod: other, ip: at } },
              ...{ protocol: 'TCP' as const, port: 1 },
            }));
            check(
              out.find(({ to }) => to === workload(other))?.connections ?? [],
              ways,
              `${workload(pod)} to ${workload(other)}`,
            );
          }
          for (const ip of strangers) {
            const at = (rows: readonly { cidrs?: readonly string[]; connections: readonly Connection[] }[]) =>
              rows.find(({ cidrs = [] }) => cidrs.some((cidr) => includes(parseCidr(cidr), parseAddress(ip))))
                ?.connections ?? [];
            const of = { protocol: 'TCP' as const, port: 1 };
            check(at(out), [{ source: { pod }, destination: { ip }, ...of }], `${workload(pod)} to ${ip}`);
            check(at(into), [{ source: { ip }, destination: { pod }, ...of }], `${ip} to ${workload(pod)}`);
          }
        }
      }),
      { numRuns: 150 },
    );
    expect(seen.get('true')).toBeGreaterThan(30_000);
    expect(seen.get('false')).toBeGreaterThan(30_000);
  }, 60_000);
});
