import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCidr, subtract, union, isEmpty, NO_ADDRESSES, intersect } from '../../../src/model/addresses.js';
import { reach, reachedBy, readCluster } from '../../../src/prove/index.js';
import type { Connection, KubeObject } from '../../../src/prove/index.js';
import { matrix, oneCidrARow } from '../../../src/prove/rows/matrix.js';
import { cluster } from '../arbitrary.js';
import { egress, ingress, namespace, pod, policy } from '../objects.js';

const EVERYTHING = [
  { protocol: 'TCP', ports: [[1, 65535]] },
  { protocol: 'UDP', ports: [[1, 65535]] },
  { protocol: 'SCTP', ports: [[1, 65535]] },
  { protocol: 'other', ports: [] },
];

describe('the rows of a cluster', () => {
  it('are who reaches whom: workloads in pairs and address ranges both ways, sorted', () => {
    const web = (name: string): KubeObject =>
      pod(name, { labels: { app: 'web' }, owner: { kind: 'StatefulSet', name: 'web' } });
    const rows = oneCidrARow(
      matrix(
        readCluster([
          namespace('a'),
          web('web-0'),
          web('web-1'),
          pod('db', { labels: { app: 'db' } }),
          policy('db', {
            podSelector: { matchLabels: { app: 'db' } },
            policyTypes: ['Ingress', 'Egress'],
            ingress: [{ from: [{ podSelector: { matchLabels: { app: 'web' } } }], ports: [{ port: 5432 }] }],
            egress: [
              {
                to: [{ ipBlock: { cidr: '192.0.2.0/30', except: ['192.0.2.0/32'] } }],
                ports: [{ port: 53, protocol: 'UDP' }],
              },
            ],
          }),
        ]),
      ),
    );
    const dns = [{ protocol: 'UDP', ports: [[53, 53]] }];
    expect(rows).toEqual([
      { src: '0.0.0.0/0', dst: 'a/web[StatefulSet]', connections: EVERYTHING },
      { src: '::/0', dst: 'a/web[StatefulSet]', connections: EVERYTHING },
      { src: 'a/db[Pod]', dst: '192.0.2.1/32', connections: dns },
      { src: 'a/db[Pod]', dst: '192.0.2.2/31', connections: dns },
      { src: 'a/web[StatefulSet]', dst: '0.0.0.0/0', connections: EVERYTHING },
      { src: 'a/web[StatefulSet]', dst: '::/0', connections: EVERYTHING },
      { src: 'a/web[StatefulSet]', dst: 'a/db[Pod]', connections: [{ protocol: 'TCP', ports: [[5432, 5432]] }] },
    ]);
  });

  it('have each address once, where pods of one workload are not under the same policies', () => {
    const owner = { kind: 'StatefulSet', name: 'db' };
    const toPort = (name: string, role: string, cidr: string, port: number): KubeObject =>
      policy(name, {
        ...egress({ to: [{ ipBlock: { cidr } }], ports: [{ port }] }),
        podSelector: { matchLabels: { role } },
      });
    const rows = oneCidrARow(
      matrix(
        readCluster([
          pod('db-0', { owner, labels: { role: 'first' } }),
          pod('db-1', { owner, labels: { role: 'second' } }),
          policy('in', ingress()),
          toPort('first', 'first', '192.0.2.0/24', 1),
          toPort('second', 'second', '192.0.2.0/25', 2),
        ]),
      ),
    );
    expect(rows).toEqual([
      { src: 'a/db[StatefulSet]', dst: '192.0.2.0/25', connections: [{ protocol: 'TCP', ports: [[1, 2]] }] },
      { src: 'a/db[StatefulSet]', dst: '192.0.2.128/25', connections: [{ protocol: 'TCP', ports: [[1, 1]] }] },
    ]);
  });

  const text = (connections: readonly Connection[]): string => JSON.stringify(connections);

  it('are what each pod reaches and is reached by, asked one by one', () => {
    let found = 0;
    fc.assert(
      fc.property(cluster, fc.boolean(), (objects, ipBlockSelectsPods) => {
        const read = readCluster(objects);
        const expected = read.pods.flatMap(({ namespace: ns, name, workload }) => {
          const there = { namespace: ns, name };
          const out = reach(read, there, { ipBlockSelectsPods }).rows.map(({ to, cidrs, connections }) => {
            return [workload, cidrs ?? to, text(connections)];
          });
          const into = reachedBy(read, there, { ipBlockSelectsPods }).rows.filter(({ cidrs }) => cidrs);
          return [...out, ...into.map(({ cidrs, connections }) => [cidrs, workload, text(connections)])];
        });
        const rows = matrix(read, { ipBlockSelectsPods }).map(({ src, dst, range, connections }) => {
          const end = (side: 'src' | 'dst', label: string) => (range?.end === side ? range.cidrs : label);
          return [end('src', src), end('dst', dst), text(connections)];
        });
        const sorted = (all: unknown[]): string[] => all.map((row) => JSON.stringify(row)).sort();
        expect(sorted(rows)).toEqual(sorted(expected));
        found += rows.length;
      }),
      { numRuns: 400 },
    );
    expect(found).toBeGreaterThan(2000);
  });

  it('of a workload are those of its pods together', () => {
    fc.assert(
      fc.property(cluster, fc.boolean(), (objects, ipBlockSelectsPods) => {
        // Every second pod of a namespace belongs to one workload.
        const owned = objects.map((object, i) =>
          object.kind === 'Pod' && i % 2 === 0
            ? {
                ...object,
                metadata: { ...object.metadata, ownerReferences: [{ kind: 'Job', name: 'w', controller: true }] },
              }
            : object,
        );
        const read = readCluster(owned);
        const rows = matrix(read, { ipBlockSelectsPods });
        for (const { namespace: ns, name, workload } of read.pods) {
          for (const row of reach(read, { namespace: ns, name }, { ipBlockSelectsPods }).rows) {
            if (row.to === workload) continue;
            const mine = rows.filter(
              ({ src, dst, range }) => src === workload && (row.cidrs ? range?.end === 'dst' : dst === row.to),
            );
            if (row.cidrs === undefined) expect(mine).toHaveLength(1);
            else {
              const wanted = union(NO_ADDRESSES, ...row.cidrs.map((cidr) => parseCidr(cidr)));
              const ranges = mine.map(({ range }) =>
                union(NO_ADDRESSES, ...range!.cidrs.map((cidr) => parseCidr(cidr))),
              );
              expect(isEmpty(subtract(wanted, union(NO_ADDRESSES, ...ranges)))).toBe(true);
              ranges.forEach((one, i) =>
                ranges.slice(i + 1).forEach((two) => expect(isEmpty(intersect(one, two))).toBe(true)),
              );
            }
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
